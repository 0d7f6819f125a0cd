/** MP2 and MP3 settings → encoder (spec audio.md 3.6). */
import type { Mp2Settings, Mp3Settings } from '../contract/types.generated.ts';
import {
  type AudioCodecPlace,
  type AudioEncode,
  audioEncoder,
  hasAudioType,
  layoutOf,
  readChannels,
} from './audio-encode.ts';
import type { FindingLog } from './finding-log.ts';
import {
  layer2Bitrates,
  layer3Bitrates,
  layer3EncoderScales,
  layer3SampleRates,
  layer3VbrBitrates,
} from './mpeg-audio.table.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The library counts quality in these steps (FF_QP2LAMBDA). */
export const qualityUnit = 118;

/** ISO 639 audio_type of a mix with the description for the visually impaired (ISO/IEC 13818-1 table 2-60). */
export const describedAudioType = 3;

/** Plans an MP2 encode; a bit rate that the mode does not have is told. */
export function planMp2(
  settings: SettingsReader<Mp2Settings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  const channels = readChannels(settings, place.sourceChannels, 2, findings);
  const legal: readonly number[] = channels === 1 ? layer2Bitrates.mono : layer2Bitrates.stereo;
  const bitrateBps = settings.read('bitrate') ?? (channels === 1 ? 96_000 : 192_000);
  if (!legal.includes(bitrateBps)) {
    findings.incompatible(
      settings.at('bitrate'),
      `MPEG layer II with ${channels === 1 ? 'one channel' : 'two channels'} has the bit rates ${legal.join(', ')}`,
    );
  }
  const isTyped = hasAudioType(place.container);
  if (!isTyped) settings.withoutEffect('audioDescriptionMix', 'the container has no audio_type', ['NONE']);
  const isMixed = isTyped && settings.read('audioDescriptionMix') === 'BROADCASTER_MIXED_AD';
  return {
    encoder: audioEncoder('MP2', 'mp2', bitrateBps),
    channels,
    layout: layoutOf(channels),
    sampleRateHz: settings.read('sampleRate') ?? 48_000,
    sampleFormat: 's16',
    filters: [],
    nominalBitrateBps: bitrateBps,
    raw: { muxer: 'mp2', muxerOptions: {}, contentType: 'audio/mpeg', extension: 'mp2', needsScratch: false },
    audioType: isMixed ? describedAudioType : null,
    isMpeg2: false,
  };
}

/** Plans an MP3 encode; an operating point that layer III does not have is told. */
export function planMp3(
  settings: SettingsReader<Mp3Settings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  const channels = readChannels(settings, place.sourceChannels, 2, findings);
  const sampleRateHz = settings.read('sampleRate') ?? 48_000;
  if (!layer3SampleRates.includes(sampleRateHz)) {
    findings.notSupported(
      settings.at('sampleRate'),
      sampleRateHz,
      `MP3 has the sample rates ${layer3SampleRates.join(', ')}`,
    );
  }
  const isVariable = settings.read('rateControlMode') === 'VBR';
  const rate = isVariable ? variableRate(settings, channels) : constantRate(settings, sampleRateHz, findings);
  return {
    encoder: { ...audioEncoder('MP3', 'libmp3lame', rate.encoderBps, rate.options), ...levelling(rate) },
    channels,
    layout: layoutOf(channels),
    sampleRateHz,
    sampleFormat: 'fltp',
    filters: [],
    nominalBitrateBps: rate.nominalBps,
    raw: { muxer: 'mp3', muxerOptions: {}, contentType: 'audio/mpeg', extension: 'mp3', needsScratch: true },
    audioType: null,
    isMpeg2: false,
  };
}

interface Layer3Rate {
  readonly encoderBps: number;
  readonly nominalBps: number;
  readonly options: Readonly<Record<string, string>>;
}

function variableRate(settings: SettingsReader<Mp3Settings>, channels: number): Layer3Rate {
  settings.withoutEffect('bitrate', 'the rate control mode is VBR');
  const quality = settings.read('vbrQuality') ?? 4;
  const nominalBps = Math.round(((layer3VbrBitrates[quality] ?? 165_000) * channels) / 2);
  return {
    encoderBps: 0,
    nominalBps,
    options: { flags: '+qscale', global_quality: `${quality * qualityUnit}` },
  };
}

function constantRate(
  settings: SettingsReader<Mp3Settings>,
  sampleRateHz: number,
  findings: FindingLog,
): Layer3Rate {
  settings.withoutEffect('vbrQuality', 'the rate control mode is CBR');
  const bitrateBps = settings.read('bitrate') ?? 128_000;
  const legal: readonly number[] = sampleRateHz >= 32_000 ? layer3Bitrates.mpeg1 : layer3Bitrates.mpeg2;
  if (!legal.includes(bitrateBps))
    findings.incompatible(
      settings.at('bitrate'),
      `MP3 at ${sampleRateHz} Hz has the bit rates ${legal.join(', ')}`,
    );
  return { encoderBps: bitrateBps, nominalBps: bitrateBps, options: {} };
}

/** The encoder's own scale taken back: what is raised here cannot clip, because it is floating point until it is lowered. */
function levelling({ encoderBps }: Layer3Rate): { readonly inputGain?: number } {
  if (encoderBps === 0) return {};
  const scaled = layer3EncoderScales.find(({ mostBps }) => encoderBps <= mostBps);
  return scaled === undefined ? {} : { inputGain: 1 / scaled.scale };
}
