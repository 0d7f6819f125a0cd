/** What combinations of settings are tried for: codecs, each with the containers and groups that carry it, and sources that suit it. */
import {
  containerAudioOnlyCodecs,
  containerVideoCodecs,
} from '../../src/contract/relations/containers.table.ts';
import type { ContainerType } from '../../src/contract/types.generated.ts';
import { pick, type Random, randomBlock } from './random-settings.ts';
import type { SourceName } from './setting-sources.ts';

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
  /** Container settings that the codec is tried with; absent: any. */
  readonly container?: object;
  /** Sound without which there is no such file. */
  beside?(random: Random, container: ContainerType): readonly object[];
}

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

const sizes = [
  {},
  {},
  { width: 320, height: 180 },
  { width: 256, height: 144 },
  { width: 322, height: 182 },
  { width: 200 },
];
const ownPlaces = ['fixedAfd', 'crop', 'position', 'width', 'height', 'codecSettings', 'videoPreprocessors'];

function describePicture(random: Random, among: readonly object[]): object {
  return {
    ...pick(random, among),
    ...randomBlock(random, 'VideoDescription', 0.12, ownPlaces),
    ...(random() < 0.08 ? { crop: drawRectangle(random) } : {}),
    ...(random() < 0.08 ? { position: drawRectangle(random) } : {}),
    ...(random() < 0.35 ? { videoPreprocessors: drawPreprocessors(random) } : {}),
  };
}

/** A part of a small picture. */
export function drawRectangle(random: Random): object {
  const even = (most: number): number => 2 * Math.floor((random() * most) / 2);
  return { x: even(60), y: even(40), width: 120 + even(80), height: 80 + even(50) };
}

const preprocessors = [
  ['deinterlacer', 'Deinterlacer'],
  ['noiseReducer', 'NoiseReducer'],
  ['colorCorrector', 'ColorCorrector'],
  ['colorCorrector', 'ColorCorrector'],
  ['timecodeBurnin', 'TimecodeBurnin'],
  ['durationControl', 'DurationControl'],
] as const;

function drawPreprocessors(random: Random): object {
  const drawn = Array.from({ length: pick(random, [1, 1, 2, 3]) }, () => {
    const [name, structure] = pick(random, preprocessors);
    return [name, randomBlock(random, structure, 0.4)];
  });
  return Object.fromEntries(drawn);
}

type Parts = Partial<Omit<Subject, 'draw'>> & {
  readonly draw?: (random: Random) => object;
  readonly among?: readonly object[];
};

function blockOf(structure: string): string {
  return structure.charAt(0).toLowerCase() + structure.slice(1);
}

function picture(codec: string, structure: string, parts: Parts = {}): Subject {
  const { among = sizes, draw = () => ({}), without = [], ...rest } = parts;
  return {
    kind: 'video',
    codec,
    structure,
    block: blockOf(structure),
    containers: carriersOf(containerVideoCodecs, codec),
    sources: [
      'small',
      'small-ntsc',
      'film',
      'double',
      'fields',
      'fields-ntsc',
      'deep',
      'hdr',
      'full-chroma',
      'odd',
      'upright',
      'still',
      'hd',
      'small-stereo',
      'ntsc-surround',
      'film-mono',
    ],
    draw: (random) => ({ ...drawTiming(random), ...draw(random) }),
    without: [...timing, ...without],
    describe: (random) => describePicture(random, among),
    ...rest,
  };
}

function carriersOf(table: ReadonlyMap<string, readonly string[]>, codec: string): readonly ContainerType[] {
  return [...table].flatMap(([container, codecs]) =>
    codecs.includes(codec) ? [container as ContainerType] : [],
  );
}

const rateMembers = ['rateControlMode', 'bitrate', 'maxBitrate'];
const rated: Parts = { draw: drawRate, without: rateMembers };
const plainRate: Parts = {
  draw: (random) => ({ rateControlMode: 'VBR', bitrate: pick(random, [64_000, 1_500_000]) }),
  without: ['rateControlMode', 'bitrate'],
};
const broadcast: Parts = {
  sources: ['large', 'large-ntsc', 'large-fields', 'hd', 'hd-ntsc', 'large-stereo', 'fields'],
  among: [{}, { width: 1920, height: 1080 }, { width: 1280, height: 720 }],
};

/** Broadcast files hold one channel in a track. */
function monoTracks(count: number): object[] {
  const wavSettings = { channels: 1, sampleRate: 48_000, bitDepth: 24 };
  const codecSettings = { codec: 'WAV', wavSettings };
  return Array.from({ length: count }, () => ({ audioSourceName: 'Audio Selector 1', codecSettings }));
}

/** The block of an XAVC profile is required, and no other is legal. */
const xavcBlocks = {
  XAVC_HD: 'XavcHdProfileSettings',
  XAVC_HD_INTRA_CBG: 'XavcHdIntraCbgProfileSettings',
} as const;

function drawXavc(random: Random): object {
  const profile = pick(random, ['XAVC_HD', 'XAVC_HD_INTRA_CBG'] as const);
  const structure = xavcBlocks[profile];
  return {
    profile,
    [blockOf(structure)]: { ...drawXavcClass(random, profile), ...randomBlock(random, structure, 0.3) },
  };
}

function drawXavcClass(random: Random, profile: keyof typeof xavcBlocks): object {
  return profile === 'XAVC_HD'
    ? { bitrateClass: pick(random, ['BITRATE_CLASS_25', 'BITRATE_CLASS_35', 'BITRATE_CLASS_50']) }
    : { xavcClass: pick(random, ['CLASS_50', 'CLASS_100', 'CLASS_200']) };
}

function tone(codec: string, structure: string, draw: (random: Random) => object = () => ({})): Subject {
  return {
    kind: 'audio',
    codec,
    structure,
    block: blockOf(structure),
    containers: carriersOf(containerAudioOnlyCodecs, codec),
    sources: ['mono', 'stereo', 'stereo-44', 'surround', 'two-tracks', 'eight', 'small-stereo', 'film-mono'],
    draw,
    without: [],
    describe: describeSound,
  };
}

/** The sound of an input, with normalisation, remix and labels now and then. */
export function describeSound(random: Random): object {
  return {
    audioSourceName: 'Audio Selector 1',
    ...randomBlock(random, 'AudioDescription', 0.12, [
      'audioSourceName',
      'codecSettings',
      'remixSettings',
      'audioNormalizationSettings',
    ]),
    ...(random() < 0.25
      ? {
          audioNormalizationSettings: {
            algorithm: 'ITU_BS_1770_3',
            ...randomBlock(random, 'AudioNormalizationSettings', 0.4),
          },
        }
      : {}),
    ...(random() < 0.25 ? { remixSettings: drawRemix(random) } : {}),
  };
}

function drawRemix(random: Random): object {
  const channelsIn = pick(random, [1, 2, 2, 6, 8]);
  const channelsOut = pick(random, [1, 2, 2, 6, 8]);
  const member = pick(random, ['inputChannels', 'inputChannelsFineTune']);
  const gain = (): number => pick(random, [-60, -60, 0, -6, 3, member === 'inputChannels' ? -12 : -4.5]);
  const outputChannels = Array.from({ length: channelsOut }, () => ({
    [member]: Array.from({ length: channelsIn }, gain),
  }));
  return { channelsIn, channelsOut, channelMapping: { outputChannels } };
}

/** All codecs that have an encoder. */
export const subjects: Readonly<Record<string, Subject>> = {
  H_264: picture('H_264', 'H264Settings', rated),
  H_265: picture('H_265', 'H265Settings', rated),
  AV1: picture('AV1', 'Av1Settings', rated),
  VP8: picture('VP8', 'Vp8Settings', plainRate),
  VP9: picture('VP9', 'Vp9Settings', plainRate),
  MPEG2: picture('MPEG2', 'Mpeg2Settings', {
    ...rated,
    draw: (random) =>
      pick<object>(random, [
        { rateControlMode: 'CBR', bitrate: pick(random, [1_500_000, 8_000_000, 50_000_000]) },
        { rateControlMode: 'VBR', bitrate: 2_000_000 },
        { rateControlMode: 'VBR', bitrate: 4_000_000, maxBitrate: 8_000_000 },
      ]),
  }),
  D_10: picture('MPEG2', 'Mpeg2Settings', {
    sources: ['fields', 'fields-ntsc'],
    among: [{}, { width: 720, height: 608 }, { width: 720, height: 512 }],
    containers: ['MXF'],
    container: { mxfSettings: { profile: 'D_10' } },
    draw: (random) => ({
      syntax: 'D_10',
      rateControlMode: 'CBR',
      bitrate: pick(random, [30_000_000, 40_000_000, 50_000_000]),
      codecProfile: 'PROFILE_422',
      interlaceMode: 'TOP_FIELD',
      gopSize: 1,
      gopSizeUnits: 'FRAMES',
      numberBFramesBetweenReferenceFrames: 0,
    }),
    without: [
      'rateControlMode',
      'bitrate',
      'maxBitrate',
      'syntax',
      'codecProfile',
      'gopSize',
      'gopSizeUnits',
    ],
  }),
  PRORES: picture('PRORES', 'ProresSettings', {
    draw: (random) => ({
      codecProfile: pick(random, ['APPLE_PRORES_422', 'APPLE_PRORES_422_PROXY', 'APPLE_PRORES_4444']),
    }),
  }),
  VC3: picture('VC3', 'Vc3Settings', {
    ...broadcast,
    draw: (random) => ({ vc3Class: pick(random, ['CLASS_145_8BIT', 'CLASS_220_8BIT', 'CLASS_220_10BIT']) }),
    without: ['vc3Class'],
  }),
  AVC_INTRA: picture('AVC_INTRA', 'AvcIntraSettings', {
    ...broadcast,
    draw: (random) => ({ avcIntraClass: pick(random, ['CLASS_50', 'CLASS_100', 'CLASS_200']) }),
    without: ['avcIntraClass', 'avcIntraUhdSettings'],
  }),
  XAVC: picture('XAVC', 'XavcSettings', {
    ...broadcast,
    sources: ['large-stereo', 'hd-stereo', 'large-ntsc-stereo', 'large-fields-stereo'],
    beside: (random, container) => (container === 'MXF' ? monoTracks(pick(random, [2, 2, 4])) : []),
    draw: drawXavc,
    without: [
      'profile',
      'xavcHdProfileSettings',
      'xavcHdIntraCbgProfileSettings',
      'xavc4kProfileSettings',
      'xavc4kIntraCbgProfileSettings',
      'xavc4kIntraVbrProfileSettings',
    ],
  }),
  FRAME_CAPTURE: picture('FRAME_CAPTURE', 'FrameCaptureSettings', {
    draw: () => ({ framerateNumerator: 10, framerateDenominator: 1 }),
  }),
  GIF: picture('GIF', 'GifSettings'),
  UNCOMPRESSED: picture('UNCOMPRESSED', 'UncompressedSettings', {
    draw: (random) => ({ fourcc: pick(random, ['I420', 'I422', 'I444']) }),
  }),
  AAC: tone('AAC', 'AacSettings', () => ({
    codingMode: 'CODING_MODE_2_0',
    sampleRate: 48_000,
    bitrate: 96_000,
  })),
  AC3: tone('AC3', 'Ac3Settings'),
  EAC3: tone('EAC3', 'Eac3Settings'),
  AIFF: tone('AIFF', 'AiffSettings'),
  WAV: tone('WAV', 'WavSettings'),
  FLAC: tone('FLAC', 'FlacSettings'),
  MP2: tone('MP2', 'Mp2Settings'),
  MP3: tone('MP3', 'Mp3Settings'),
  OPUS: tone('OPUS', 'OpusSettings'),
  VORBIS: tone('VORBIS', 'VorbisSettings'),
};
