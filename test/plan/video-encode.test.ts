/** H.264 and H.265 settings as encoder options (spec video.md 3–6; rules V-05 … V-21). */
import { describe, expect, test } from 'vitest';
import type { H264Settings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  encoderParameters,
  errorsOf,
  filtersOf,
  h264Video,
  h265Video,
  mp4Job,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

const h264 = (settings: Partial<H264Settings>) => onlyVideo(mustPlan(mp4Job(h264Video(settings))));
const h264Parameters = (settings: Partial<H264Settings>) => encoderParameters(h264(settings));

describe('defaults of H.264 (specification README)', () => {
  test('SINGLE_PASS_HQ, MAIN, B-references, progressive 4:2:0', () => {
    const video = h264({});
    expect(video.encoder.options).toMatchObject({ preset: 'medium', profile: 'main' });
    expect(encoderParameters(video)).toMatchObject({
      'b-pyramid': 'normal',
      'rc-lookahead': '40',
      'aq-mode': '2',
      cabac: '1',
    });
    expect(video.pixelFormat).toBe('yuv420p');
  });

  test('H.265 defaults to SINGLE_PASS', () => {
    const video = onlyVideo(mustPlan(mp4Job(h265Video())));
    expect(video.encoder.options).toMatchObject({ preset: 'superfast', profile: 'main' });
    expect(video.encoder.codecTag).toBeNull();
  });
});

describe('rate control', () => {
  test('CBR fills the buffer and signals it', () => {
    const video = h264({ rateControlMode: 'CBR', bitrate: 3_000_000 });
    expect(video.encoder).toMatchObject({
      bitrateBps: 3_000_000,
      maxBitrateBps: 3_000_000,
      bufferSizeBits: 6_000_000,
    });
    expect(encoderParameters(video)).toMatchObject({ 'nal-hrd': 'vbr', 'force-cfr': '1' });
    expect(video.streamData?.decoderBuffer).toMatchObject({ rateBps: 3_000_000, isConstant: true });
  });

  test('VBR without a maximum may double', () => {
    expect(h264({ bitrate: 3_000_000 }).encoder).toMatchObject({
      bitrateBps: 3_000_000,
      maxBitrateBps: 6_000_000,
    });
    expect(h264({ bitrate: 3_000_000, maxBitrate: 4_000_000 }).encoder).toMatchObject({
      maxBitrateBps: 4_000_000,
      bufferSizeBits: 8_000_000,
    });
  });

  test.each([
    [6, undefined, '25.40'],
    [7, undefined, '23.05'],
    [7, 0.25, '22.27'],
    [7, 0.33, '22.27'],
    [10, undefined, '16.00'],
  ])('QVBR %d with fine tuning %s is crf %s', (qvbrQualityLevel, fineTune, factor) => {
    const qvbrSettings = {
      qvbrQualityLevel,
      ...(fineTune === undefined ? {} : { qvbrQualityLevelFineTune: fineTune }),
    };
    const video = h264({ rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 5_000_000, qvbrSettings });
    expect(video.encoder.options.crf).toBe(factor);
    expect(video.encoder).toMatchObject({
      bitrateBps: 0,
      maxBitrateBps: 5_000_000,
      bufferSizeBits: 10_000_000,
    });
  });

  test('QVBR without a level takes one by height', () => {
    const job = (height: number) =>
      mp4Job(h264Video({ rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 1_000_000 }, { height }));
    expect(onlyVideo(mustPlan(job(1080))).encoder.options.crf).toBe('20.70');
    expect(onlyVideo(mustPlan(job(360))).encoder.options.crf).toBe('23.05');
  });

  test('the buffer and its first filling are taken as given; 0 is automatic', () => {
    const video = h264({ hrdBufferSize: 5_000_000, hrdBufferInitialFillPercentage: 75 });
    expect(video.encoder.bufferSizeBits).toBe(5_000_000);
    expect(encoderParameters(video)['vbv-init']).toBe('0.75');
    expect(h264({ hrdBufferSize: 0 }).encoder.bufferSizeBits).toBe(8_000_000);
  });

  test('a buffer smaller than a frame is refused', () => {
    expect(errorsOf(planOf(mp4Job(h264Video({ hrdBufferSize: 1000 }))))).toEqual([
      expect.stringContaining('less than one frame'),
    ]);
  });

  test('MULTI_PASS_HQ takes two passes, but one where quality is constant', () => {
    expect(h264({ qualityTuningLevel: 'MULTI_PASS_HQ' }).encoder).toMatchObject({
      passes: 2,
      options: { preset: 'slow' },
    });
    const constant = {
      rateControlMode: 'QVBR',
      bitrate: undefined,
      maxBitrate: 1_000_000,
      qualityTuningLevel: 'MULTI_PASS_HQ',
    } as const;
    expect(h264(constant).encoder.passes).toBe(1);
  });
});

describe('groups of pictures', () => {
  test.each([
    [{ gopSize: 90, gopSizeUnits: 'FRAMES' }, 90],
    [{ gopSize: 2, gopSizeUnits: 'SECONDS' }, 60],
    [{ gopSize: 2.5, gopSizeUnits: 'SECONDS' }, 75],
    [{ gopSizeUnits: 'AUTO' }, 60],
    [{}, 60],
  ] as const)('%j has %d frames at 29.97', (settings, frames) => {
    expect(h264(settings).encoder.gopSizeFrames).toBe(frames);
  });

  test('a size with AUTO is without effect, and a notice says so', () => {
    const { findings } = planOf(mp4Job(h264Video({ gopSize: 12, gopSizeUnits: 'AUTO' })));
    expect(noticesOf(findings)).toEqual([expect.stringMatching(/^no-effect .*gopSize$/)]);
  });

  test('every Nth group closed: open groups with a forced key frame', () => {
    const video = h264({ gopSize: 30, gopSizeUnits: 'FRAMES', gopClosedCadence: 3 });
    expect(encoderParameters(video)['open-gop']).toBe('1');
    expect(video.forcedKeyFrameSeconds).toEqual(rational(90 * 1001, 30000));
    expect(h264({ gopClosedCadence: 0 }).forcedKeyFrameSeconds).toBeNull();
    expect(h264Parameters({ gopClosedCadence: 1 })['open-gop']).toBe('0');
  });

  test('minIInterval 0 keeps the cadence strict, others bound key frames at cuts', () => {
    expect(h264Parameters({ minIInterval: 0, gopSize: 48, gopSizeUnits: 'FRAMES' })).toMatchObject({
      scenecut: '0',
      'min-keyint': '48',
    });
    expect(h264Parameters({ minIInterval: 12 })).toMatchObject({ scenecut: '40', 'min-keyint': '12' });
    expect(h264Parameters({})['min-keyint']).toBeUndefined();
    expect(h264Parameters({ sceneChangeDetect: 'DISABLED' }).scenecut).toBe('0');
  });
});

describe('pictures', () => {
  test('B-frames, their references and places, references, slices', () => {
    const settings = {
      numberBFramesBetweenReferenceFrames: 2,
      gopBReference: 'DISABLED',
      dynamicSubGop: 'STATIC',
      numberReferenceFrames: 4,
      slices: 8,
    } as const;
    const video = h264(settings);
    expect(video.encoder.maxBFrames).toBe(2);
    expect(encoderParameters(video)).toMatchObject({
      'b-pyramid': 'none',
      'b-adapt': '0',
      ref: '4',
      slices: '8',
    });
  });

  test('BASELINE has neither CABAC nor B-frames', () => {
    const video = h264({
      codecProfile: 'BASELINE',
      entropyEncoding: 'CAVLC',
      numberBFramesBetweenReferenceFrames: 0,
    });
    expect(video.encoder).toMatchObject({ maxBFrames: 0, options: { profile: 'baseline' } });
    expect(encoderParameters(video).cabac).toBe('0');
  });

  test.each([
    ['HIGH', 'high', 'yuv420p'],
    ['HIGH_10BIT', 'high10', 'yuv420p10le'],
    ['HIGH_422', 'high422', 'yuv422p'],
    ['HIGH_422_10BIT', 'high422', 'yuv422p10le'],
  ] as const)('profile %s is %s with %s', (codecProfile, profile, pixelFormat) => {
    const video = h264({ codecProfile });
    expect(video.encoder.options.profile).toBe(profile);
    expect(filtersOf(video).at(-1)).toBe(`format pix_fmts=${pixelFormat}`);
  });

  test.each([
    ['OFF', '0', '1.0'],
    ['LOW', '1', '0.5'],
    ['MEDIUM', '1', '0.8'],
    ['HIGH', '1', '1.0'],
    ['HIGHER', '1', '1.3'],
    ['MAX', '1', '1.6'],
    ['AUTO', '2', '1.0'],
  ] as const)('adaptive quantization %s', (adaptiveQuantization, mode, strength) => {
    expect(h264Parameters({ adaptiveQuantization })).toMatchObject({
      'aq-mode': mode,
      'aq-strength': strength,
    });
  });

  test('kinds of adaptive quantization count when it is not AUTO', () => {
    const kinds = {
      spatialAdaptiveQuantization: 'DISABLED',
      temporalAdaptiveQuantization: 'DISABLED',
      flickerAdaptiveQuantization: 'ENABLED',
    } as const;
    expect(h264Parameters({ adaptiveQuantization: 'HIGH', ...kinds })).toMatchObject({
      'aq-mode': '0',
      mbtree: '0',
      ipratio: '1.2',
    });
    expect(noticesOf(planOf(mp4Job(h264Video(kinds))).findings)).toHaveLength(3);
    // H.265 has them count in every case.
    const { encoder } = onlyVideo(mustPlan(mp4Job(h265Video(kinds))));
    expect(encoder.options['x265-params']).toMatch(/aq-mode=0:aq-strength=1.0:cutree=0:ipratio=1.2/);
  });

  test('softness takes the matrices of the standard or a plane up to its value; Main has none of them', () => {
    const high = { codecProfile: 'HIGH' } as const;
    expect(h264Parameters({ ...high, softness: 16 }).cqm).toBe('jvt');
    expect(h264Parameters({ ...high, softness: 0 }).cqm).toBeUndefined();
    const plane = h264Parameters({ ...high, softness: 64 })
      .cqm4?.split(',')
      .map(Number);
    expect(plane).toHaveLength(16);
    expect([plane?.[0], plane?.[15]]).toEqual([16, 64]);
    expect(errorsOf(planOf(mp4Job(h264Video({ softness: 64 }))))).toEqual([
      expect.stringMatching(/^1040 .*need a High profile/),
    ]);
    expect(errorsOf(planOf(mp4Job(h264Video({ ...high, softness: 8 }))))).toEqual([
      expect.stringMatching(/^1040 .*0, 1, 16 or 17 to 128/),
    ]);
  });

  test('more slices than rows of macroblocks are refused (V-12)', () => {
    expect(errorsOf(planOf(mp4Job(h264Video({ slices: 12 }, { width: 320, height: 180 }))))).toHaveLength(0);
    expect(errorsOf(planOf(mp4Job(h264Video({ slices: 13 }, { width: 320, height: 180 }))))).toHaveLength(1);
  });

  test('colour metadata is written, or ignored', () => {
    const job = (colorMetadata: 'IGNORE' | 'INSERT') =>
      onlyVideo(mustPlan(mp4Job(h264Video({}, { colorMetadata }))));
    expect(job('INSERT').encoder.color).toEqual({
      primaries: 'bt709',
      transfer: 'bt709',
      matrix: 'bt709',
      range: 'limited',
    });
    expect(job('IGNORE').encoder.color).toBeNull();
  });

  test('captions in the video are dropped and reported', () => {
    const facts = hdFacts({ videoTracks: [videoTrack({ hasEmbeddedCaptions: true })] });
    const { plan, findings } = planOf(mp4Job(h264Video()), facts);
    expect(plan?.videoRenditions[0]).toMatchObject({
      dropCaptions: true,
      encoder: { options: { a53cc: '0' } },
    });
    expect(noticesOf(findings)).toEqual(['captions-dropped /inputs/0']);
  });
});

describe('levels (V-13)', () => {
  test('a rate or a buffer beyond all levels with fields is told, what is chosen keeps within them', () => {
    const told = (settings: Partial<H264Settings>) =>
      noticesOf(planOf(mp4Job(h264Video({ interlaceMode: 'TOP_FIELD', ...settings }))).findings).flatMap(
        (notice) => /^substituted .*\/(bitrate|maxBitrate|hrdBufferSize)$/.exec(notice)?.[1] ?? [],
      );
    expect(told({ bitrate: 40_000_000 })).toEqual([]);
    expect(told({ bitrate: 40_000_000, maxBitrate: 60_000_000 })).toEqual(['maxBitrate']);
    expect(told({ bitrate: 40_000_000, hrdBufferSize: 80_000_000 })).toEqual(['hrdBufferSize']);
    expect(told({ bitrate: 60_000_000, interlaceMode: 'PROGRESSIVE' })).toEqual([]);
  });

  const levelOf = (settings: Partial<H264Settings>, width: number, height: number) =>
    errorsOf(planOf(mp4Job(h264Video(settings, { width, height }))));

  test('fields have the buffer and the peak of their highest level where the job leaves them open', () => {
    const encoder = (settings: Partial<H264Settings>) =>
      onlyVideo(mustPlan(mp4Job(h264Video({ codecProfile: 'HIGH', ...settings })))).encoder;
    const fields = { interlaceMode: 'TOP_FIELD', bitrate: 50_000_000 } as const;
    expect(encoder(fields)).toMatchObject({ maxBitrateBps: 62_500_000, bufferSizeBits: 78_125_000 });
    expect(encoder({ bitrate: 50_000_000 })).toMatchObject({ maxBitrateBps: 100_000_000 });
    expect(encoder({ ...fields, hrdBufferSize: 90_000_000 }).bufferSizeBits).toBe(90_000_000);
  });

  test('no more pictures are kept than decoders of the level have room for', () => {
    const references = (settings: Partial<H264Settings>) => h264Parameters(settings).ref;
    expect(references({ codecLevel: 'LEVEL_4', qualityTuningLevel: 'MULTI_PASS_HQ' })).toBe('4');
    expect(references({ codecLevel: 'LEVEL_5', qualityTuningLevel: 'MULTI_PASS_HQ' })).toBeUndefined();
    expect(references({ codecLevel: 'LEVEL_4', qualityTuningLevel: 'SINGLE_PASS_HQ' })).toBeUndefined();
    expect(references({ codecLevel: 'LEVEL_4', numberReferenceFrames: 4 })).toBe('4');
    expect(levelOf({ codecLevel: 'LEVEL_4', numberReferenceFrames: 5 }, 1920, 1080)).toEqual([
      expect.stringContaining('decoders of this level keep 4 pictures of 1920x1080'),
    ]);
    // The pictures of a preset raise no level that nobody named: 1080 lines at 25 stay at 4.0. Those asked for do.
    expect(references({ qualityTuningLevel: 'MULTI_PASS_HQ' })).toBe('4');
    expect(references({ qualityTuningLevel: 'MULTI_PASS_HQ', numberReferenceFrames: 6 })).toBe('6');
    const hd720 = h264Video({ qualityTuningLevel: 'MULTI_PASS_HQ' }, { width: 1280, height: 720 });
    expect(onlyVideo(mustPlan(mp4Job(hd720))).encoder.options['x264-params']).not.toMatch(/\bref=/);
    // Fields end at level 4.1, whatever the encoder would choose for more pictures.
    const fields = { interlaceMode: 'TOP_FIELD', qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
    expect(references(fields)).toBe('4');
    expect(references({ ...fields, qualityTuningLevel: 'SINGLE_PASS_HQ' })).toBeUndefined();
    expect(levelOf({ ...fields, numberReferenceFrames: 6 }, 1920, 1080)).toEqual([
      expect.stringContaining('the highest level with fields keep 4 pictures of 1920x1080'),
    ]);
    // Level 1.1 keeps two of 352 x 288: too few for B-frames that others refer to.
    const small = h264Video(
      {
        codecLevel: 'LEVEL_1_1',
        bitrate: 100_000,
        framerateControl: 'SPECIFIED',
        framerateNumerator: 5,
        framerateDenominator: 1,
      },
      { width: 352, height: 288 },
    );
    expect(onlyVideo(mustPlan(mp4Job(small))).encoder.options['x264-params']).toMatch(
      /b-pyramid=none.*:ref=2/,
    );
  });

  test('a level that fits is given to the encoder', () => {
    expect(h264Parameters({ codecLevel: 'LEVEL_4_1' }).level).toBe('4.1');
    expect(h264Parameters({}).level).toBeUndefined();
  });

  test('the picture is too large', () => {
    expect(levelOf({ codecLevel: 'LEVEL_3' }, 1280, 720)).toEqual([
      '1040 Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected resolution.]',
    ]);
  });

  test('too many pictures a second', () => {
    const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 60, framerateDenominator: 1 } as const;
    expect(levelOf({ codecLevel: 'LEVEL_3_1', ...rate }, 1280, 720)).toEqual([
      '1040 Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected framerate or resolution.]',
    ]);
  });

  test('the buffer is too large', () => {
    expect(levelOf({ codecLevel: 'LEVEL_3_1', hrdBufferSize: 20_000_000 }, 640, 360)).toEqual([
      '1040 Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected buffer size.]',
    ]);
  });

  test('what is automatic stays inside the level', () => {
    const { encoder } = h264({ codecLevel: 'LEVEL_4', bitrate: 15_000_000 });
    expect(encoder).toMatchObject({ maxBitrateBps: 24_000_000, bufferSizeBits: 30_000_000 });
  });
});

describe('colour metadata that is missing', () => {
  const job = mp4Job(h264Video());
  const warningsOf = (changes: object) =>
    planOf(job, hdFacts({ videoTracks: [videoTrack(changes)] })).findings.map((finding) =>
      'code' in finding ? finding.code : null,
    );

  test('is guessed by the size of the picture', () => {
    const track = { colorPrimaries: null, colorTransfer: null, colorMatrix: null, colorRange: null };
    const { plan } = planOf(
      job,
      hdFacts({ videoTracks: [videoTrack({ ...track, widthPx: 720, heightPx: 576 })] }),
    );
    expect(plan?.videoRenditions[0]?.encoder.color).toMatchObject({
      primaries: 'bt470bg',
      matrix: 'bt470bg',
      range: null,
    });
  });

  test('a source without colour primaries provokes 230001', () => {
    expect(warningsOf({ colorPrimaries: null })).toEqual([230001]);
  });

  test('a source without a sample range provokes 230005', () => {
    expect(warningsOf({ colorRange: null })).toEqual([230005]);
  });
});
