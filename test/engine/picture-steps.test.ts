/** Steps of pictures by a look at them: encoders here are formulas. */
import { describe, expect, test } from 'vitest';
import {
  createLookedPictures,
  expectedStep,
  type LookedPictures,
  lookingSteps,
  spendingSteps,
} from '../../src/engine/picture-steps.ts';
import { scaleOf } from '../../src/engine/vpx-quantizer.table.ts';
import type { VideoRendition } from '../../src/plan/plan.ts';
import type { FrameQuantizers, FrameRole } from '../../src/plan/rate-plan.ts';

const bitrateBps = 250_000;
const framesPerSecond = 25;
const perPicture = bitrateBps / framesPerSecond;
const gopSizeFrames = 90;
const lookStep = scaleOf('VP8').firstStep;

const rendition = {
  frameRate: { num: framesPerSecond, den: 1 },
  encoder: { codec: 'VP8', bitrateBps, gopSizeFrames },
} as unknown as VideoRendition;

const quantizers: FrameQuantizers = {
  lookOptions: {},
  lookResponses: { key: 2, cut: 2, still: 2, boosted: 1, plain: 1 },
  boostEvery: 8,
  findsNew: false,
  shares: { key: 0.2, cut: 0.3, still: 0.25, boosted: 0.4, plain: 1 },
};

function clip(
  pictures: number,
  complexity: (place: number) => number,
  keys: readonly number[] = [0],
): LookedPictures {
  return {
    complexities: Array.from({ length: pictures }, (_, place) => complexity(place)),
    keys: [...keys],
    news: [],
  };
}

/** Spends on a clip whose pictures take so much of what the look let expect. */
function spend(looked: LookedPictures, takes: (place: number) => number, forced: readonly number[] = []) {
  const steps = spendingSteps(rendition, quantizers, looked);
  const made: { readonly kind: FrameRole; readonly step: number }[] = [];
  const taken: number[] = [];
  for (const [place, complexity] of looked.complexities.entries()) {
    const picture = steps.next(forced.includes(place));
    const isKey = picture.kind === 'key';
    made.push(picture);
    const plain = picture.step / quantizers.shares[picture.kind];
    const bits = (takes(place) * complexity * (isKey ? quantizers.lookResponses.key : 1)) / plain;
    taken.push(bits);
    steps.add(bits, isKey, null);
  }
  return { made, taken, average: taken.reduce((sum, one) => sum + one, 0) / (made.length * perPicture) };
}

function placesOf(made: readonly { readonly kind: FrameRole }[], kind: FrameRole): number[] {
  return made.flatMap((one, place) => (one.kind === kind ? [place] : []));
}

describe('a look', () => {
  test('comes to the average, and tells what pictures take whatever their step was', () => {
    const looked = createLookedPictures();
    const steps = lookingSteps(rendition, looked);
    expect(steps.next(false)).toEqual({ kind: 'plain', step: lookStep });
    for (let place = 0; place < 100; place += 1) {
      const { step } = steps.next(false);
      steps.add((20 * perPicture * (place === 0 ? 10 : 1)) / step, place === 0, null);
    }
    expect(steps.next(false).step).toBeCloseTo(20, 5);
    expect(looked.keys).toEqual([0]);
    expect(looked.complexities.map((complexity) => complexity / perPicture)).toEqual([
      expect.closeTo(200, 5),
      ...new Array(99).fill(expect.closeTo(20, 5)),
    ]);
  });

  test('tells what a picture takes by the step that it was coded with', () => {
    const looked = createLookedPictures();
    const steps = lookingSteps(rendition, looked);
    steps.next(false);
    steps.add(1000, true, 30);
    expect(looked.complexities).toEqual([30_000]);
  });
});

describe('the last pass', () => {
  test('spends the average at one step where the look was right', () => {
    const looked = clip(200, (place) => perPicture * (place < 100 ? 10 : 50));
    const { made, average } = spend(looked, () => 1);
    expect(average).toBeCloseTo(1, 3);
    const plain = made.filter(({ kind }) => kind === 'plain').map(({ step }) => step);
    expect(Math.max(...plain) / Math.min(...plain)).toBeLessThan(1.001);
    expect(plain[0]).toBeCloseTo(expectedStep(rendition, quantizers, looked), 5);
  });

  test.each([0.75, 1.35])('keeps the average where pictures take %f of what the look let expect', (share) => {
    const looked = clip(1500, (place) => perPicture * (30 + (place % 7)));
    const { average, made } = spend(looked, () => share);
    expect(Math.abs(average - 1)).toBeLessThan(0.01);
    // The first pictures alone prove little.
    expect((made[20]?.step ?? 0) / (made[1]?.step ?? 0)).toBeCloseTo(1, 0);
  });

  test('pays at the end for what was spent too much, down to the last pictures', () => {
    const looked = clip(600, (place) => perPicture * (place < 300 ? 1 : 50));
    const { average } = spend(looked, (place) => (place < 500 ? 1 : 2));
    expect(average).toBeGreaterThan(1);
    expect(average).toBeLessThan(1.025);
  });

  test('gives no two seconds more than four averages, however little the rest needs', () => {
    const looked = clip(1000, (place) => perPicture * (place < 900 ? 0.01 : 100));
    const { taken } = spend(looked, () => 1);
    const section = taken.slice(925, 975).reduce((sum, bits) => sum + bits, 0);
    expect(section / (50 * perPicture)).toBeGreaterThan(3.5);
    expect(section / (50 * perPicture)).toBeLessThan(4.1);
  });

  test('stays near what was expected of a clip whose end is another than its beginning', () => {
    const looked = clip(200, () => perPicture * 30);
    const { made } = spend(looked, (place) => (place < 100 ? 0.3 : 4));
    const expected = expectedStep(rendition, quantizers, looked);
    for (const { kind, step } of made)
      expect(Math.abs(Math.log(step / quantizers.shares[kind] / expected))).toBeLessThanOrEqual(
        Math.log(4.001),
      );
  });

  test('has key frames where the look had them, where the job wants them, and where a group ends', () => {
    const { made } = spend(
      clip(300, () => perPicture * 30, [0, 40]),
      () => 1,
      [60],
    );
    expect(placesOf(made, 'key')).toEqual([0, 40, 60, 150, 240]);
  });

  test('boosts a picture of every eight, and none in front of a key frame', () => {
    const { made } = spend(
      clip(40, () => perPicture * 30, [0, 19]),
      () => 1,
    );
    expect(placesOf(made, 'boosted')).toEqual([8, 27, 35]);
    const [key, plain] = [made[0]?.step ?? 0, made[1]?.step ?? 0];
    expect([key / plain, (made[8]?.step ?? 0) / (made[9]?.step ?? 0)]).toEqual([
      expect.closeTo(0.2, 2),
      expect.closeTo(0.4, 2),
    ]);
  });

  test('gives quantizers also to what was not looked at', () => {
    const steps = spendingSteps(rendition, quantizers, createLookedPictures());
    expect(steps.next(false)).toEqual({ kind: 'key', step: lookStep * 0.2 });
    steps.add(1000, true, null);
    expect(steps.next(false)).toEqual({ kind: 'plain', step: lookStep });
  });

  test('counts a picture by the step that it was coded with, whatever it was given', () => {
    const looked = clip(200, () => perPicture * 30);
    const expected = quantizers.lookResponses.key * perPicture * 30 * quantizers.shares.key;
    const stepBehind = (codedShare: number | null): number => {
      const steps = spendingSteps(rendition, quantizers, looked);
      const { step } = steps.next(false);
      const coded = step * (codedShare ?? 1);
      // As many bits in all: what differs is how they are understood.
      steps.add(expected / step, true, codedShare === null ? null : coded);
      return steps.next(false).step;
    };
    expect(stepBehind(1)).toBe(stepBehind(null));
    // They took half of what was expected of that step.
    expect(stepBehind(0.5)).toBeLessThan(stepBehind(1));
    expect(stepBehind(2)).toBeGreaterThan(stepBehind(1));
  });

  const vp9 = { ...rendition, encoder: { ...rendition.encoder, codec: 'VP9' } } as VideoRendition;
  const rolesOf = (complexity: (place: number) => number, findsNew = true): readonly FrameRole[] => {
    const looked = createLookedPictures();
    const looking = lookingSteps(vp9, looked);
    for (let place = 0; place < 40; place += 1)
      looking.add((perPicture * complexity(place)) / looking.next(false).step, place === 0, null);
    const steps = spendingSteps(vp9, { ...quantizers, findsNew }, looked);
    return looked.complexities.map(() => steps.next(false).kind);
  };

  test('boosts the picture of a cut that the look did not make a key frame of, and begins the next eight there', () => {
    const cut = (place: number): number => (place === 12 ? 300 : place < 12 ? 30 : 20);
    const roles = rolesOf(cut);
    expect([12, 20, 28].map((place) => roles[place])).toEqual(['cut', 'boosted', 'boosted']);
    expect(roles.filter((role) => role === 'cut')).toHaveLength(1);
    expect(rolesOf(cut, false)).not.toContain('cut');
  });

  test.each([
    ['a cut', 300, 5, 'still'],
    ['a caption that comes', 12, 5, 'still'],
    ['a change of light in motion', 40, 22, 'boosted'],
  ] as const)('finds %s by what it takes: %d, and %d behind it', (_name, taken, behind, role) => {
    const before = role === 'boosted' ? 22 : 5;
    // Motion, by which the average is far above a still.
    const roles = rolesOf((place) => (place === 21 ? taken : place < 12 ? 60 : place < 21 ? before : behind));
    expect(roles[21]).toBe(role);
    expect(roles[29]).toBe('boosted');
  });

  test.each([
    ['noise', (place: number) => (place % 3 === 0 ? 60 : 30)],
    ['pictures that take more and less in turns', (place: number) => (place % 2 === 0 ? 60 : 30)],
    ['a slow rise', (place: number) => 30 + 4 * place],
    ['motion that ends', (place: number) => (place < 12 ? 300 : 5)],
  ])('takes %s for no cut', (_name, complexity) => {
    const roles = rolesOf(complexity);
    expect(roles).not.toContain('cut');
    expect(roles).not.toContain('still');
    // One in four at most, where one in eight is boosted anyway.
    expect(roles.filter((role) => role === 'boosted').length).toBeLessThanOrEqual(10);
  });
});
