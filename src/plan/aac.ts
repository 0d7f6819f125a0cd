/** AAC settings → encoder (spec audio.md 3.1). The encoder is libfdk_aac, which has AAC-LC only. */

import { aacBitrates } from '../contract/relations/aac.table.ts';
import type { AacCodecProfile, AacSettings } from '../contract/types.generated.ts';
import { type AacChannels, aacVbrBitrates, aacVbrModes, defaultAacBitrates } from './aac.table.ts';
import { type AudioCodecPlace, type AudioEncode, audioEncoder, hasAudioType } from './audio-encode.ts';
import type { FindingLog } from './finding-log.ts';
import { describedAudioType } from './mpeg-audio.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What becomes of HE-AAC, which the encoder does not have: AAC-LC near the same bit rate, or a refusal. */
export type HeAacPolicy = 'lc' | 'refuse';

const codingModes: Readonly<Record<AacChannels, string>> = {
  1: 'CODING_MODE_1_0',
  2: 'CODING_MODE_2_0',
  6: 'CODING_MODE_5_1',
};

const channelsByMode = { CODING_MODE_1_0: 1, CODING_MODE_2_0: 2, CODING_MODE_5_1: 6 } as const;

/**
 * Plans an AAC encode. The source's channels decide CODING_MODE_AUTO. Returns null, with findings, when the settings
 * name no operating point of the encoder.
 */
export function planAac(
  settings: SettingsReader<AacSettings>,
  place: AudioCodecPlace,
  heAac: HeAacPolicy,
  findings: FindingLog,
): AudioEncode | null {
  const xhe = 'it belongs to xHE-AAC, which is not encoded';
  for (const key of ['loudnessMeasurementMode', 'rapInterval', 'targetLoudnessRange'] as const)
    settings.postponed(key, xhe);

  const channels = readChannels(settings, place.sourceChannels);
  const sampleRateHz = settings.read('sampleRate') ?? 48000;
  const profile = settings.read('codecProfile') ?? 'LC';
  const isVariable = settings.read('rateControlMode') === 'VBR';
  if (channels === null) return null;
  const transport = readTransport(settings, place.container, channels, sampleRateHz);
  if (isVariable) {
    // The rows of mono have every sample rate.
    if (!aacBitrates.has(`LC/${codingModes[1]}/${sampleRateHz}`))
      findings.notSupported(settings.at('sampleRate'), sampleRateHz, 'AAC has no such sample rate');
    return planVariableRate(settings, transport);
  }

  settings.withoutEffect('vbrQuality', 'the rate control mode is CBR');
  const wanted = settings.read('bitrate') ?? defaultAacBitrates[channels];
  const legal = aacBitrates.get(`LC/${codingModes[channels]}/${sampleRateHz}`) ?? [];
  const bitrateBps =
    profile === 'LC' ? wanted : replaceProfile(settings, profile, legal, wanted, heAac, findings);
  if (bitrateBps !== null && !legal.includes(bitrateBps)) {
    // The contract has refused every fixed point; this one follows the source (CODING_MODE_AUTO).
    findings.incompatible(
      settings.at('bitrate'),
      `AAC-LC with ${channels} channels at ${sampleRateHz} Hz has the bit rates ${legal.join(', ') || 'none'}`,
    );
  }
  return {
    ...transport,
    nominalBitrateBps: wanted,
    encoder: audioEncoder('AAC', 'libfdk_aac', bitrateBps ?? wanted, {
      profile: 'aac_low',
      afterburner: '1',
    }),
  };
}

type AacTransport = Omit<AudioEncode, 'encoder' | 'nominalBitrateBps'>;

/** Framing is for elementary streams and transport streams; other containers hold bare AAC. */
function readTransport(
  settings: SettingsReader<AacSettings>,
  container: string,
  channels: AacChannels,
  sampleRateHz: number,
): AacTransport {
  const isRaw = container === 'RAW';
  settings.accept(
    'rawFormat',
    isRaw ? ['NONE', 'LATM_LOAS'] : ['NONE'],
    'only raw audio outputs can have it',
  );
  const hasHeaders = isRaw || container === 'M2TS';
  settings.accept(
    'specification',
    hasHeaders ? ['MPEG4', 'MPEG2'] : ['MPEG4'],
    'only raw audio and transport streams can have it',
  );
  const isLatm = settings.read('rawFormat') === 'LATM_LOAS';
  const isMpeg2 = settings.read('specification') === 'MPEG2';
  const isTyped = hasAudioType(container);
  if (!isTyped) {
    settings.withoutEffect('audioDescriptionBroadcasterMix', 'the container has no audio_type', ['NORMAL']);
  }
  const isMixed = isTyped && settings.read('audioDescriptionBroadcasterMix') === 'BROADCASTER_MIXED_AD';
  return {
    channels,
    layout: layouts[channels],
    sampleRateHz,
    sampleFormat: 's16',
    filters: [],
    raw: {
      muxer: isLatm ? 'latm' : 'adts',
      muxerOptions: isMpeg2 && !isLatm ? { write_mpeg2: '1' } : {},
      contentType: 'audio/aac',
      extension: 'aac',
      needsScratch: false,
    },
    audioType: isMixed ? describedAudioType : null,
    isMpeg2,
  };
}

const layouts: Readonly<Record<AacChannels, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' };

function readChannels(settings: SettingsReader<AacSettings>, sourceChannels: number): AacChannels | null {
  const accepted = settings.accept(
    'codingMode',
    ['CODING_MODE_1_0', 'CODING_MODE_2_0', 'CODING_MODE_5_1', 'CODING_MODE_AUTO'],
    'AAC is encoded as mono, stereo or 5.1',
  );
  const mode = settings.read('codingMode') ?? 'CODING_MODE_2_0';
  if (!accepted || mode === 'AD_RECEIVER_MIX' || mode === 'CODING_MODE_1_1') return null;
  if (mode !== 'CODING_MODE_AUTO') return channelsByMode[mode];
  // Counts between the modes take the nearest lower one (spec audio.md 2, inferred).
  return sourceChannels >= 6 ? 6 : sourceChannels === 1 ? 1 : 2;
}

function planVariableRate(settings: SettingsReader<AacSettings>, transport: AacTransport): AudioEncode {
  settings.withoutEffect('bitrate', 'the rate control mode is VBR');
  const quality = settings.read('vbrQuality') ?? 'MEDIUM_HIGH';
  const [mono, perChannel] = aacVbrBitrates[quality];
  const nominalBitrateBps = transport.channels === 1 ? mono : perChannel * transport.channels;
  const options = { profile: 'aac_low', afterburner: '1', vbr: `${aacVbrModes[quality]}` };
  return { ...transport, nominalBitrateBps, encoder: audioEncoder('AAC', 'libfdk_aac', 0, options) };
}

/** AAC-LC in place of a profile without an encoder: the legal LC bit rate nearest to the wanted one (README, HE-AAC). */
function replaceProfile(
  settings: SettingsReader<AacSettings>,
  profile: AacCodecProfile,
  legal: readonly number[],
  wanted: number,
  heAac: HeAacPolicy,
  findings: FindingLog,
): number | null {
  const nearest = legal.find((bitrate) => bitrate >= wanted) ?? legal.at(-1);
  if (heAac === 'refuse' || profile === 'XHE' || nearest === undefined) {
    findings.notSupported(settings.at('codecProfile'), profile, 'the AAC encoder has the LC profile only');
    return null;
  }
  findings.notice(
    'substituted',
    settings.at('codecProfile'),
    `${profile} has no encoder here: encoded as AAC-LC at ${nearest} bit/s`,
  );
  return nearest;
}
