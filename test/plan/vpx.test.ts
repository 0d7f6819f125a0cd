/** How the rate of VP8 and VP9 is kept: by a pass that looks, and by steering where VP8 has bounds (spec video.md 8). */
import { describe, expect, test } from 'vitest';
import type { Vp8Settings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { EncoderPlan } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { fileGroup, jobWith, mustPlan, onlyVideo } from './plan-fixtures.ts';

function encoderOf(codec: 'VP8' | 'VP9', settings: Vp8Settings = {}, seconds = 60): EncoderPlan {
  const block = { bitrate: 1_000_000, ...settings };
  const output = {
    containerSettings: { container: 'WEBM' },
    videoDescription: {
      codecSettings: codec === 'VP8' ? { codec, vp8Settings: block } : { codec, vp9Settings: block },
    },
  } as const;
  const facts = hdFacts({
    videoTracks: [videoTrack({ frameRate: rational(25) })],
    durationUs: seconds * 1_000_000,
  });
  return onlyVideo(mustPlan(jobWith([fileGroup([output])]), facts)).encoder;
}

/** What only a steered pass keeps. */
const bounds = { maxBitrate: 1_500_000 } as const;
const levels = ['MULTI_PASS', 'MULTI_PASS_HQ'] as const;

describe('the average', () => {
  test.each([
    ['MULTI_PASS', '3'],
    ['MULTI_PASS_HQ', '1'],
  ] as const)('of VP8 is spent by a look at what its pictures take, %s', (qualityTuningLevel, effort) => {
    const { passes, averageAim, steering, quantizers, options } = encoderOf('VP8', { qualityTuningLevel });
    expect([passes, averageAim, steering]).toEqual([2, undefined, undefined]);
    expect(quantizers).toMatchObject({ boostEvery: 10, shares: { key: 0.2, boosted: 0.2, plain: 1 } });
    expect(quantizers?.lookOptions['cpu-used']).toBe('5');
    expect(options).toMatchObject({ 'lag-in-frames': '0', 'cpu-used': effort });
  });

  test.each(levels)(
    'of VP8 is steered where there is next to nothing to look at, %s',
    (qualityTuningLevel) => {
      const passes = (seconds: number) => encoderOf('VP8', { qualityTuningLevel }, seconds).passes;
      expect([0.04, 0.96, 1, 2].map(passes)).toEqual([1, 1, 2, 2]);
    },
  );

  test.each(
    levels.flatMap((level) => [
      { qualityTuningLevel: level, maxBitrate: 1_500_000 },
      { qualityTuningLevel: level, hrdBufferSize: 2_000_000 },
    ]),
  )('of VP8 is steered in one pass that holds no pictures back within %o', (settings) => {
    const { passes, averageAim, steering, quantizers, bounded, options } = encoderOf('VP8', settings);
    expect([passes, averageAim, quantizers]).toEqual([1, undefined, undefined]);
    expect(steering).toEqual({ everyFrames: 90, firstPicturePercent: null, takeOverPicturePercent: 1500 });
    expect(options).toMatchObject({ 'lag-in-frames': '0' });
    expect(bounded).toBeDefined();
  });

  test.each([
    ['MULTI_PASS', '4'],
    ['MULTI_PASS_HQ', '1'],
  ] as const)('of VP9 too, %s', (qualityTuningLevel, effort) => {
    const { passes, averageAim, quantizers, options } = encoderOf('VP9', { qualityTuningLevel });
    expect([passes, averageAim]).toEqual([2, undefined]);
    expect(quantizers).toMatchObject({ boostEvery: 10, findsNew: true, shares: { boosted: 0.5 } });
    expect(quantizers?.lookOptions).toMatchObject({ deadline: 'realtime', 'cpu-used': '8' });
    expect(options).toMatchObject({ 'lag-in-frames': '0', 'auto-alt-ref': '0', 'cpu-used': effort });
  });

  test.each(levels)('is spent for the structure, %s', (level) => {
    for (const codec of ['VP8', 'VP9'] as const)
      expect(encoderOf(codec, { qualityTuningLevel: level }).options['tune']).toBe('ssim');
    expect(encoderOf('VP9', { qualityTuningLevel: level }).options['frame-parallel']).toBe('0');
  });

  test('of a short clip of VP8 is not spent on its first picture', () => {
    const percents = (seconds: number) => {
      const { steering } = encoderOf('VP8', bounds, seconds);
      return [steering?.firstPicturePercent, steering?.takeOverPicturePercent];
    };
    expect([0.04, 1, 2, 5.9, 6].map(percents)).toEqual([
      [100, 100],
      [625, 625],
      [1250, 1250],
      [3687, 1500],
      [null, 1500],
    ]);
  });

  test.each([
    [bounds, 60],
    [{ hrdBufferSize: 2_000_000 }, 60],
    [{}, 0.96],
  ])(
    'of VP9 within %o, of %f s, is looked at as its rate control makes it, by its better level once more',
    (settings, seconds) => {
      const looks = (qualityTuningLevel: 'MULTI_PASS' | 'MULTI_PASS_HQ') => {
        const encoder = encoderOf('VP9', { qualityTuningLevel, ...settings }, seconds);
        return [
          encoder.passes,
          encoder.averageAim?.looks,
          encoder.quantizers,
          encoder.options['lag-in-frames'],
        ];
      };
      expect(looks('MULTI_PASS')).toEqual([2, 1, undefined, '25']);
      expect(looks('MULTI_PASS_HQ')).toEqual([2, 2, undefined, '25']);
    },
  );

  test.each([
    [90, 60, 90],
    [12, 60, 60],
    [1, 60, 50],
    [49, 60, 98],
    [5000, 60, 250],
    [5000, 20, 125],
    [90, 6, 50],
    [90, 1, 50],
  ])('of groups of %d frames over %d s may change every %d frames', (gopSize, seconds, every) => {
    expect(encoderOf('VP8', { gopSize, ...bounds }, seconds).steering?.everyFrames).toBe(every);
  });
});
