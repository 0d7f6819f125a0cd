/** MPEG-2: settings as encoder options, groups, rates, what is refused (spec video.md 9; V-29). */
import { describe, expect, test } from 'vitest';
import type {
  Mpeg2Settings,
  VideoCodecSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { at25, encoded, job } from './codec-jobs.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, noticesOf, planOf } from './plan-fixtures.ts';

describe('MPEG-2', () => {
  test('groups of 12 with 2 B-frames, closed, at the lowest level that fits', () => {
    const encoder = encoded({ codec: 'MPEG2', mpeg2Settings: { bitrate: 8_000_000 } });
    expect(encoder).toMatchObject({ gopSizeFrames: 12, maxBFrames: 2, maxBitrateBps: 16_000_000 });
    expect(encoder.options).toMatchObject({ profile: '4', level: '4', flags: '+cgop' });
    const small = encoded(
      { codec: 'MPEG2', mpeg2Settings: { bitrate: 3_000_000 } },
      { width: 720, height: 576 },
    );
    expect(small.options.level).toBe('8');
    expect(small.bufferSizeBits).toBe(1_835_008);
  });

  test('CBR keeps the rate from below too; timecodes stand in the group headers', () => {
    const settings = {
      rateControlMode: 'CBR',
      bitrate: 8_000_000,
      intraDcPrecision: 'INTRA_DC_PRECISION_10',
    } as const;
    const { options, maxBitrateBps } = encoded(
      { codec: 'MPEG2', mpeg2Settings: settings },
      { timecodeInsertion: 'PIC_TIMING_SEI' },
    );
    expect(options).toMatchObject({
      minrate: '8000000',
      intra_dc_precision: '2',
      gop_timecode: '00:00:00:00',
    });
    expect(maxBitrateBps).toBe(8_000_000);
  });

  test.each([
    ['as a rule', {}, undefined, 0],
    ['with an interval', { minIInterval: 10 }, { leastFrames: 10 }, 0],
    ['by name', { sceneChangeDetect: 'ENABLED' }, { leastFrames: 1 }, 0],
    ['by name and interval 0', { sceneChangeDetect: 'ENABLED', minIInterval: 0 }, undefined, 1],
    ['not wanted', { sceneChangeDetect: 'DISABLED', minIInterval: 10 }, undefined, 1],
    ['where all are key frames', { minIInterval: 10, gopSize: 1 }, undefined, 1],
  ])('key frames at scene changes, %s', (_when, settings, sceneChanges, told) => {
    const mpeg2Settings = { bitrate: 8_000_000, ...settings } as const;
    const result = planOf(job({ codec: 'MPEG2', mpeg2Settings } as VideoCodecSettings), at25);
    expect(result.plan?.videoRenditions[0]?.sceneChanges).toEqual(sceneChanges);
    expect(noticesOf(result.findings).filter((notice) => /no-effect/.test(notice))).toHaveLength(told);
  });

  test('D-10 has no B-frames, whether the job says so or not', () => {
    const d10 = (numberBFramesBetweenReferenceFrames?: number) =>
      planOf(
        job(
          {
            codec: 'MPEG2',
            mpeg2Settings: {
              rateControlMode: 'CBR',
              bitrate: 50_000_000,
              codecProfile: 'PROFILE_422',
              gopSize: 1,
              syntax: 'D_10',
              interlaceMode: 'TOP_FIELD',
              ...(numberBFramesBetweenReferenceFrames === undefined
                ? {}
                : { numberBFramesBetweenReferenceFrames }),
            },
          },
          { width: 720, height: 576 },
        ),
        at25,
      );
    expect(errorsOf(d10(2))).toContainEqual(expect.stringContaining('D-10 has intra pictures alone'));
    expect(errorsOf(d10()).filter((error) => error.includes('intra pictures'))).toEqual([]);
  });

  test('a buffer of less than a frame, and groups without end, are refused', () => {
    const errors = (mpeg2Settings: object) =>
      errorsOf(
        planOf(job({ codec: 'MPEG2', mpeg2Settings: { bitrate: 2_000_000, ...mpeg2Settings } }), at25),
      );
    expect(errors({ hrdBufferSize: 26_560 })).toEqual([expect.stringMatching(/less than one frame/)]);
    expect(errors({ gopSize: 1e300 })).toEqual([expect.stringMatching(/up to 10000000 frames/)]);
    expect(errors({ gopSize: 9_999_999, gopClosedCadence: 2_000_000_000 })).toEqual([]);
  });

  test('rates without a code, sizes above the level, and what the encoder lacks are refused (V-29)', () => {
    const refusals = (mpeg2Settings: object, changes: Partial<VideoDescription> = {}) =>
      errorsOf(
        planOf(
          job({ codec: 'MPEG2', mpeg2Settings: { bitrate: 8_000_000, ...mpeg2Settings } }, changes),
          at25,
        ),
      );
    const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 40, framerateDenominator: 1 };
    expect(refusals(rate, { width: 1280, height: 720 })).toEqual([
      expect.stringContaining('no code for 40/1'),
    ]);
    expect(refusals({ codecLevel: 'MAIN' })).toEqual([expect.stringContaining('720 x 608')]);
    expect(refusals({ softness: 64 })).toEqual([expect.stringContaining('softness')]);
    expect(refusals({}, { width: 2048, height: 1080 })).toHaveLength(2);
  });

  test('MPEG-2 has two passes and decides by rate and distortion, and at a constant rate one, and says so', () => {
    const planned = (settings: Mpeg2Settings) => {
      const mpeg2Settings = { bitrate: 8_000_000, qualityTuningLevel: 'MULTI_PASS', ...settings } as const;
      const result = planOf(job({ codec: 'MPEG2', mpeg2Settings }), at25);
      return { encoder: result.plan?.videoRenditions[0]?.encoder, notices: noticesOf(result.findings) };
    };
    const { encoder, notices } = planned({});
    expect(encoder).toMatchObject({ passes: 2, allocation: { shares: { predicted: 1 } } });
    // The quantizer of a picture is what its bounds say, and nothing multiplies it by the picture's kind.
    expect(encoder?.options).toMatchObject({ mbd: 'rd', trellis: '2', b_qfactor: '1', i_qfactor: '-1' });
    expect(encoder?.opening).toBeUndefined();
    expect(notices).toEqual([]);
    const constant = planned({ rateControlMode: 'CBR' });
    expect(constant.encoder).toMatchObject({ passes: 1, options: { mbd: 'rd', trellis: '2' } });
    expect(constant.encoder?.options).not.toHaveProperty('b_qfactor');
    expect(constant.notices).toEqual([
      expect.stringMatching(/substituted .*mpeg2Settings\/qualityTuningLevel/),
    ]);
    const single = planned({ qualityTuningLevel: 'SINGLE_PASS' });
    expect(single.encoder?.passes).toBe(1);
    expect(single.encoder?.options).not.toHaveProperty('mbd');
    // Bounds below the finest quantizer are for decisions that drop what it would keep.
    expect([encoder, single.encoder].map((one) => one?.options['lmin'])).toEqual(['40', '118']);
    // The finest quantizer is for a variable rate in one pass that is behind its average.
    expect(single.encoder?.sparing?.options).toEqual({ lmin: '236', mblmin: '236' });
    for (const one of [encoder, constant.encoder]) expect(one?.sparing).toBeUndefined();
    // Vectors of the picture before cost nothing, and are there at every level.
    for (const one of [encoder, constant.encoder, single.encoder])
      expect(one?.options).toHaveProperty('last_pred', '3');
    // How many B-frames there are is the job's, or the library's decision by the source, and the same in both passes.
    expect(encoder?.options['b_strategy']).toBe('0');
    expect(planned({ dynamicSubGop: 'ADAPTIVE' }).encoder?.options['b_strategy']).toBe('1');
  });

  test.each([
    [4, 1],
    [6, 1.5],
    [10, 2],
    [45, 1.5],
    [600, 1],
  ])(
    'MPEG-2 of %d seconds may be behind its average by %f before it has the finest quantizer',
    (seconds, behind) => {
      const mpeg2Settings = { bitrate: 8_000_000 };
      const videoTracks = [videoTrack({ frameRate: rational(25) })];
      const facts = hdFacts({ durationUs: seconds * 1_000_000, videoTracks });
      const { plan } = planOf(job({ codec: 'MPEG2', mpeg2Settings }), facts);
      expect(plan?.videoRenditions[0]?.encoder.sparing?.mostBehindBits).toBe(8_000_000 * behind);
    },
  );
});
