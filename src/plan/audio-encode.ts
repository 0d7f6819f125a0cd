/** What the audio codec steps take and give, and what they share. */
import type { DolbyFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { EncoderPlan, FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Where an audio description stands: what its container and its source decide for a codec. */
export interface AudioCodecPlace {
  readonly container: string;
  /** Channels after all mixing the job asks for; 0 when the source is silence. */
  readonly sourceChannels: number;
  /** Codec of the one source track, FFmpeg name; null when there is none or tracks are joined. */
  readonly sourceCodec: string | null;
  readonly sourceSampleRateHz: number;
  /** A source track is coded by Dolby. */
  readonly isDolby: boolean;
  /** What the Dolby source says of itself; null: it is none, nothing could be read, or joined tracks differ. */
  readonly sourceDolby: DolbyFacts | null;
  /** The channels are those of one track, and no remix changes them. */
  readonly isUnmixed: boolean;
  /** Loudness that the sound is corrected to, in LKFS; null: it is not. */
  readonly correctedToLkfs: number | null;
}

/** An audio encode, and what its output must know. */
export interface AudioEncode {
  readonly encoder: EncoderPlan;
  readonly channels: number;
  /** Library layout name, e.g. `stereo`, `10 channels`. */
  readonly layout: string;
  readonly sampleRateHz: number;
  readonly sampleFormat: string;
  /** Filters of the codec's own settings, after mixing and before rate conversion. */
  readonly filters: readonly FilterStep[];
  /** Bit rate the job asked for: what `$ra$` shows. */
  readonly nominalBitrateBps: number;
  /** The elementary stream as a file of its own; null where no such file is made. */
  readonly raw: RawAudioFile | null;
  /** ISO 639 audio_type that the codec settings demand, whatever `audioType` says; null: none. */
  readonly audioType: number | null;
  /** ADTS headers say MPEG-2. */
  readonly isMpeg2: boolean;
}

/** An elementary stream as a file (spec containers.md 11, naming.md 4). */
export interface RawAudioFile {
  readonly muxer: string;
  readonly muxerOptions: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly extension: string;
  /** The header tells sizes that are known at the end. */
  readonly needsScratch: boolean;
}

/** Transport streams alone have the ISO 639 descriptor with an audio_type. */
export function hasAudioType(container: string): boolean {
  return container === 'M2TS' || container === 'M3U8';
}

/** Layout names by channel count in the order of sources: L R C LFE Ls Rs (spec audio.md 2). */
const layoutNames: Readonly<Record<number, string>> = {
  1: 'mono',
  2: 'stereo',
  4: 'quad',
  6: '5.1',
  8: '7.1',
};

/** The layout of a plain channel count. */
export function layoutOf(channels: number): string {
  return layoutNames[channels] ?? `${channels} channels`;
}

/** An encoder with everything that sound does not use left alone. */
export function audioEncoder(
  codec: string,
  encoder: string,
  bitrateBps: number,
  options: Readonly<Record<string, string>> = {},
): EncoderPlan {
  return {
    codec,
    encoder,
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

/**
 * Channels of codecs that say a number, or follow the source by default: up to the most the codec has. Tells when the
 * source has more.
 */
export function readChannels(
  settings: SettingsReader<{ channels?: number | undefined }>,
  sourceChannels: number,
  most: number,
  findings: FindingLog,
): number {
  const wanted = settings.read('channels') ?? 0;
  const channels = followedChannels(wanted, sourceChannels, most);
  if (wanted === 0 && sourceChannels > channels) {
    const message = `the ${sourceChannels} channels of the source become ${channels}, as the codec has no form for more`;
    findings.notice('substituted', settings.at('channels'), message);
  }
  return channels;
}

/** Channels of codecs that say a number: 0 follows the source, up to the most the codec has. */
export function followedChannels(wanted: number, sourceChannels: number, most: number): number {
  if (wanted > 0) return wanted;
  if (sourceChannels === 0) return Math.min(2, most);
  const channels = Math.min(sourceChannels, most);
  // The service takes 1 or an even number (spec audio.md A-06).
  return channels > 2 && channels % 2 === 1 ? channels - 1 : channels;
}
