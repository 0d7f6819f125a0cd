/** AC-3 and E-AC-3 settings → encoder (spec audio.md 3.2, 3.3). Both are 48 kHz only. */
import { ac3LegalBitrates } from '../catalogue/ac3-bitrates.table.ts';
import { ac3Bitrates, type BitrateRange, eac3Bitrates } from '../contract/relations/dolby.table.ts';
import type { Ac3Settings, Eac3Settings } from '../contract/types.generated.ts';
import { type AudioCodecPlace, type AudioEncode, audioEncoder, type RawAudioFile } from './audio-encode.ts';
import { ac3DefaultBitrates, eac3DefaultBitrates } from './dolby.table.ts';
import { planDolbyMetadata } from './dolby-metadata.ts';
import type { FindingLog } from './finding-log.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

const sampleRateHz = 48_000;

const layouts: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 5: '5.0(side)', 6: '5.1(side)' };

const lowFrequencyFilter: FilterStep = { name: 'lowpass', options: { f: '120', channels: 'LFE' } };

/** Plans an AC-3 encode; what cannot be had is told. */
export function planAc3(
  settings: SettingsReader<Ac3Settings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  settings.withoutEffect('sampleRate', 'Dolby Digital has this one rate', [sampleRateHz]);
  const mode = settings.read('codingMode') ?? 'CODING_MODE_2_0';
  if (mode === 'CODING_MODE_1_1') {
    findings.notice(
      'substituted',
      settings.at('codingMode'),
      'two independent mono channels are encoded as one stereo pair',
    );
  }
  const fixed = {
    CODING_MODE_1_0: 1,
    CODING_MODE_1_1: 2,
    CODING_MODE_2_0: 2,
    CODING_MODE_3_2_LFE: 6,
  } as const;
  const channels = mode === 'CODING_MODE_AUTO' ? nearestMode(place.sourceChannels) : fixed[mode];
  const wanted = settings.read('bitrate') ?? ac3DefaultBitrates[channels] ?? 192_000;
  checkFollowedBitrate(settings, wanted, ac3Bitrates.get(ac3Modes[channels] ?? ''), findings);
  const bitrateBps = ac3LegalBitrates.find((legal) => legal >= wanted) ?? 640_000;
  if (bitrateBps !== wanted) {
    findings.notice(
      'substituted',
      settings.at('bitrate'),
      `Dolby Digital has no ${wanted} bit/s: encoded at the next rate, ${bitrateBps} bit/s`,
    );
  }
  const metadata = planDolbyMetadata(settings, place, { codec: 'AC3', channels }, findings);
  declareDynamics(settings);
  settings.leftOut('dynamicRangeCompressionProfile', noRangeControl, ['NONE']);
  return {
    ...dolbyEncode(channels),
    encoder: audioEncoder('AC3', 'ac3', bitrateBps, metadata),
    filters: readLowFrequencyFilter(settings, channels),
    nominalBitrateBps: wanted,
    raw: rawFile('ac3', 'audio/ac3', 'ac3'),
  };
}

/** Plans an E-AC-3 encode; what cannot be had is told. */
export function planEac3(
  settings: SettingsReader<Eac3Settings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  settings.withoutEffect('sampleRate', 'Dolby Digital Plus has this one rate', [sampleRateHz]);
  const mode = settings.read('codingMode') ?? 'CODING_MODE_2_0';
  const fixed = { CODING_MODE_1_0: 1, CODING_MODE_2_0: 2, CODING_MODE_3_2: 6 } as const;
  const full = mode === 'CODING_MODE_AUTO' ? nearestMode(place.sourceChannels) : fixed[mode];
  const isSurround = full === 6;
  if (!isSurround) settings.withoutEffect('lfeControl', 'the coding mode is not 3/2');
  const channels = isSurround && settings.read('lfeControl') === 'NO_LFE' ? 5 : full;
  const bitrateBps = settings.read('bitrate') ?? eac3DefaultBitrates[channels] ?? 192_000;
  checkFollowedBitrate(settings, bitrateBps, eac3Bitrates.get(eac3Modes[full]), findings);
  const metadata = planDolbyMetadata(settings, place, { codec: 'EAC3', channels }, findings);
  declareDynamics(settings);
  return {
    ...dolbyEncode(channels),
    encoder: audioEncoder('EAC3', 'eac3', bitrateBps, metadata),
    filters: [
      ...readLowFrequencyFilter(settings, channels),
      ...(settings.read('dcFilter') === 'DISABLED' ? [] : [{ name: 'highpass', options: { f: '3' } }]),
      ...readAttenuation(settings, isSurround, channels),
    ],
    nominalBitrateBps: bitrateBps,
    raw: rawFile('eac3', 'audio/eac3', 'ec3'),
  };
}

const ac3Modes: Readonly<Record<number, string>> = {
  1: 'CODING_MODE_1_0',
  2: 'CODING_MODE_2_0',
  6: 'CODING_MODE_3_2_LFE',
};
const eac3Modes = { 1: 'CODING_MODE_1_0', 2: 'CODING_MODE_2_0', 6: 'CODING_MODE_3_2' } as const;

/** The contract has refused bit rates of a mode that is given; with CODING_MODE_AUTO the source decides which they are. */
function checkFollowedBitrate(
  settings: SettingsReader<Ac3Settings> | SettingsReader<Eac3Settings>,
  bitrateBps: number,
  range: BitrateRange | undefined,
  findings: FindingLog,
): void {
  if (range === undefined || (bitrateBps >= range.lowestBps && bitrateBps <= range.highestBps)) return;
  const reason = `the channels of the source take ${range.lowestBps} to ${range.highestBps} bit/s`;
  findings.incompatible(settings.at('bitrate'), reason);
}

function dolbyEncode(
  channels: number,
): Pick<AudioEncode, 'channels' | 'layout' | 'sampleRateHz' | 'sampleFormat' | 'audioType' | 'isMpeg2'> {
  return {
    channels,
    layout: layouts[channels] ?? 'stereo',
    sampleRateHz,
    sampleFormat: 'fltp',
    audioType: null,
    isMpeg2: false,
  };
}

/** CODING_MODE_AUTO: 1, 2 or 5.1; other counts take the nearest lower mode (spec audio.md 2, inferred). */
function nearestMode(sourceChannels: number): 1 | 2 | 6 {
  return sourceChannels >= 6 ? 6 : sourceChannels === 1 ? 1 : 2;
}

function readLowFrequencyFilter(
  settings: SettingsReader<Ac3Settings> | SettingsReader<Eac3Settings>,
  channels: number,
): readonly FilterStep[] {
  const reader = settings as SettingsReader<Ac3Settings>;
  if (channels !== 6) {
    reader.withoutEffect('lfeFilter', 'the coding mode has no low frequency channel', ['DISABLED']);
    return [];
  }
  return reader.read('lfeFilter') === 'ENABLED' ? [lowFrequencyFilter] : [];
}

const noRangeControl = 'the encoder writes no dynamic range control words';

function declareDynamics(settings: SettingsReader<Ac3Settings> | SettingsReader<Eac3Settings>): void {
  const reader = settings as SettingsReader<Ac3Settings>;
  reader.leftOut('dynamicRangeCompressionLine', noRangeControl, ['NONE']);
  reader.leftOut('dynamicRangeCompressionRf', noRangeControl, ['NONE']);
}

/** 3 dB less in the surround channels, which stand last. */
function readAttenuation(
  settings: SettingsReader<Eac3Settings>,
  isSurround: boolean,
  channels: number,
): readonly FilterStep[] {
  if (!isSurround) {
    settings.withoutEffect('attenuationControl', 'the coding mode is not 3/2', ['NONE']);
    return [];
  }
  if (settings.read('attenuationControl') !== 'ATTENUATE_3_DB') return [];
  const rows = Array.from(
    { length: channels },
    (_, channel) => `c${channel}=${channel < channels - 2 ? '1' : '0.707107'}*c${channel}`,
  );
  return [{ name: 'pan', options: { args: [layouts[channels] ?? '', ...rows].join('|') } }];
}

function rawFile(muxer: string, contentType: string, extension: string): RawAudioFile {
  return { muxer, muxerOptions: {}, contentType, extension, needsScratch: false };
}
