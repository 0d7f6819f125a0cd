/** What passes that only look make of the next one. */
import { describe, expect, test } from 'vitest';
import { addLooks, type Looks, wantsAnotherLook, withAim } from '../../src/engine/rate-aim.ts';
import type { AverageAim, JobPlan, VideoRendition } from '../../src/plan/plan.ts';

const target = 400_000;

function renditionOf(averageAim: AverageAim | null): VideoRendition {
  const encoder = { bitrateBps: target, options: {}, ...(averageAim === null ? {} : { averageAim }) };
  return { id: 'video-0', encoder } as unknown as VideoRendition;
}

/** An encoder that makes of a rate what `make` says, through so many passes. */
function averageAfter(rendition: VideoRendition, make: (askedBps: number) => number, looks: number): number {
  const plan = { videoRenditions: [rendition] } as unknown as JobPlan;
  let taken: Looks = new Map();
  for (let look = 0; look < looks; look += 1) {
    const asked = withAim(rendition, taken).encoder.bitrateBps;
    taken = addLooks(plan, taken, new Map([['video-0', make(asked)]]));
  }
  return make(withAim(rendition, taken).encoder.bitrateBps) / target;
}

/** Averages that follow the rate by a power, and are off by a factor at the target. */
function follows(response: number, offBy: number): (askedBps: number) => number {
  return (asked) => offBy * target * (asked / target) ** response;
}

describe('an encoder that keeps to no average', () => {
  test('is asked for the target first', () => {
    expect(withAim(renditionOf({ response: 0.78, looks: 1 }), new Map()).encoder.bitrateBps).toBe(target);
  });

  test.each([
    [0.7, 0.75],
    [1.3, 0.86],
    [1.93, 0.75],
  ])(
    'that makes %d of it, by a power of %d, is brought within three hundredths by one look',
    (offBy, response) => {
      const average = averageAfter(renditionOf({ response: 0.78, looks: 1 }), follows(response, offBy), 1);
      expect(Math.abs(average - 1)).toBeLessThan(0.03);
    },
  );

  test.each([
    [1.9, 0.62],
    [1.3, 0.95],
    [0.5, 0.7],
  ])('that makes %d of it, by a power of %d, by two', (offBy, response) => {
    const rendition = renditionOf({ response: 0.78, looks: 2 });
    const once = averageAfter(rendition, follows(response, offBy), 1);
    const twice = averageAfter(rendition, follows(response, offBy), 2);
    expect(Math.abs(once - 1)).toBeGreaterThan(0.03);
    expect(Math.abs(twice - 1)).toBeLessThan(Math.min(0.06, Math.abs(once - 1)));
  });

  test('takes no other look where the first came near, nor a third', () => {
    const rendition = renditionOf({ response: 0.78, looks: 2 });
    const look = (madeBps: number) => ({ askedBps: target, madeBps });
    const near: Looks = new Map([['video-0', [look(412_000)]]]);
    const far: Looks = new Map([['video-0', [look(600_000)]]]);
    const twice: Looks = new Map([['video-0', [look(600_000), look(500_000)]]]);
    expect([near, far, twice].map((looks) => wantsAnotherLook(rendition, looks))).toEqual([
      false,
      true,
      false,
    ]);
    expect(wantsAnotherLook(renditionOf({ response: 1, looks: 1 }), far)).toBe(false);
  });

  test('is asked for no more than four times the target, and no less than a fourth', () => {
    const rendition = renditionOf({ response: 0.78, looks: 1 });
    const asked = (madeBps: number): number =>
      withAim(rendition, new Map([['video-0', [{ askedBps: target, madeBps }]]])).encoder.bitrateBps;
    expect(asked(1000)).toBe(4 * target);
    expect(asked(100_000_000)).toBe(target / 4);
  });
});

test('an encoder with statistics of its own is asked for the target whatever came out', () => {
  const looks: Looks = new Map([['video-0', [{ askedBps: target, madeBps: 2 * target }]]]);
  expect(withAim(renditionOf(null), looks).encoder.bitrateBps).toBe(target);
});

test('a bounded quality spends what its first pass took, up to the bound', () => {
  const rendition = {
    id: 'video-0',
    encoder: { bitrateBps: 0, averageLimitBps: 300_000, options: { crf: '23', preset: 'slow' } },
  } as unknown as VideoRendition;
  const spent = (madeBps: number) =>
    withAim(rendition, new Map([['video-0', [{ askedBps: 0, madeBps }]]])).encoder;
  expect(spent(200_000)).toMatchObject({ bitrateBps: 200_000, options: { preset: 'slow' } });
  expect(spent(500_000).bitrateBps).toBe(300_000);
  expect(withAim(rendition, new Map()).encoder.options).toHaveProperty('crf');
});
