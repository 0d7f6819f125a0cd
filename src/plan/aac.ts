/** AAC settings → encoder (spec audio.md 3.1). The encoder is libfdk_aac, which has AAC-LC only. */

import { aacBitrates } from '../contract/relations/aac.table.ts';
import type { AacCodecProfile, AacSettings } from '../contract/types.generated.ts';
import { type AacChannels, aacVbrBitrates, aacVbrModes, defaultAacBitrates } from './aac.table.ts';
import type { FindingLog } from './finding-log.ts';
import type { EncoderPlan } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What becomes of HE-AAC, which the encoder does not have: AAC-LC near the same bit rate, or a refusal. */
export type HeAacPolicy = 'lc' | 'refuse';

/** An AAC encode, and what its container must know. */
export interface AacPlan {
  readonly encoder: EncoderPlan;
  readonly channels: AacChannels;
  readonly sampleRateHz: number;
  /** LATM/LOAS framing in raw outputs instead of ADTS. */
  readonly isLatm: boolean;
  /** ADTS headers say MPEG-2. */
  readonly isMpeg2: boolean;
  /** Bit rate the job asked for: what `$ra$` shows. */
  readonly nominalBitrateBps: number;
}

const codingModes: Readonly<Record<AacChannels, string>> = {
  1: 'CODING_MODE_1_0',
  2: 'CODING_MODE_2_0',
  6: 'CODING_MODE_5_1',
};

const channelsByMode = { CODING_MODE_1_0: 1, CODING_MODE_2_0: 2, CODING_MODE_5_1: 6 } as const;

/**
 * Plans an AAC encode. `sourceChannels` decides CODING_MODE_AUTO. Returns null, with findings, when the settings
 * name no operating point of the encoder.
 */
export function planAac(
  settings: SettingsReader<AacSettings>,
  sourceChannels: number,
  allowsRawFraming: boolean,
  heAac: HeAacPolicy,
  findings: FindingLog,
): AacPlan | null {
  readTransport(settings, allowsRawFraming);
  settings.accept(
    'audioDescriptionBroadcasterMix',
    ['NORMAL'],
    'broadcaster-mixed audio descriptions are not marked',
  );
  settings.accept('passthroughControl', ['NO_PASSTHROUGH'], 'audio is always encoded');
  const xhe = 'it belongs to xHE-AAC, which is not encoded';
  for (const key of ['loudnessMeasurementMode', 'rapInterval', 'targetLoudnessRange'] as const)
    settings.postponed(key, xhe);

  const channels = readChannels(settings, sourceChannels);
  const sampleRateHz = settings.read('sampleRate') ?? 48000;
  const profile = settings.read('codecProfile') ?? 'LC';
  const isVariable = settings.read('rateControlMode') === 'VBR';
  if (channels === null) return null;
  const transport = {
    channels,
    sampleRateHz,
    isLatm: settings.read('rawFormat') === 'LATM_LOAS',
    isMpeg2: settings.read('specification') === 'MPEG2',
  };
  if (isVariable) return planVariableRate(settings, transport);

  settings.withoutEffect('vbrQuality', 'the rate control mode is CBR');
  const wanted = settings.read('bitrate') ?? defaultAacBitrates[channels];
  const legal = aacBitrates.get(`LC/${codingModes[channels]}/${sampleRateHz}`) ?? [];
  const bitrateBps =
    profile === 'LC' ? wanted : replaceProfile(settings, profile, legal, wanted, heAac, findings);
  if (bitrateBps === null) return null;
  if (!legal.includes(bitrateBps)) {
    // The contract has refused every fixed point; this one follows the source (CODING_MODE_AUTO).
    findings.incompatible(
      settings.at('bitrate'),
      `AAC-LC with ${channels} channels at ${sampleRateHz} Hz has the bit rates ${legal.join(', ') || 'none'}`,
    );
    return null;
  }
  return {
    ...transport,
    nominalBitrateBps: wanted,
    encoder: encoderPlan(bitrateBps, { profile: 'aac_low', afterburner: '1' }),
  };
}

function readTransport(settings: SettingsReader<AacSettings>, allowsRawFraming: boolean): void {
  const reason = 'only raw audio outputs can have it';
  settings.accept('rawFormat', allowsRawFraming ? ['NONE', 'LATM_LOAS'] : ['NONE'], reason);
  settings.accept('specification', allowsRawFraming ? ['MPEG4', 'MPEG2'] : ['MPEG4'], reason);
}

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

function planVariableRate(
  settings: SettingsReader<AacSettings>,
  transport: Omit<AacPlan, 'encoder' | 'nominalBitrateBps'>,
): AacPlan {
  settings.withoutEffect('bitrate', 'the rate control mode is VBR');
  const quality = settings.read('vbrQuality') ?? 'MEDIUM_HIGH';
  const [mono, perChannel] = aacVbrBitrates[quality];
  const nominalBitrateBps = transport.channels === 1 ? mono : perChannel * transport.channels;
  const options = { profile: 'aac_low', afterburner: '1', vbr: `${aacVbrModes[quality]}` };
  return { ...transport, nominalBitrateBps, encoder: encoderPlan(0, options) };
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

function encoderPlan(bitrateBps: number, options: Readonly<Record<string, string>>): EncoderPlan {
  return {
    codec: 'AAC',
    encoder: 'libfdk_aac',
    options,
    bitrateBps,
    maxBitrateBps: 0,
    bufferSizeBits: 0,
    gopSizeFrames: null,
    maxBFrames: null,
    threads: 1,
    codecTag: null,
    passes: 1,
    color: null,
    endOfStreamMarkers: false,
  };
}
