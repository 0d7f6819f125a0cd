/** What combinations of settings are tried for: codecs with containers that carry them, and sources that suit them. */
import type { ContainerType } from '../../src/contract/types.generated.ts';
import type { ClipRecipe } from '../probe/tiny-media.ts';
import { pick, type Random, randomBlock } from './random-settings.ts';

/** A codec. */
export interface Subject {
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  /** Member of `codecSettings`, and its structure in the contract. */
  readonly block: string;
  readonly structure: string;
  readonly containers: readonly ContainerType[];
  readonly sources: readonly SourceName[];
  /** Members that the drawn ones overlay: enough to be legal. */
  draw(random: Random): object;
  /** Members that only `draw` sets. */
  readonly without: readonly string[];
  /** Members of the description beside the codec. */
  describe(random: Random): object;
}

export type SourceName =
  | 'small'
  | 'small-ntsc'
  | 'film'
  | 'fields'
  | 'deep'
  | 'large'
  | 'large-ntsc'
  | 'hd'
  | 'mono'
  | 'stereo'
  | 'stereo-44'
  | 'surround';

function clip(
  widthPx: number,
  heightPx: number,
  frameRate: readonly [number, number],
  frames: number,
  changes: Partial<NonNullable<ClipRecipe['video']>> = {},
): ClipRecipe {
  const options = { preset: 'ultrafast', qp: '24' };
  const video = {
    encoder: 'libx264',
    frames,
    frameRate,
    size: { widthPx, heightPx },
    options,
    ...changes,
  } as const;
  return { muxer: 'mov', video };
}

function sound(channels: number, sampleRateHz = 48_000): ClipRecipe {
  const sampleAt = (n: number, channel: number): number => Math.sin(n / (9 + channel)) * 9000;
  return { muxer: 'mov', audio: { encoder: 'pcm_s16le', seconds: 0.6, channels, sampleRateHz, sampleAt } };
}

/** Tiny, each of another kind. */
export const sources: Readonly<Record<SourceName, ClipRecipe>> = {
  small: clip(320, 180, [25, 1], 10),
  'small-ntsc': clip(320, 240, [30000, 1001], 10),
  film: clip(320, 180, [24000, 1001], 10),
  fields: clip(720, 576, [25, 1], 6, {
    isInterlaced: true,
    options: { preset: 'ultrafast', qp: '24', 'x264-params': 'tff=1' },
  }),
  deep: clip(320, 180, [25, 1], 8, { encoder: 'prores_ks', options: {} }),
  large: clip(1920, 1080, [25, 1], 3),
  'large-ntsc': clip(1920, 1080, [30000, 1001], 3),
  hd: clip(1280, 720, [50, 1], 4),
  mono: sound(1),
  stereo: sound(2),
  'stereo-44': sound(2, 44_100),
  surround: sound(6),
};

const frameRates = [
  [24000, 1001],
  [24, 1],
  [25, 1],
  [30000, 1001],
  [50, 1],
  [60000, 1001],
  [15, 1],
] as const;

const timing = [
  'framerateControl',
  'framerateNumerator',
  'framerateDenominator',
  'parNumerator',
  'parDenominator',
];

function drawTiming(random: Random): object {
  const [framerateNumerator, framerateDenominator] = pick(random, frameRates);
  const rate =
    random() < 0.3 ? { framerateControl: 'SPECIFIED', framerateNumerator, framerateDenominator } : {};
  const [parNumerator, parDenominator] = pick(random, [
    [1, 1],
    [4, 3],
    [16, 11],
    [40, 33],
  ] as const);
  return random() < 0.2 ? { ...rate, parControl: 'SPECIFIED', parNumerator, parDenominator } : rate;
}

/** A rate control that is whole. */
function drawRate(random: Random): object {
  const bitrate = pick(random, [64_000, 300_000, 1_500_000, 6_000_000]);
  return pick<object>(random, [
    { rateControlMode: 'CBR', bitrate },
    { rateControlMode: 'VBR', bitrate },
    { rateControlMode: 'VBR', bitrate, maxBitrate: bitrate * 2 },
    { rateControlMode: 'QVBR', maxBitrate: bitrate },
  ]);
}

const sizes = [{}, {}, { width: 320, height: 180 }, { width: 256, height: 144 }, { width: 322, height: 182 }];
const ownPlaces = ['fixedAfd', 'crop', 'position', 'width', 'height', 'codecSettings', 'videoPreprocessors'];

function describePicture(random: Random, among: readonly object[]): object {
  return { ...pick(random, among), ...randomBlock(random, 'VideoDescription', 0.12, ownPlaces) };
}

type Parts = Partial<Omit<Subject, 'draw'>> & {
  readonly draw?: (random: Random) => object;
  readonly among?: readonly object[];
};

function picture(
  codec: string,
  structure: string,
  containers: readonly ContainerType[],
  parts: Parts = {},
): Subject {
  const { among = sizes, draw = () => ({}), without = [], ...rest } = parts;
  return {
    kind: 'video',
    codec,
    structure,
    block: structure.charAt(0).toLowerCase() + structure.slice(1),
    containers,
    sources: ['small', 'small-ntsc', 'film', 'fields', 'deep', 'small', 'hd'],
    draw: (random) => ({ ...drawTiming(random), ...draw(random) }),
    without: [...timing, ...without],
    describe: (random) => describePicture(random, among),
    ...rest,
  };
}

const rateMembers = ['rateControlMode', 'bitrate', 'maxBitrate'];
const rated: Parts = { draw: drawRate, without: rateMembers };
const broadcast: Parts = {
  sources: ['large', 'large-ntsc', 'hd', 'fields'],
  among: [{}, { width: 1920, height: 1080 }, { width: 1280, height: 720 }],
};

function tone(
  codec: string,
  structure: string,
  containers: readonly ContainerType[],
  draw: (random: Random) => object = () => ({}),
): Subject {
  return {
    kind: 'audio',
    codec,
    structure,
    block: structure.charAt(0).toLowerCase() + structure.slice(1),
    containers,
    sources: ['mono', 'stereo', 'stereo-44', 'surround'],
    draw,
    without: [],
    describe: () => ({ audioSourceName: 'Audio Selector 1' }),
  };
}

/** All codecs that have an encoder. */
export const subjects: Readonly<Record<string, Subject>> = {
  H_264: picture('H_264', 'H264Settings', ['MP4', 'MOV', 'M2TS', 'RAW', 'F4V', 'MXF'], rated),
  H_265: picture('H_265', 'H265Settings', ['MP4', 'MOV', 'M2TS', 'RAW'], rated),
  AV1: picture('AV1', 'Av1Settings', ['MP4', 'WEBM'], rated),
  VP8: picture('VP8', 'Vp8Settings', ['WEBM'], {
    draw: (random) => ({ rateControlMode: 'VBR', bitrate: pick(random, [64_000, 1_500_000]) }),
    without: ['rateControlMode', 'bitrate'],
  }),
  VP9: picture('VP9', 'Vp9Settings', ['WEBM', 'MP4'], {
    draw: (random) => ({ rateControlMode: 'VBR', bitrate: pick(random, [64_000, 1_500_000]) }),
    without: ['rateControlMode', 'bitrate'],
  }),
  MPEG2: picture('MPEG2', 'Mpeg2Settings', ['M2TS', 'MXF', 'MOV', 'MP4', 'RAW'], {
    ...rated,
    draw: (random) =>
      pick<object>(random, [
        { rateControlMode: 'CBR', bitrate: pick(random, [1_500_000, 8_000_000, 50_000_000]) },
        { rateControlMode: 'VBR', bitrate: 2_000_000 },
        { rateControlMode: 'VBR', bitrate: 4_000_000, maxBitrate: 8_000_000 },
      ]),
  }),
  PRORES: picture('PRORES', 'ProresSettings', ['MOV', 'MXF']),
  VC3: picture('VC3', 'Vc3Settings', ['MXF'], {
    ...broadcast,
    draw: (random) => ({ vc3Class: pick(random, ['CLASS_145_8BIT', 'CLASS_220_8BIT', 'CLASS_220_10BIT']) }),
    without: ['vc3Class'],
  }),
  AVC_INTRA: picture('AVC_INTRA', 'AvcIntraSettings', ['MXF', 'RAW'], {
    ...broadcast,
    draw: (random) => ({ avcIntraClass: pick(random, ['CLASS_50', 'CLASS_100', 'CLASS_200']) }),
    without: ['avcIntraClass', 'avcIntraUhdSettings'],
  }),
  XAVC: picture('XAVC', 'XavcSettings', ['MXF'], {
    ...broadcast,
    draw: (random) => ({ profile: pick(random, ['XAVC_HD', 'XAVC_HD_INTRA_CBG']) }),
    without: ['profile'],
  }),
  FRAME_CAPTURE: picture('FRAME_CAPTURE', 'FrameCaptureSettings', ['RAW'], {
    draw: () => ({ framerateNumerator: 10, framerateDenominator: 1 }),
  }),
  GIF: picture('GIF', 'GifSettings', ['GIF' as ContainerType]),
  UNCOMPRESSED: picture('UNCOMPRESSED', 'UncompressedSettings', ['Y4M', 'MXF']),
  AAC: tone('AAC', 'AacSettings', ['MP4', 'M2TS', 'RAW', 'MOV'], () => ({
    codingMode: 'CODING_MODE_2_0',
    sampleRate: 48_000,
    bitrate: 96_000,
  })),
  AC3: tone('AC3', 'Ac3Settings', ['RAW', 'MP4', 'M2TS', 'MOV']),
  EAC3: tone('EAC3', 'Eac3Settings', ['RAW', 'MP4', 'M2TS', 'MOV']),
  AIFF: tone('AIFF', 'AiffSettings', ['RAW', 'MOV']),
  WAV: tone('WAV', 'WavSettings', ['RAW', 'MOV']),
  FLAC: tone('FLAC', 'FlacSettings', ['OGG', 'RAW', 'MP4']),
  MP2: tone('MP2', 'Mp2Settings', ['RAW', 'M2TS', 'MP4']),
  MP3: tone('MP3', 'Mp3Settings', ['RAW', 'MP4', 'MOV']),
  OPUS: tone('OPUS', 'OpusSettings', ['OGG']),
  VORBIS: tone('VORBIS', 'VorbisSettings', ['OGG']),
};
