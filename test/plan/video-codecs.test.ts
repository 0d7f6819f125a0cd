/** Codecs beside H.264 and H.265: settings as encoder options, operating points (spec video.md 7–14; V-09 to V-31). */
import { describe, expect, test } from 'vitest';
import type { ContainerType, VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { at25, encoded, job } from './codec-jobs.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  encoderParameters,
  errorsOf,
  fileGroup,
  jobWith,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

describe('AV1', () => {
  const av1 = (av1Settings: NonNullable<VideoCodecSettings['av1Settings']>) =>
    onlyVideo(mustPlan(job({ codec: 'AV1', av1Settings }, {}, 'MP4'), at25));

  test('QVBR is a capped rate factor', () => {
    const video = av1({
      rateControlMode: 'QVBR',
      maxBitrate: 4_000_000,
      qvbrSettings: { qvbrQualityLevel: 7 },
    });
    expect(video.encoder).toMatchObject({
      encoder: 'libsvtav1',
      maxBitrateBps: 4_000_000,
      bitrateBps: 0,
      gopSizeFrames: 80,
    });
    expect(video.encoder.options).toMatchObject({ preset: '8', crf: '30' });
    expect(video.qualityScale).toEqual({ atZero: 53.8, perLevel: 4 });
  });

  test('B-frames are layers, slices are tiles, grain is modelled', () => {
    const parameters = (settings: object) =>
      av1({ rateControlMode: 'QVBR', maxBitrate: 4_000_000, ...settings }).encoder.options['svtav1-params'] ??
      '';
    expect(parameters({ numberBFramesBetweenReferenceFrames: 3 })).toContain('hierarchical-levels=2');
    expect(parameters({ numberBFramesBetweenReferenceFrames: 15 })).toContain('hierarchical-levels=4');
    expect(parameters({ numberBFramesBetweenReferenceFrames: 0 })).toContain('pred-struct=1');
    expect(parameters({ slices: 8 })).toContain('tile-columns=2:tile-rows=1');
    expect(parameters({ filmGrainSynthesis: 'ENABLED' })).toContain('film-grain=8');
  });
});

describe('effort', () => {
  test.each([
    ['VP8', 'vp8Settings', 'WEBM'],
    ['VP9', 'vp9Settings', 'WEBM'],
    ['AV1', 'av1Settings', 'MP4'],
  ] as const)(
    '%s counts whole frames up to a limit, and VP8 and VP9 keep a buffer that is asked for, and say how',
    (codec, block, container) => {
      const result = (settings: object) => {
        const rate =
          codec === 'AV1' ? { rateControlMode: 'QVBR', maxBitrate: 2_000_000 } : { bitrate: 1_000_000 };
        const codecSettings = { codec, [block]: { ...rate, ...settings } } as VideoCodecSettings;
        return planOf(
          jobWith([fileGroup([{ containerSettings: { container }, videoDescription: { codecSettings } }])]),
          at25,
        );
      };
      expect(errorsOf(result({ gopSize: 1e300 }))).toEqual([expect.stringMatching(/up to 10000000 frames/)]);
      expect(errorsOf(result({ gopSize: 12.5 }))).toEqual([expect.stringMatching(/whole frames/)]);
      if (codec === 'AV1') return;
      expect(noticesOf(result({ hrdBufferSize: 1_000_000 }).findings)).toContainEqual(
        expect.stringMatching(/hrdBufferSize/),
      );
      expect(errorsOf(result({ hrdBufferSize: 20_000 }))).toEqual([
        expect.stringMatching(/less than one frame \(80000 bits\)/),
      ]);
      const bounds = (settings: object) => result(settings).plan?.videoRenditions[0]?.encoder.bounded?.pacing;
      expect(bounds({})).toBeUndefined();
      const { rateBps, bufferBits } = bounds({ maxBitrate: 2_000_000, hrdBufferSize: 1_000_000 }) ?? {};
      expect(rateBps).toBe(codec === 'VP8' ? 2_000_000 : 1_800_000);
      expect(bufferBits).toBe(codec === 'VP8' ? 800_000 : 600_000);
    },
  );

  test('AVC-Intra 4K in MULTI_PASS searches longer', () => {
    const settings = (qualityTuningLevel: 'SINGLE_PASS' | 'MULTI_PASS') =>
      job(
        {
          codec: 'AVC_INTRA',
          avcIntraSettings: { avcIntraClass: 'CLASS_4K_2K', avcIntraUhdSettings: { qualityTuningLevel } },
        },
        { width: 3840, height: 2160 },
      );
    const presets = (['SINGLE_PASS', 'MULTI_PASS'] as const).map(
      (level) => onlyVideo(mustPlan(settings(level), at25)).encoder.options['preset'],
    );
    expect(presets).toEqual(['medium', 'slower']);
  });

  test('XAVC 4K intra pictures of variable size stay within those of the class', () => {
    const xavcSettings = {
      profile: 'XAVC_4K_INTRA_VBR',
      xavc4kIntraVbrProfileSettings: { xavcClass: 'CLASS_300' },
    } as const;
    const { encoder } = onlyVideo(
      mustPlan(job({ codec: 'XAVC', xavcSettings }, { width: 3840, height: 2160 }), at25),
    );
    expect(encoder.gopSizeFrames).toBe(1);
    expect(encoder.bufferSizeBits).toBe(10_010_000);
    expect(encoder.maxBitrateBps).toBe(250_250_000);
    expect(encoder.options['crf']).toBeDefined();
    // Its quantizers are the preset's: flat ones cost 0.005 of SSIM at one rate.
    expect(encoder.options['x264-params']).not.toContain('aq-mode');
  });
});

describe('operating points', () => {
  test.each([
    [{ vc3Class: 'CLASS_145_8BIT' }, 120, 'yuv422p'],
    [{ vc3Class: 'CLASS_220_8BIT' }, 185, 'yuv422p'],
    [{ vc3Class: 'CLASS_220_10BIT' }, 185, 'yuv422p10le'],
  ] as const)('VC-3 %o at 1080p25 is %d Mbit/s', (vc3Settings, megabits, pixelFormat) => {
    const video = onlyVideo(mustPlan(job({ codec: 'VC3', vc3Settings }), at25));
    expect(video.encoder.bitrateBps).toBe(megabits * 1_000_000);
    expect(video.pixelFormat).toBe(pixelFormat);
  });

  test('VC-3 elsewhere has none, and says where it has', () => {
    const vc3 = job(
      { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_220_10BIT' } },
      { width: 1440, height: 1080 },
    );
    expect(errorsOf(planOf(vc3, at25))).toEqual([expect.stringContaining('none of this size')]);
    const fast = job({ codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_220_10BIT' } });
    expect(errorsOf(planOf(fast))).toEqual([
      expect.stringMatching(/1920x1080 PROGRESSIVE at 30000\/1001; it has .*25\/1/),
    ]);
  });

  test('AVC-Intra refuses with the message of the service', () => {
    const thirty = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(30) })] });
    const request = job({ codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } });
    expect(errorsOf(planOf(request, thirty))).toEqual([
      '1040 video_description [1] is not a valid AVC-Intra operating point. Invalid frame rate [30/1]. Supported frame rates for AVC Intra class 100, 1920x1080, PROGRESSIVE are [25/1, 60000/1001, 30000/1001, 24000/1001, 50/1]',
    ]);
    expect(
      encoded({ codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } }).options,
    ).toMatchObject({
      'avcintra-class': '100',
      'x264-params': 'avcintra-flavor=panasonic',
    });
  });

  test('XAVC long groups are constant at the class, intra is a class of Sony', () => {
    const long = onlyVideo(
      mustPlan(
        job({
          codec: 'XAVC',
          xavcSettings: {
            profile: 'XAVC_HD',
            xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_35', slices: 4 },
          },
        }),
        at25,
      ),
    );
    expect(long.encoder).toMatchObject({
      bitrateBps: 35_000_000,
      maxBitrateBps: 35_000_000,
      bufferSizeBits: 70_000_000,
    });
    expect(encoderParameters(long)).toMatchObject({ 'nal-hrd': 'cbr', slices: '4' });
    const intra = encoded({
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_HD_INTRA_CBG',
        xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_200' },
      },
    });
    expect(intra.options).toMatchObject({ 'avcintra-class': '200', 'x264-params': 'avcintra-flavor=sony' });
    const wrong = job({
      codec: 'XAVC',
      xavcSettings: { profile: 'XAVC_4K', xavc4kProfileSettings: { bitrateClass: 'BITRATE_CLASS_100' } },
    });
    expect(errorsOf(planOf(wrong, at25))).toEqual([expect.stringContaining('3840x2160, 4096x2160')]);
  });
});

describe('rate control of H.264', () => {
  const h264 = (h264Settings: object) =>
    onlyVideo(mustPlan(job({ codec: 'H_264', h264Settings }, {}, 'MP4'), at25)).encoder;

  test('a sliding window bounds rate and buffer together', () => {
    const { maxBitrateBps, bufferSizeBits } = h264({
      rateControlMode: 'VBR',
      bitrate: 2_000_000,
      maxBitrate: 4_000_000,
      slidingWindowPeakBitrate: 5_000_000,
      slidingWindowMs: 500,
    });
    // Bits of a window: rate × window + buffer.
    expect(maxBitrateBps * 0.5 + bufferSizeBits).toBeLessThanOrEqual(2_500_000);
    // Half a second: 0.625 of it is the rate's.
    expect(bufferSizeBits).toBe(937_500);
  });

  test('an average bound of QVBR takes two passes', () => {
    const qvbr = {
      rateControlMode: 'QVBR',
      maxBitrate: 5_000_000,
      qualityTuningLevel: 'MULTI_PASS_HQ',
    } as const;
    expect(h264({ ...qvbr, qvbrSettings: { maxAverageBitrate: 1_000_000 } })).toMatchObject({
      passes: 2,
      averageLimitBps: 1_000_000,
    });
    expect(h264(qvbr).averageLimitBps).toBeUndefined();
  });

  test('AVC3 is an MP4 matter', () => {
    expect(h264({ rateControlMode: 'VBR', bitrate: 1_000_000, writeMp4PackagingType: 'AVC3' }).codecTag).toBe(
      'avc3',
    );
  });
});

test('metrics that are not measured are refused by name, QVBR without that rate control too (V-33)', () => {
  const request = (perFrameMetrics: readonly ('VMAF' | 'PSNR' | 'QVBR')[]) =>
    job(
      { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 1_000_000, perFrameMetrics } },
      {},
      'MP4',
    );
  expect(errorsOf(planOf(request(['VMAF'])))).toEqual([expect.stringContaining('VMAF')]);
  expect(errorsOf(planOf(request(['QVBR'])))).toEqual([expect.stringContaining('rateControlMode QVBR')]);
  expect(mustPlan(request(['PSNR'])).metricFiles).toEqual([
    { groupIndex: 0, renditionId: 'video-1', metric: 'PSNR', location: 's3://out/file_PSNR.csv' },
  ]);
});

test('all renditions of a package cannot be passed through together, and a file has one', () => {
  const passthroughSettings = { videoSelectorMode: 'REMUX_ALL' } as const;
  const wanted = job({ codec: 'PASSTHROUGH', passthroughSettings }, {}, 'MP4');
  expect(errorsOf(planOf(wanted, hdFacts({ container: 'hls', demuxer: 'mpegts' })))).toEqual([
    expect.stringMatching(/^1040.*one rendition of a package passes through, not all/),
  ]);
  expect(errorsOf(planOf(wanted, hdFacts()))).toEqual([]);
});

test('passed through are codecs that containers take as they are', () => {
  const source = (codec: string, profile: string | null = null, fourCc = '') =>
    hdFacts({ videoTracks: [videoTrack({ codec, profile, fourCc })] });
  const passed = (container: ContainerType, facts: InputFacts) =>
    planOf(job({ codec: 'PASSTHROUGH' }, {}, container), facts);
  const tags = [source('hevc', 'Main', 'hvc1'), source('hevc', 'Main', 'hev1')].map(
    (facts) => onlyVideo(mustPlan(job({ codec: 'PASSTHROUGH' }, {}, 'MP4'), facts)).encoder.codecTag,
  );
  expect(tags).toEqual(['hvc1', 'hev1']);
  const prores = onlyVideo(mustPlan(job({ codec: 'PASSTHROUGH' }, {}, 'MOV'), source('prores', 'HQ')));
  expect(prores.encoder).toMatchObject({ codec: 'PRORES', encoder: 'copy', codecTag: 'apch' });
  expect(passed('MXF', source('h264', 'High 4:2:2 Intra')).plan?.outputGroups[0]).toMatchObject({
    outputs: [{ muxer: 'mxf' }],
  });
  expect(errorsOf(passed('MP4', source('prores')))).toEqual([
    expect.stringContaining('into MOV, MXF, not into MP4'),
  ]);
  expect(errorsOf(passed('MP4', source('vp9')))).toEqual([
    expect.stringContaining('cannot be passed through'),
  ]);
});
