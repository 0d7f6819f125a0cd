/** What passes that only look make of the next one. */
import { describe, expect, test } from 'vitest';
import {
  addLooks,
  type Look,
  type Looks,
  mostLooks,
  wantsAnotherLook,
  withAim,
} from '../../src/engine/rate-aim.ts';
import { lowestFill } from '../../src/engine/rate-bounds.ts';
import type { JobPlan, VideoRendition } from '../../src/plan/plan.ts';
import type { AverageAim } from '../../src/plan/rate-plan.ts';

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
    taken = addLooks(
      plan,
      taken,
      new Map([['video-0', { averageBps: make(asked), pictureBytes: undefined }]]),
    );
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

describe('a buffer that the encoder keeps at a constant rate alone', () => {
  const bounded = {
    id: 'video-0',
    frameRate: { num: 25, den: 1 },
    encoder: {
      bitrateBps: target,
      passes: 2,
      maxBitrateBps: 500_000,
      bufferSizeBits: 500_000,
      options: { 'lag-in-frames': '25' },
      averageAim: { response: 0.78, looks: 1 },
      bounded: { pacing: { rateBps: 450_000, bufferBits: 300_000 }, options: { 'lag-in-frames': '0' } },
    },
  } as unknown as VideoRendition;
  const plan = { videoRenditions: [bounded] } as unknown as JobPlan;
  const even = Array.from({ length: 500 }, () => target / 8 / 25);
  /** Still for half of the clip, and all of the bits in the other half. */
  const late = even.map((bytes, index) => (index < 250 ? 0 : 2 * bytes));
  const look = (looks: Looks, pictureBytes: readonly number[], averageBps = target): Looks =>
    addLooks(plan, looks, new Map([['video-0', { averageBps, pictureBytes }]]));
  const states = (looks: Looks): readonly Look['buffer'][] =>
    (looks.get('video-0') ?? []).map(({ buffer }) => buffer);

  test('empties where pictures come too large, and holds no more than it can', () => {
    expect(lowestFill(bounded, even, 1)).toBeCloseTo(0.9 - 0.032, 3);
    expect(lowestFill(bounded, late, 1)).toBeLessThan(-5);
    expect(lowestFill(bounded, late, 0.5)).toBe(0.9);
  });

  test('that is kept leaves the encode as it is', () => {
    const looks = look(new Map(), even);
    expect(states(looks)).toEqual(['kept']);
    expect(wantsAnotherLook(bounded, looks)).toBe(false);
    expect(withAim(bounded, looks).encoder.options).toEqual({ 'lag-in-frames': '25' });
  });

  test('that is broken makes the rate constant, within the peak, after a look at what that makes', () => {
    const once = look(new Map(), late);
    expect(states(once)).toEqual(['broken']);
    expect(wantsAnotherLook(bounded, once)).toBe(true);
    expect(withAim(bounded, once).encoder).toMatchObject({
      bitrateBps: target,
      maxBitrateBps: target,
      bufferSizeBits: 300_000,
      options: { 'lag-in-frames': '0', minrate: '400000', rc_init_occupancy: '270000' },
    });
    const twice = look(once, even, 300_000);
    expect(states(twice)).toEqual(['broken', 'constant']);
    expect(wantsAnotherLook(bounded, twice)).toBe(false);
    expect(withAim(bounded, twice).encoder.bitrateBps).toBe(450_000);
  });

  test('that holds few pictures gives a key frame half of them', () => {
    const { encoder } = bounded;
    const keyFrames = (bufferBits: number) => {
      const bound = { pacing: { rateBps: 450_000, bufferBits }, options: { 'max-intra-rate': '400' } };
      const small = { ...bounded, encoder: { ...encoder, bounded: bound } };
      return withAim(small, look(new Map(), late)).encoder.options['max-intra-rate'];
    };
    expect([300_000, 96_000, 10_000].map(keyFrames)).toEqual(['400', '300', '100']);
  });

  test('that came near the end, or of which a look tells nothing, is looked at once more', () => {
    const near = look(
      new Map(),
      even.map((bytes, index) => (index === 9 ? 40_000 : bytes)),
      500_000,
    );
    const far = look(new Map(), even, 3 * target);
    expect([states(near), states(far)]).toEqual([['near'], ['near']]);
    expect([near, far].map((looks) => wantsAnotherLook(bounded, looks))).toEqual([true, true]);
    expect(wantsAnotherLook(bounded, look(near, even))).toBe(false);
    expect(states(look(far, late))).toEqual(['near', 'broken']);
    expect(mostLooks(plan)).toBe(3);
  });
});
