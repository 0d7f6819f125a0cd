/** What processing does to pictures, and what codecs make of them, measured on decoded outputs. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import { nalType, nalUnits, rawBytes } from '../../src/package/annex-b.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const h264 = (settings: object = {}): VideoDescription['codecSettings'] => ({
  codec: 'H_264',
  h264Settings: {
    rateControlMode: 'QVBR',
    maxBitrate: 8_000_000,
    qualityTuningLevel: 'SINGLE_PASS',
    ...settings,
  },
});
const at = (num: number, den = 1) => ({
  framerateControl: 'SPECIFIED',
  framerateNumerator: num,
  framerateDenominator: den,
});

const softly = {
  framerateControl: 'SPECIFIED',
  framerateNumerator: 30000,
  framerateDenominator: 1001,
  telecine: 'SOFT',
  interlaceMode: 'TOP_FIELD',
} as const;
const constantRate = { rateControlMode: 'CBR', bitrate: 500_000, maxBitrate: undefined } as const;

/** `pic_struct` of an H.265 timing message; nothing for other units. */
function structureOf(unit: Uint8Array): readonly number[] {
  return nalType(unit, 'H_265') === 39 && unit[2] === 1 ? [(rawBytes(unit, 8)[4] ?? 0) >> 4] : [];
}

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1, frameRate: { num: 25, den: 1 } });
  await workshop.makeClip('short.mp4', { durationSeconds: 0.2, frameRate: { num: 25, den: 1 } });
  await workshop.makeClip('film.mp4', { durationSeconds: 1, frameRate: { num: 24, den: 1 } });
});
afterAll(() => workshop.close());

const run = (video: VideoDescription, key = 'clip.mp4', container: 'MP4' | 'RAW' = 'MP4') =>
  runVideoJob(workshop, { key, video, container });

describe('fields', () => {
  it('telecines film into 29.97 coded as fields', async () => {
    const { path } = await run({
      height: 180,
      codecSettings: h264({ ...at(30000, 1001), telecine: 'HARD', interlaceMode: 'TOP_FIELD' }),
    });
    const pictures = watchPictures(path);
    expect(pictures.times.length).toBeGreaterThanOrEqual(29);
    expect(pictures.interlaced).toBe(pictures.times.length);
    expect(pictures.topFieldFirst).toBe(pictures.times.length);
  });

  it.each<[string, VideoDescription['codecSettings'], 'MP4' | 'RAW', number]>([
    ['H.264', h264({ ...softly, numberBFramesBetweenReferenceFrames: 2 }), 'MP4', 30 / 1.001],
    ['H.264 of a constant rate', h264({ ...softly, ...constantRate }), 'RAW', 30 / 1.001],
    [
      'H.265',
      { codec: 'H_265', h265Settings: { ...softly, rateControlMode: 'VBR', bitrate: 500_000 } },
      'RAW',
      60 / 1.001,
    ],
    ['MPEG-2', { codec: 'MPEG2', mpeg2Settings: { ...softly, bitrate: 2_000_000 } }, 'RAW', 30 / 1.001],
  ])(
    'soft telecine: %s tells every other picture to be shown for three fields',
    async (_name, codecSettings, container, rate) => {
      const { path, output } = await run({ width: 320, height: 192, codecSettings }, 'film.mp4', container);
      expect(output.video?.frames).toBe(24);
      const pictures = watchPictures(path);
      expect(pictures.times).toHaveLength(24);
      expect(pictures.codedRate).toBeCloseTo(rate, 3);
      if (codecSettings?.codec === 'H_265') {
        const structures = [...nalUnits(readFileSync(path))].flatMap((unit) => structureOf(unit));
        expect([3, 4, 5, 6].map((known) => structures.filter((one) => one === known).length)).toEqual([
          6, 6, 6, 6,
        ]);
      } else expect(pictures.repeated).toEqual(Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? 1 : 0)));
    },
  );

  it('deinterlaces what it has interlaced, to a picture per field', async () => {
    const first = await run({ codecSettings: h264({ ...at(25), interlaceMode: 'BOTTOM_FIELD' }) });
    const { facts } = first;
    expect(facts.videoTracks[0]?.scan).toBe('progressive');
    workshop.adopt(first.path, 'fields.mp4');
    const { path, facts: fields } = await run(
      { codecSettings: h264(at(50)), videoPreprocessors: { deinterlacer: {} } },
      'fields.mp4',
    );
    expect(fields.videoTracks[0]?.scan).toBe('bottom-field-first');
    const pictures = watchPictures(path);
    expect(pictures.times).toHaveLength(50);
    expect(pictures.interlaced).toBe(0);
  });
});

describe('time', () => {
  it('slow PAL plays every frame at 25', async () => {
    const { path, output } = await run(
      { codecSettings: h264({ ...at(25), slowPal: 'ENABLED' }) },
      'film.mp4',
    );
    expect(watchPictures(path).times).toHaveLength(24);
    expect(output.durationMs).toBe(960);
  });

  it('burns in the timecode of every frame', async () => {
    const burnt = { timecodeBurnin: { fontSize: 16, position: 'TOP_LEFT' } } as const;
    const { path } = await run({ codecSettings: h264(), videoPreprocessors: burnt });
    const plain = watchPictures((await run({ codecSettings: h264() })).path);
    const { regions } = watchPictures(path, { x: 2, y: 2, width: 116, height: 20 });
    const counts = new Set(regions.map((region) => region.map((value) => (value > 128 ? 1 : 0)).join('')));
    // Every frame has another last digit; nothing below the text is touched.
    expect(counts.size).toBe(25);
    const bright = regions[0]?.filter((value) => value > 200).length ?? 0;
    expect(bright).toBeGreaterThan(200);
    expect(plain.times).toHaveLength(25);
  });
});

describe('colour', () => {
  const corrected = async (colorCorrector: object, settings: object = {}) =>
    watchPictures(
      (await run({ codecSettings: h264(settings), videoPreprocessors: { colorCorrector } })).path,
    );

  it('signals the target and puts SDR white at the level asked for', async () => {
    const { path } = await run({
      codecSettings: {
        codec: 'H_265',
        h265Settings: { rateControlMode: 'QVBR', maxBitrate: 8_000_000, codecProfile: 'MAIN10_HIGH' },
      },
      videoPreprocessors: {
        colorCorrector: {
          colorSpaceConversion: 'FORCE_HDR10',
          sdrReferenceWhiteLevel: 203,
          hdr10Metadata: { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 },
        },
      },
    });
    const pictures = watchPictures(path);
    expect(pictures.color).toEqual({ primaries: 9, transfer: 16, matrix: 9 });
    // White of 203 cd/m² is 58.07 % of PQ: 573 of the limited ten-bit range.
    expect(Math.abs(pictures.brightest - 573)).toBeLessThanOrEqual(14);
    expect(pictures.mastering?.maxLuminance).toBe(1000);
    expect(pictures.lightLevel).toEqual([1000, 400]);
    for (const box of ['mdcv', 'clli']) expect(readFileSync(path).includes(box), box).toBe(true);
  });

  it('says in the initialization of a track file, and in its playlist, what an MP4 file says', async () => {
    const video = {
      codecSettings: {
        codec: 'H_265',
        h265Settings: { rateControlMode: 'QVBR', maxBitrate: 8_000_000, codecProfile: 'MAIN10_HIGH' },
      },
      videoPreprocessors: {
        colorCorrector: {
          colorSpaceConversion: 'FORCE_HDR10',
          hdr10Metadata: { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 },
        },
      },
    } as const;
    const { plan } = await planVideoJob(workshop, {
      key: 'short.mp4',
      video,
      changes: {
        outputGroups: [
          {
            outputGroupSettings: {
              type: 'CMAF_GROUP_SETTINGS',
              cmafGroupSettings: {
                destination: 's3://outputs/hdr/main',
                segmentLength: 2,
                fragmentLength: 2,
              },
            },
            outputs: [
              { nameModifier: '_v', containerSettings: { container: 'CMFC' }, videoDescription: video },
            ],
          },
        ],
      },
    });
    await workshop.run(plan);
    const initialization = readFileSync(workshop.outputPath('hdr/main_vinit.cmfv'));
    const payload = (box: string): Buffer => {
      const at = initialization.indexOf(box, 0, 'latin1');
      expect(at, box).toBeGreaterThan(0);
      return initialization.subarray(at + 4, at - 4 + initialization.readUInt32BE(at - 4));
    };
    // Mastering luminance behind eight coordinates, in 0.0001 cd/m²; light levels; primaries, transfer, matrix; square pixels.
    expect(payload('mdcv').readUInt32BE(16)).toBe(10_000_000);
    expect([payload('clli').readUInt16BE(0), payload('clli').readUInt16BE(2)]).toEqual([1000, 400]);
    expect([4, 6, 8].map((at) => payload('colr').readUInt16BE(at))).toEqual([9, 16, 9]);
    expect([payload('pasp').readUInt32BE(0), payload('pasp').readUInt32BE(4)]).toEqual([1, 1]);
    expect(readFileSync(workshop.outputPath('hdr/main.m3u8'), 'utf8')).toMatch(/VIDEO-RANGE=PQ/);
  });

  it('hands the mastering display of an HDR10 source on, whether its container or its stream tells', async () => {
    const main10 = {
      codec: 'H_265',
      h265Settings: { rateControlMode: 'QVBR', maxBitrate: 8_000_000, codecProfile: 'MAIN10_HIGH' },
    } as const;
    const colorCorrector = {
      colorSpaceConversion: 'FORCE_HDR10',
      hdr10Metadata: { maxContentLightLevel: 1200, maxFrameAverageLightLevel: 300, maxLuminance: 40_000_000 },
    } as const;
    for (const container of ['MP4', 'RAW'] as const) {
      const source = await run(
        { codecSettings: main10, videoPreprocessors: { colorCorrector } },
        'short.mp4',
        container,
      );
      workshop.adopt(source.path, `hdr10-${container}`);
      const { path, plan } = await run({ codecSettings: main10 }, `hdr10-${container}`);
      expect(plan.videoRenditions[0]?.hdr).toMatchObject({ maxLuminance: 40_000_000, maxContentLight: 1200 });
      const pictures = watchPictures(path);
      expect([pictures.mastering?.maxLuminance, pictures.lightLevel]).toEqual([4000, [1200, 300]]);
    }
  });

  it('brightness moves the mean up, contrast and clip limits bound it', async () => {
    const plain = await corrected({ brightness: 50 });
    const bright = await corrected({ brightness: 60 });
    expect(bright.mean - plain.mean).toBeGreaterThan(12);
    const clipped = await corrected({
      sampleRangeConversion: 'LIMITED_RANGE_CLIP',
      clipLimits: { minimumYUV: 128, maximumYUV: 920 },
    });
    expect(clipped.darkest).toBeGreaterThanOrEqual(28);
    expect(plain.darkest).toBeLessThan(24);
  });
});

describe('what is written beside the pictures', () => {
  it('H.264 carries the timecode of each picture, a parameter set with each, and an active format', async () => {
    const { path } = await run(
      {
        timecodeInsertion: 'PIC_TIMING_SEI',
        afdSignaling: 'FIXED',
        fixedAfd: 10,
        codecSettings: h264({
          rateControlMode: 'CBR',
          maxBitrate: undefined,
          bitrate: 500_000,
          repeatPps: 'ENABLED',
        }),
      },
      'clip.mp4',
      'RAW',
    );
    const pictures = watchPictures(path);
    expect(pictures.timecodes.slice(0, 3)).toEqual(['00:00:00:00', '00:00:00:01', '00:00:00:02']);
    expect(pictures.timecodes.at(-1)).toBe('00:00:00:24');
    expect(pictures.activeFormats).toEqual(Array(25).fill(10));
    const units = [...nalUnits(readFileSync(path))].map((unit) => nalType(unit, 'H_264'));
    expect(units.filter((type) => type === 8)).toHaveLength(25);
  });

  it('H.265 carries time codes, and unregistered ones', async () => {
    const { path } = await run(
      {
        timecodeInsertion: 'PIC_TIMING_SEI',
        codecSettings: {
          codec: 'H_265',
          h265Settings: { rateControlMode: 'VBR', bitrate: 500_000, unregisteredSeiTimecode: 'ENABLED' },
        },
      },
      'clip.mp4',
      'RAW',
    );
    expect(watchPictures(path).timecodes.at(-1)).toBe('00:00:00:24');
    const messages = [...nalUnits(readFileSync(path))].filter((unit) => nalType(unit, 'H_265') === 39);
    const unregistered = messages.filter((unit) =>
      Buffer.from(rawBytes(unit, 80)).includes(Buffer.from('c2f4a1d0', 'hex')),
    );
    expect(unregistered).toHaveLength(25);
  });

  it('measures each picture, and tells the quality of QVBR', async () => {
    const { path, output } = await run({
      codecSettings: h264({
        qvbrSettings: { qvbrQualityLevel: 8 },
        perFrameMetrics: ['PSNR', 'SSIM', 'QVBR'],
      }),
    });
    const table = (metric: string) =>
      readFileSync(path.replace('.mp4', `_${metric}.csv`), 'utf8')
        .trim()
        .split('\n');
    expect(table('PSNR')).toHaveLength(26);
    expect(table('QVBR')).toHaveLength(26);
    const values = table('SSIM')
      .slice(1)
      .map((row) => Number(row.split(',')[1]));
    expect(Math.min(...values)).toBeGreaterThan(0.85);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(output.video?.quality?.average).toBeGreaterThan(7);
    expect(output.video?.quality?.average).toBeLessThanOrEqual(9);
  });
});

describe('codecs', () => {
  const size = { width: 1920, height: 1080 };
  it.each<[string, VideoDescription, 'MP4' | 'RAW', object]>([
    [
      'AV1',
      {
        codecSettings: {
          codec: 'AV1',
          av1Settings: { rateControlMode: 'QVBR', maxBitrate: 1_000_000, bitDepth: 'BIT_10', gopSize: 10 },
        },
      },
      'MP4',
      { format: 'yuv420p10le' },
    ],
    [
      'MPEG-2',
      {
        codecSettings: { codec: 'MPEG2', mpeg2Settings: { bitrate: 2_000_000, codecProfile: 'PROFILE_422' } },
      },
      'RAW',
      { format: 'yuv422p' },
    ],
    [
      'VC-3',
      { ...size, codecSettings: { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_220_10BIT' } } },
      'RAW',
      { format: 'yuv422p10le', bytes: 4_587_520 },
    ],
    [
      'AVC-Intra',
      { ...size, codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } } },
      'RAW',
      { format: 'yuv422p10le', keys: 5 },
    ],
    ['GIF', { codecSettings: { codec: 'GIF', gifSettings: {} } }, 'RAW', { format: 'bgra' }],
  ])('%s decodes, frame for frame', async (_name, video, container, expected) => {
    const { path } = await run(video, 'short.mp4', container);
    const pictures = watchPictures(path);
    expect(pictures.times).toHaveLength(5);
    expect(pictures).toMatchObject(expected);
  });

  it('a bound of the average holds in the second pass', async () => {
    const { output } = await run({
      codecSettings: h264({
        qualityTuningLevel: 'MULTI_PASS_HQ',
        qvbrSettings: { qvbrQualityLevel: 9, maxAverageBitrate: 200_000 },
      }),
    });
    expect(output.video?.averageBitrateBps).toBeLessThan(250_000);
  });
});

it('tells black of the source', async () => {
  let found: unknown;
  const { plan } = await run({
    codecSettings: h264(),
    videoPreprocessors: { colorCorrector: { brightness: 1, contrast: 1 } },
  });
  const output = plan.outputGroups[0]?.outputs[0];
  if (output === undefined || !('location' in output)) throw new Error('no file');
  workshop.adopt(workshop.outputPath(output.location.replace('s3://outputs/', '')), 'black.mp4');
  const again = await runVideoJob(workshop, {
    key: 'black.mp4',
    video: { codecSettings: h264() },
    onBlackVideo(black) {
      found = black;
    },
  });
  expect(again.output.video?.frames).toBe(25);
  expect(found).toEqual({ segments: [{ startMs: 0, endMs: 1000 }], insertedMs: 0 });
});
