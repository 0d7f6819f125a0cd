/** WAV, AIFF and FLAC settings → encoder (spec audio.md 3.6): uncompressed and lossless sound. */
import type { AiffSettings, FlacSettings, WavSettings } from '../contract/types.generated.ts';
import {
  type AudioCodecPlace,
  type AudioEncode,
  audioEncoder,
  layoutOf,
  readChannels,
} from './audio-encode.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

type PcmSettings = SettingsReader<Pick<WavSettings, 'bitDepth' | 'channels' | 'sampleRate'>>;

/** Depth where the job gives none (spec audio.md 3.6, inferred). */
const defaultBitDepth = 24;

/** Depths that the files are written with (spec audio.md 3.6); the contract lets the whole range between pass. */
const bitDepths = [16, 24] as const;

/** SMPTE ST 302 carries these channel counts (spec containers.md 7). */
const transportChannels: readonly number[] = [2, 4, 6, 8];

/** Plans WAV: little-endian samples, or SMPTE ST 302 in transport streams. */
export function planWav(
  settings: SettingsReader<WavSettings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  const shape = readShape(settings, place, 64, findings);
  if (place.container === 'RAW') {
    const header = settings.read('format') ?? 'RIFF';
    const raw = {
      muxer: 'wav',
      muxerOptions: { header },
      contentType: 'audio/wav',
      extension: 'wav',
      needsScratch: true,
    };
    return { ...pcmEncode(shape, 'WAV', `pcm_s${shape.bitDepth}le`), raw };
  }
  settings.withoutEffect('format', 'it is the header of a WAV file, and the container is another', ['RIFF']);
  if (place.container !== 'M2TS')
    return { ...pcmEncode(shape, 'WAV', `pcm_s${shape.bitDepth}le`), raw: null };
  if (shape.sampleRateHz !== 48_000 || !transportChannels.includes(shape.channels)) {
    findings.incompatible(
      settings.pointer,
      `PCM in transport streams (SMPTE ST 302) has 48000 Hz and 2, 4, 6 or 8 channels, not ${shape.sampleRateHz} Hz and ${shape.channels}`,
    );
  }
  const encoded = pcmEncode(shape, 'WAV', 's302m');
  const options = { strict: 'experimental', ...(shape.bitDepth === 24 ? { bits_per_raw_sample: '24' } : {}) };
  // Four bits of status go with each sample, and four bytes before each frame of about a fiftieth of a second.
  const bitrateBps = shape.channels * (shape.bitDepth + 4) * shape.sampleRateHz + 4 * 8 * 50;
  return { ...encoded, encoder: audioEncoder('WAV', 's302m', bitrateBps, options), raw: null };
}

/** Plans AIFF: big-endian samples. */
export function planAiff(
  settings: SettingsReader<AiffSettings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  const shape = readShape(settings, place, 64, findings);
  const raw = {
    muxer: 'aiff',
    muxerOptions: {},
    contentType: 'audio/aiff',
    extension: 'aiff',
    needsScratch: true,
  };
  return { ...pcmEncode(shape, 'AIFF', `pcm_s${shape.bitDepth}be`), raw };
}

/** Plans FLAC. */
export function planFlac(
  settings: SettingsReader<FlacSettings>,
  place: AudioCodecPlace,
  findings: FindingLog,
): AudioEncode {
  const shape = readShape(settings, place, 8, findings);
  const options = shape.bitDepth === 24 ? { bits_per_raw_sample: '24' } : {};
  return {
    ...pcmEncode(shape, 'FLAC', 'flac'),
    encoder: audioEncoder('FLAC', 'flac', 0, options),
    // Compression saves about two fifths of ordinary programmes; `$ra$` shows the rate of the samples.
    raw: {
      muxer: 'flac',
      muxerOptions: {},
      contentType: 'audio/flac',
      extension: 'flac',
      needsScratch: true,
    },
  };
}

interface PcmShape {
  readonly bitDepth: 16 | 24;
  readonly channels: number;
  readonly sampleRateHz: number;
}

function readShape(
  settings: PcmSettings,
  place: AudioCodecPlace,
  most: number,
  findings: FindingLog,
): PcmShape {
  settings.accept('bitDepth', bitDepths, 'samples are written with 16 or 24 bits');
  return {
    bitDepth: (settings.read('bitDepth') ?? defaultBitDepth) === 16 ? 16 : 24,
    channels: readChannels(settings, place.sourceChannels, most, findings),
    sampleRateHz: settings.read('sampleRate') ?? 48_000,
  };
}

function pcmEncode(
  { bitDepth, channels, sampleRateHz }: PcmShape,
  codec: string,
  encoder: string,
): Omit<AudioEncode, 'raw'> {
  return {
    encoder: audioEncoder(codec, encoder, 0),
    channels,
    layout: layoutOf(channels),
    sampleRateHz,
    sampleFormat: bitDepth === 16 ? 's16' : 's32',
    filters: [],
    nominalBitrateBps: bitDepth * channels * sampleRateHz,
    audioType: null,
    isMpeg2: false,
  };
}
