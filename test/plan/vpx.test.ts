/** How the rate of VP8 and VP9 is kept: VP8 by steering, its better level and VP9 by a pass that looks (spec video.md 8). */
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

describe('the average', () => {
  test('of VP8 is steered in one pass that holds no pictures back', () => {
    const { passes, averageAim, steering, quantizers, options } = encoderOf('VP8');
    expect([passes, averageAim, quantizers]).toEqual([1, undefined, undefined]);
    expect(steering).toEqual({ everyFrames: 90, firstPicturePercent: null, takeOverPicturePercent: 1500 });
    expect(options).toMatchObject({ 'lag-in-frames': '0', 'cpu-used': '3' });
  });

  test('of the better level of VP8 is spent by a look at what its pictures take', () => {
    const { passes, averageAim, steering, quantizers, options } = encoderOf('VP8', {
      qualityTuningLevel: 'MULTI_PASS_HQ',
    });
    expect([passes, averageAim, steering]).toEqual([2, undefined, undefined]);
    expect(quantizers).toMatchObject({ boostEvery: 8, shares: { key: 0.2, boosted: 0.4, plain: 1 } });
    expect(quantizers?.lookOptions['cpu-used']).toBe('5');
    expect(options).toMatchObject({ 'lag-in-frames': '0', 'cpu-used': '1' });
    expect(encoderOf('VP9', { qualityTuningLevel: 'MULTI_PASS_HQ' }).quantizers).toBeUndefined();
  });

  test('of the better level of VP8 is steered where there is next to nothing to look at', () => {
    const passes = (seconds: number) =>
      encoderOf('VP8', { qualityTuningLevel: 'MULTI_PASS_HQ' }, seconds).passes;
    expect([0.04, 0.96, 1, 2].map(passes)).toEqual([1, 1, 2, 2]);
  });

  test.each([{ maxBitrate: 1_500_000 }, { hrdBufferSize: 2_000_000 }])(
    'of the better level of VP8 is steered within %o',
    (bound) => {
      const { passes, steering, quantizers, bounded } = encoderOf('VP8', {
        qualityTuningLevel: 'MULTI_PASS_HQ',
        ...bound,
      });
      expect([passes, quantizers, steering?.everyFrames]).toEqual([1, undefined, 90]);
      expect(bounded).toBeDefined();
    },
  );

  test.each(['MULTI_PASS', 'MULTI_PASS_HQ'] as const)('of VP8 is spent for the structure, %s', (level) => {
    expect(encoderOf('VP8', { qualityTuningLevel: level }).options['tune']).toBe('ssim');
    expect(encoderOf('VP9', { qualityTuningLevel: level }).options['tune']).toBeUndefined();
  });

  test('of a short clip of VP8 is not spent on its first picture', () => {
    const percents = (seconds: number) => {
      const { steering } = encoderOf('VP8', {}, seconds);
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

  test('of VP9 is looked at in a first pass, by its better level once more', () => {
    const looks = (qualityTuningLevel: 'MULTI_PASS' | 'MULTI_PASS_HQ') => {
      const { passes, averageAim, steering } = encoderOf('VP9', { qualityTuningLevel });
      return [passes, averageAim?.looks, steering];
    };
    expect(looks('MULTI_PASS')).toEqual([2, 1, undefined]);
    expect(looks('MULTI_PASS_HQ')).toEqual([2, 2, undefined]);
  });

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
    expect(encoderOf('VP8', { gopSize }, seconds).steering?.everyFrames).toBe(every);
  });
});
