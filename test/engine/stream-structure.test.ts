/** Groups, slices, references, profiles and levels, read from the headers of coded streams by a parser that is not ours. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { encodeClip } from '../../bench/engine-bench.ts';
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import {
  type CodedPicture,
  type CodedStream,
  formatPictures,
  groupLengths,
  readCodedStream,
  type TracedCodec,
} from './coded-pictures.ts';
import { headersNamed, readHeaders } from './read-headers.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', {
    widthPx: 160,
    heightPx: 96,
    durationSeconds: 3,
    frameRate: { num: 25, den: 1 },
  });
  await workshop.makeClip('short.mp4', { durationSeconds: 0.2, frameRate: { num: 25, den: 1 } });
  const pan = `mod(n\\,100)+300*(gte(n\\,${cuts[0]})+gte(n\\,${cuts[1]})+gte(n\\,${cuts[2]}))`;
  const texture = 'color=gray:s=1168x140:r=25:d=3,noise=alls=60:all_seed=7,gblur=2';
  const places = `gte(n\\,${cuts[0]})+gte(n\\,${cuts[1]})+gte(n\\,${cuts[2]})`;
  const jumps = `testsrc2=s=1280x720:r=25:d=3,crop=160:96:x='mod(n*2\\,200)+200*(${places})':y='170*(${places})'`;
  await encodeClip(workshop.inputPath('changes.mp4'), jumps, 25);
  await encodeClip(workshop.inputPath('cuts.mp4'), `${texture},crop=160:96:x='${pan}':y=20`, 25);
});
afterAll(() => workshop.close());

/** Pictures of `cuts.mp4` at which another scene begins. */
const cuts = [30, 34, 41] as const;

const blocks = { H_264: 'h264Settings', H_265: 'h265Settings', MPEG2: 'mpeg2Settings' } as const;
const quality = { rateControlMode: 'QVBR', maxBitrate: 2_000_000, qualityTuningLevel: 'SINGLE_PASS' };
const usual = { H_264: quality, H_265: quality, MPEG2: { bitrate: 2_000_000 } } as const;
const groupsOf = (gopSize: number) => ({ gopSize, gopSizeUnits: 'FRAMES', minIInterval: 0 });

async function encode(codec: TracedCodec, settings: object, key = 'clip.mp4'): Promise<CodedStream> {
  const codecSettings = { codec, [blocks[codec]]: { ...usual[codec], ...settings } };
  const { path } = await runVideoJob(workshop, { key, video: { codecSettings }, container: 'RAW' });
  return readCodedStream(path, codec);
}

/** Every picture of one group, in order of display, for each whole group. */
function wholeGroups(pictures: readonly CodedPicture[], length: number): readonly string[] {
  return (formatPictures(pictures).match(/[KO][^KO]*/g) ?? []).filter((group) => group.length === length);
}

describe.each(['H_264', 'H_265', 'MPEG2'] as const)('groups of %s', (codec) => {
  // MPEG-2 has no B pictures that others refer to.
  const b = codec === 'MPEG2' ? 'b' : 'B';
  it.each([
    ['no B pictures', { numberBFramesBetweenReferenceFrames: 0 }, /^KP{11}$/],
    ['one', { numberBFramesBetweenReferenceFrames: 1 }, /^K(bP){5}P$/],
    [
      'three, one of them referred to',
      { numberBFramesBetweenReferenceFrames: 3, gopBReference: 'ENABLED' },
      new RegExp(`^K(b${b}bP){2}(b${b}|${b}b)P$`),
    ],
    ['three', { numberBFramesBetweenReferenceFrames: 3, gopBReference: 'DISABLED' }, /^K(bbbP){2}bbP$/],
  ])('STATIC, %s: each group has its pictures where they belong', async (_name, settings, pattern) => {
    const { gopBReference: _b, ...plain } = { gopBReference: null, ...settings };
    const block = codec === 'MPEG2' ? plain : settings;
    const { pictures } = await encode(codec, { ...groupsOf(12), dynamicSubGop: 'STATIC', ...block });
    expect(groupLengths(pictures)).toEqual([12, 12, 12, 12, 12, 12, 3]);
    for (const group of wholeGroups(pictures, 12)) expect(group).toMatch(pattern);
  });

  it('ADAPTIVE has fewer B pictures where all moves, and all of them where a camera pans', async () => {
    const settings = { ...groupsOf(25), dynamicSubGop: 'ADAPTIVE', numberBFramesBetweenReferenceFrames: 2 };
    const count = ({ pictures }: CodedStream): number => pictures.filter(({ kind }) => kind === 'B').length;
    const still = { ...settings, dynamicSubGop: 'STATIC' };
    expect(count(await encode(codec, settings))).toBeLessThan(count(await encode(codec, still)));
    expect(count(await encode(codec, settings, 'cuts.mp4'))).toBeGreaterThan(35);
  });

  it('are counted in seconds, to the next picture', async () => {
    const { pictures } = await encode(codec, { gopSize: 0.5, gopSizeUnits: 'SECONDS', minIInterval: 0 });
    expect(groupLengths(pictures)).toEqual([13, 13, 13, 13, 13, 10]);
  });

  it('are open where no cadence closes them, but for the first', async () => {
    const { pictures } = await encode(codec, { ...groupsOf(12), gopClosedCadence: 0, ...staticPairs });
    expect(entries(pictures)).toMatch(/^KO+$/);
    // Pictures before an open entry in order of display refer to it: they are B pictures.
    expect(formatPictures(pictures)).not.toMatch(/[KPI]O(?!$)/);
  });

  it('every third is closed, and said to be', async () => {
    const { pictures } = await encode(codec, { ...groupsOf(12), gopClosedCadence: 3, ...staticPairs });
    expect(entries(pictures)).toBe('KOOKOOK');
    expect(pictures.flatMap(({ entry }, at) => (entry === 'closed' ? [at] : []))).toEqual([0, 36, 72]);
    expect(formatPictures(pictures)).toMatch(/^K[^K]+PK[^K]+PK/);
  });
});

const staticPairs = { dynamicSubGop: 'STATIC', numberBFramesBetweenReferenceFrames: 2 };

function entries(pictures: readonly CodedPicture[]): string {
  return formatPictures(pictures).replace(/[^KO]/g, '');
}

describe.each(['H_264', 'H_265', 'MPEG2'] as const)('scene changes of %s', (codec) => {
  const group = { gopSize: 25, gopSizeUnits: 'FRAMES' };
  it('begin a group of their own, where minIInterval lets them', async () => {
    const free = await encode(codec, { ...group, minIInterval: 1 }, 'cuts.mp4');
    const keys = free.pictures.flatMap(({ entry }, at) => (entry === null ? [] : [at]));
    expect(keys).toEqual(expect.arrayContaining([0, cuts[0], cuts[2]]));
    const bounded = await encode(codec, { ...group, minIInterval: 8 }, 'cuts.mp4');
    expect(Math.min(...groupLengths(bounded.pictures).slice(0, -1))).toBeGreaterThanOrEqual(8);
    expect(groupLengths(bounded.pictures).slice(0, -1)).not.toEqual([25, 25]);
  });

  it.each([
    ['minIInterval 0', { minIInterval: 0 }],
    ['no detection', { minIInterval: 8, sceneChangeDetect: 'DISABLED' }],
  ])('begin none with %s', async (_name, settings) => {
    const { pictures } = await encode(codec, { ...group, ...settings }, 'cuts.mp4');
    expect(groupLengths(pictures)).toEqual([25, 25, 25]);
  });
});

it('scene changes of MPEG-2 begin open groups of their own where the job lets them, and none elsewhere', async () => {
  const settings = { ...groupsOf(25), gopClosedCadence: 0, numberBFramesBetweenReferenceFrames: 2 };
  const at = (changes: object) => encode('MPEG2', { ...settings, ...changes }, 'changes.mp4');
  const keysOf = ({ pictures }: CodedStream): number => groupLengths(pictures).length;
  expect(keysOf(await at({ minIInterval: 8 }))).toBeGreaterThan(3);
  expect(keysOf(await at({ minIInterval: 0 }))).toBe(3);
  expect(keysOf(await at({ minIInterval: 8, sceneChangeDetect: 'DISABLED' }))).toBe(3);
});

describe('pictures of H.264', () => {
  it.each([1, 4])('have the %i slices asked for', async (slices) => {
    const { pictures } = await encode('H_264', { ...groupsOf(25), slices });
    expect(new Set(pictures.map((picture) => picture.slices))).toEqual(new Set([slices]));
  });

  it('keep as many references as asked for, and say so', async () => {
    const { headers } = await encode('H_264', { ...groupsOf(25), numberReferenceFrames: 6 });
    const [set] = headersNamed(headers, 'Sequence Parameter Set');
    expect(set).toMatchObject({ max_num_ref_frames: 6, max_dec_frame_buffering: 6 });
  });

  it.each([
    ['CABAC', 'HIGH', 1],
    ['CAVLC', 'HIGH', 0],
    ['CABAC', 'BASELINE', 0],
  ])('%s of %s: entropy coding %i', async (entropyEncoding, codecProfile, flag) => {
    const { headers } = await encode('H_264', { entropyEncoding, codecProfile }, 'short.mp4');
    expect(headersNamed(headers, 'Picture Parameter Set')[0]?.['entropy_coding_mode_flag']).toBe(flag);
  });
});

it.each([1, 2])('pictures of H.265 have the %i slices asked for, and its references', async (slices) => {
  const { headers, pictures } = await encode('H_265', { ...groupsOf(25), slices, numberReferenceFrames: 5 });
  expect(new Set(pictures.map((picture) => picture.slices))).toEqual(new Set([slices]));
  const [set] = headersNamed(headers, 'Sequence Parameter Set');
  expect(set?.['sps_max_dec_pic_buffering_minus1[0]']).toBe(5);
});

const hd = { width: 1920, height: 1080 };
const h264 = (settings: object): VideoDescription => ({
  codecSettings: { codec: 'H_264', h264Settings: { ...usual.H_264, ...settings } } as never,
});
const h265 = (settings: object): VideoDescription => ({
  codecSettings: { codec: 'H_265', h265Settings: { ...usual.H_265, ...settings } } as never,
});
const mpeg2 = (settings: object): VideoDescription => ({
  codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...usual.MPEG2, ...settings } },
});
const av1 = (settings: object): VideoDescription => ({
  codecSettings: {
    codec: 'AV1',
    av1Settings: { rateControlMode: 'QVBR', maxBitrate: 1_000_000, ...settings },
  },
});
const sequence = 'Sequence Parameter Set';

describe('what a stream says of itself', () => {
  it.each<[string, VideoDescription, string, Readonly<Record<string, number>>]>([
    [
      'H.264 BASELINE at 3',
      h264({ codecProfile: 'BASELINE', codecLevel: 'LEVEL_3' }),
      sequence,
      { profile_idc: 66, constraint_set1_flag: 1, level_idc: 30 },
    ],
    [
      'H.264 MAIN at 4.1',
      h264({ codecProfile: 'MAIN', codecLevel: 'LEVEL_4_1' }),
      sequence,
      { profile_idc: 77, level_idc: 41 },
    ],
    [
      'H.264 HIGH at 5.2',
      h264({ codecProfile: 'HIGH', codecLevel: 'LEVEL_5_2' }),
      sequence,
      { profile_idc: 100, level_idc: 52, chroma_format_idc: 1 },
    ],
    [
      'H.264 HIGH_10BIT',
      h264({ codecProfile: 'HIGH_10BIT' }),
      sequence,
      { profile_idc: 110, bit_depth_luma_minus8: 2, chroma_format_idc: 1 },
    ],
    [
      'H.264 HIGH_422',
      h264({ codecProfile: 'HIGH_422' }),
      sequence,
      { profile_idc: 122, bit_depth_luma_minus8: 0, chroma_format_idc: 2 },
    ],
    [
      'H.264 HIGH_422_10BIT',
      h264({ codecProfile: 'HIGH_422_10BIT' }),
      sequence,
      { profile_idc: 122, bit_depth_luma_minus8: 2, chroma_format_idc: 2 },
    ],
    [
      'H.264 of fields',
      h264({ codecProfile: 'HIGH', interlaceMode: 'TOP_FIELD' }),
      sequence,
      { frame_mbs_only_flag: 0, mb_adaptive_frame_field_flag: 1 },
    ],
    [
      'H.265 MAIN_MAIN at 4',
      h265({ codecProfile: 'MAIN_MAIN', codecLevel: 'LEVEL_4' }),
      sequence,
      { general_profile_idc: 1, general_tier_flag: 0, general_level_idc: 120, bit_depth_luma_minus8: 0 },
    ],
    [
      'H.265 MAIN10_HIGH at 5.1',
      h265({ codecProfile: 'MAIN10_HIGH', codecLevel: 'LEVEL_5_1' }),
      sequence,
      { general_profile_idc: 2, general_tier_flag: 1, general_level_idc: 153, bit_depth_luma_minus8: 2 },
    ],
    [
      'H.265 MAIN_422_10BIT_MAIN',
      h265({ codecProfile: 'MAIN_422_10BIT_MAIN' }),
      sequence,
      { general_profile_idc: 4, bit_depth_luma_minus8: 2, chroma_format_idc: 2 },
    ],
    [
      'MPEG-2 main at main',
      mpeg2({}),
      'Sequence Extension',
      { profile_and_level_indication: 0x4a, chroma_format: 1, progressive_sequence: 1 },
    ],
    [
      'MPEG-2 main at high',
      mpeg2({ codecLevel: 'HIGH' }),
      'Sequence Extension',
      { profile_and_level_indication: 0x44 },
    ],
    [
      'MPEG-2 4:2:2 at main',
      mpeg2({ codecProfile: 'PROFILE_422' }),
      'Sequence Extension',
      { profile_and_level_indication: 0x85, chroma_format: 2 },
    ],
    [
      'MPEG-2 of fields, 10 bits of DC',
      {
        ...mpeg2({ interlaceMode: 'BOTTOM_FIELD', intraDcPrecision: 'INTRA_DC_PRECISION_10' }),
        width: 320,
        height: 192,
      },
      'Picture Coding Extension',
      { progressive_frame: 0, top_field_first: 0, intra_dc_precision: 2 },
    ],
    [
      'AV1 of 10 bits',
      av1({ bitDepth: 'BIT_10' }),
      'Sequence Header',
      { seq_profile: 0, high_bitdepth: 1, film_grain_params_present: 0 },
    ],
    [
      'AV1 with grain',
      av1({ filmGrainSynthesis: 'ENABLED' }),
      'Sequence Header',
      { high_bitdepth: 0, film_grain_params_present: 1 },
    ],
    ['AV1 of two tiles', av1({ slices: 2 }), 'Frame Header', { tile_cols_log2: 1, tile_rows_log2: 0 }],
    [
      'AVC-Intra 50',
      {
        width: 1440,
        height: 1080,
        codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_50' } },
      },
      sequence,
      { profile_idc: 110, constraint_set3_flag: 1, chroma_format_idc: 1 },
    ],
    [
      'AVC-Intra 100',
      { ...hd, codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } } },
      sequence,
      { profile_idc: 122, constraint_set3_flag: 1, level_idc: 41, chroma_format_idc: 2 },
    ],
    [
      'XAVC HD',
      {
        ...hd,
        codecSettings: {
          codec: 'XAVC',
          xavcSettings: { profile: 'XAVC_HD', xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_25' } },
        },
      },
      sequence,
      { profile_idc: 122, constraint_set3_flag: 0, level_idc: 40, bit_depth_luma_minus8: 2 },
    ],
  ])('%s', async (_name, video, header, expected) => {
    const container = video.codecSettings?.codec === 'AV1' ? 'MP4' : 'RAW';
    const { path } = await runVideoJob(workshop, { key: 'short.mp4', video, container });
    expect(headersNamed(await readHeaders(path), header)[0]).toMatchObject(expected);
  });

  it.each([
    ['CLASS_145_8BIT', 'PROGRESSIVE', 1237],
    ['CLASS_220_8BIT', 'PROGRESSIVE', 1238],
    ['CLASS_220_10BIT', 'PROGRESSIVE', 1235],
    ['CLASS_145_8BIT', 'INTERLACED', 1242],
    ['CLASS_220_8BIT', 'INTERLACED', 1243],
  ] as const)(
    'VC-3 %s %s has the compression identifier %i (SMPTE ST 2019-1)',
    async (vc3Class, interlaceMode, id) => {
      const codecSettings = { codec: 'VC3', vc3Settings: { vc3Class, interlaceMode } } as const;
      const video = { ...hd, codecSettings };
      const { path } = await runVideoJob(workshop, { key: 'short.mp4', video, container: 'RAW' });
      expect(readFileSync(path).readUInt32BE(0x28)).toBe(id);
    },
  );

  it.each([
    ['APPLE_PRORES_422_PROXY', 'apco'],
    ['APPLE_PRORES_422_LT', 'apcs'],
    ['APPLE_PRORES_422', 'apcn'],
    ['APPLE_PRORES_422_HQ', 'apch'],
    ['APPLE_PRORES_4444', 'ap4h'],
    ['APPLE_PRORES_4444_XQ', 'ap4x'],
  ] as const)('%s is %s', async (codecProfile, tag) => {
    const codecSettings = { codec: 'PRORES', proresSettings: { codecProfile } } as const;
    const { path } = await runVideoJob(workshop, {
      key: 'short.mp4',
      video: { codecSettings },
      container: 'MOV',
    });
    const file = readFileSync(path);
    expect(file.toString('latin1', file.indexOf('stsd') + 16, file.indexOf('stsd') + 20)).toBe(tag);
  });
});

const grouped = { rateControlMode: 'VBR', bitrate: 500_000, gopSize: 30 } as const;

it.each<[string, VideoDescription]>([
  ['AV1', av1({ gopSize: 30 })],
  ['VP9', { codecSettings: { codec: 'VP9', vp9Settings: grouped } }],
])('key pictures of %s come every thirty, and nowhere else', async (codec, video) => {
  const container = codec === 'AV1' ? 'MP4' : 'WEBM';
  const { path } = await runVideoJob(workshop, { key: 'clip.mp4', video, container });
  expect(await keyPictures(path)).toEqual({ keys: [0, 30, 60], last: 74 });
});

/** libvpx takes some pictures for new scenes by itself. */
test('key pictures of VP8 are never more than thirty apart, and far from all', async () => {
  const video = { codecSettings: { codec: 'VP8', vp8Settings: grouped } } as const;
  const { path } = await runVideoJob(workshop, { key: 'clip.mp4', video, container: 'WEBM' });
  const { keys, last } = await keyPictures(path);
  const gaps = [...keys, last + 1].slice(1).map((key, index) => key - (keys[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(30);
  expect(keys.length).toBeLessThanOrEqual(4);
});

/** Numbers of the key pictures, and of the last picture. */
async function keyPictures(path: string) {
  const headers = await readHeaders(path);
  const pictures = headers.filter(({ name, picture }) => /^Frame( Header)?$/.test(name) && picture >= 0);
  const keys = pictures.filter(({ fields }) => fields['frame_type'] === 0).map(({ picture }) => picture);
  return { keys, last: Math.max(...pictures.map(({ picture }) => picture)) };
}

test.each([
  ['DISABLED', [0, 60]],
  ['ENABLED', [0, 30, 34, 41]],
] as const)('key pictures of AV1 at scene changes, %s', async (sceneChangeDetect, expected) => {
  const av1Settings = {
    rateControlMode: 'QVBR',
    maxBitrate: 1_000_000,
    gopSize: 60,
    sceneChangeDetect,
  } as const;
  const video = { codecSettings: { codec: 'AV1', av1Settings } } as const;
  const { path } = await runVideoJob(workshop, { key: 'cuts.mp4', video, container: 'MP4' });
  expect((await keyPictures(path)).keys).toEqual(expected);
});
