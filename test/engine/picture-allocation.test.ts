/** Quantizers by a look at all pictures: encoders here are formulas. */
import { describe, expect, test } from 'vitest';
import {
  allocate,
  type LookedCoding,
  lookingQuantizer,
  type PictureBucket,
  spendingQuantizers,
} from '../../src/engine/picture-allocation.ts';
import { mpeg2Allocation } from '../../src/plan/mpeg2.table.ts';
import type { CodedKind } from '../../src/plan/rate-plan.ts';

const averageBits = 40_000;
const pattern: readonly CodedKind[] = ['intra', ...Array.from({ length: 11 }, (_, at) => kindAt(at))];

function kindAt(place: number): CodedKind {
  return place % 3 === 0 ? 'predicted' : 'bidirectional';
}

/** Groups of twelve, coded and shown in the same order. */
function clip(pictures: number, complexity: (place: number) => number): LookedCoding {
  const places = Array.from({ length: pictures }, (_, place) => place);
  return {
    complexities: places.map(complexity),
    kinds: places.map((place) => pattern[place % pattern.length] ?? 'intra'),
    shownAt: places,
  };
}

/** Three times as much in the middle third. */
const uneven = clip(300, (place) => (place >= 100 && place < 200 ? 600_000 : 200_000));
const wide: PictureBucket = { inflowBits: 3 * averageBits, sizeBits: 4e6, initialBits: 3.6e6 };
const narrow: PictureBucket = { inflowBits: 1.1 * averageBits, sizeBits: 800_000, initialBits: 720_000 };

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** Behind each picture. */
function fillsOf(bits: readonly number[], { inflowBits, sizeBits, initialBits }: PictureBucket): number[] {
  let fill = initialBits;
  return bits.map((size) => {
    const left = fill - size;
    fill = Math.min(sizeBits, left + inflowBits);
    return left / sizeBits;
  });
}

const lowestFill = (bits: readonly number[], bucket: PictureBucket): number =>
  Math.min(...fillsOf(bits, bucket));

function expectedBits(looked: LookedCoding, planned: readonly number[]): number[] {
  return looked.complexities.map((complexity, place) => complexity / (planned[place] ?? 1));
}

/** An encoder that makes of a picture what `response` says of what the look told. */
function spend(
  looked: LookedCoding,
  bucket: PictureBucket | null,
  response: (place: number, quantizer: number) => number,
) {
  const steps = spendingQuantizers(looked, mpeg2Allocation, averageBits, bucket);
  const pictures = looked.complexities.map((complexity, place) => {
    const { quantizer, coarsest } = steps.next();
    const bits = (response(place, quantizer) * complexity) / quantizer;
    steps.add(bits, quantizer);
    return { quantizer, coarsest, bits };
  });
  const bits = pictures.map((picture) => picture.bits);
  return { pictures, bits, share: sum(bits) / (averageBits * bits.length) };
}

describe('a plan', () => {
  test('spends the budget, with finer quantizers for pictures that others are predicted from', () => {
    const planned = allocate(uneven, mpeg2Allocation, 300 * averageBits, wide);
    expect(sum(expectedBits(uneven, planned)) / (300 * averageBits)).toBeCloseTo(1, 2);
    const [intra = 0, predicted = 0, bidirectional = 0] = planned;
    expect([intra / predicted, bidirectional / predicted]).toEqual([
      expect.closeTo(0.6, 2),
      expect.closeTo(2, 2),
    ]);
  });

  test('gives what takes more coarser quantizers, and not in proportion', () => {
    const planned = allocate(uneven, mpeg2Allocation, 300 * averageBits, null);
    // Of one kind, far from where the clip changes.
    expect((planned[145] ?? 0) / (planned[49] ?? 1)).toBeCloseTo(3 ** 0.2, 2);
  });

  test('keeps the buffer where an even quality would empty it, and gives what is saved to the others', () => {
    const open = allocate(uneven, mpeg2Allocation, 300 * averageBits, null);
    expect(lowestFill(expectedBits(uneven, open), narrow)).toBeLessThan(0);
    const kept = allocate(uneven, mpeg2Allocation, 300 * averageBits, narrow);
    expect(lowestFill(expectedBits(uneven, kept), narrow)).toBeGreaterThan(0.12);
    expect(sum(expectedBits(uneven, kept)) / (300 * averageBits)).toBeGreaterThan(0.97);
    expect((kept[49] ?? 0) / (open[49] ?? 1)).toBeLessThan(0.95);
  });

  test('evens out what one picture takes by those shown around it, whatever their order', () => {
    const looked = clip(60, (place) => (place === 30 ? 2_000_000 : 200_000));
    const turned = { ...looked, shownAt: looked.shownAt.map((_, place) => (place === 30 ? 0 : place)) };
    const [one, other] = [looked, turned].map((of) => allocate(of, mpeg2Allocation, 60 * averageBits, null));
    // Its neighbours in coding order are not those beside which it is shown.
    expect(one?.[31]).toBeGreaterThan(1.2 * (other?.[31] ?? 0));
    expect(other?.[1]).toBeGreaterThan(1.2 * (one?.[1] ?? 0));
  });

  test.each([
    ['too easy', 1, 0.34],
    ['too hard', 1e9, 31],
  ])('of pictures that are %s stays at that end of the scale', (_name, complexity, end) => {
    const planned = allocate(
      clip(24, () => complexity),
      mpeg2Allocation,
      24 * averageBits,
      wide,
    );
    expect(new Set(planned)).toEqual(new Set([end]));
  });

  test.each([0.02, 0.1, 0.15, 0.3])('begins with a picture where the buffer begins %d full', (fill) => {
    const bucket = { ...wide, sizeBits: 1_800_000, initialBits: fill * 1_800_000 };
    const planned = allocate(
      clip(48, () => 400_000),
      mpeg2Allocation,
      48 * averageBits,
      bucket,
    );
    const [first = 0] = planned;
    // It takes half of what is there, where it takes less than it would.
    expect(400_000 / first).toBeGreaterThan(Math.min(0.4 * bucket.initialBits, 40_000));
    expect(
      lowestFill(
        expectedBits(
          clip(48, () => 400_000),
          planned,
        ),
        bucket,
      ),
    ).toBeGreaterThan(0);
  });

  test('keeps its floor behind a beginning with little', () => {
    const bucket = { ...narrow, initialBits: 0.02 * narrow.sizeBits };
    const bits = expectedBits(uneven, allocate(uneven, mpeg2Allocation, 300 * averageBits, bucket));
    const fills = fillsOf(bits, bucket);
    expect(Math.min(...fills)).toBeGreaterThan(0);
    const recovered = fills.findIndex((fill) => fill > 0.35);
    expect(recovered).toBeGreaterThan(0);
    expect(Math.min(...fills.slice(recovered))).toBeGreaterThan(0.12);
  });

  test('of a long film ends where its buffer is narrow all along', () => {
    const film = clip(40_000, (place) => 200_000 + 150_000 * ((place * 7919) % 5));
    const tight = { inflowBits: averageBits, sizeBits: 60_000, initialBits: 54_000 };
    const planned = allocate(film, mpeg2Allocation, 40_000 * averageBits, tight);
    expect(planned).toHaveLength(40_000);
  });

  test('of no pictures is none', () => {
    expect(
      allocate(
        clip(0, () => 1),
        mpeg2Allocation,
        0,
        wide,
      ),
    ).toEqual([]);
  });
});

describe('the last pass', () => {
  test.each([
    ['as the look told', () => 1],
    ['half as much again', () => 1.5],
    ['half of it', () => 0.5],
    ['twice as much from the middle on', (place: number) => (place < 150 ? 1 : 2)],
    // Most of it is what no quantizer changes.
    ['less than a quantizer lets expect', (_place: number, quantizer: number) => (quantizer / 8) ** 0.5],
  ])('comes to the average where pictures take %s', (_name, response) => {
    expect(spend(uneven, wide, response).share).toBeGreaterThan(0.97);
    expect(spend(uneven, wide, response).share).toBeLessThan(1.03);
  });

  test('keeps a narrow buffer where pictures take twice what the look told', () => {
    const { bits } = spend(uneven, narrow, (place) => (place % 50 === 49 ? 2 : 1.3));
    expect(lowestFill(bits, narrow)).toBeGreaterThan(0);
  });

  test('gets coarser where little is left, whatever was planned', () => {
    const even = clip(1200, () => 320_000);
    // Not long enough for the average to tell: sixty pictures that take nearly twice as much as they should.
    const { bits } = spend(even, narrow, (place) => (place >= 20 && place < 80 ? 1.8 : 1));
    expect(lowestFill(bits, narrow)).toBeGreaterThan(0);
  });

  test('lets the encoder go on to coarser ones where a picture might be late', () => {
    const hard = clip(24, (place) => (place === 12 ? 3_000_000 : 100_000));
    const { pictures } = spend(hard, narrow, () => 1);
    const [sure, unsure] = [pictures[3], pictures[12]];
    expect(sure?.coarsest).toBe(sure?.quantizer);
    expect(unsure?.coarsest).toBe(31);
  });

  test('goes on behind what was looked at', () => {
    const steps = spendingQuantizers(
      clip(1, () => 100_000),
      mpeg2Allocation,
      averageBits,
      wide,
    );
    steps.add(averageBits, 5);
    expect(steps.next().quantizer).toBeGreaterThan(0);
    steps.add(averageBits, 5);
    expect(Number.isFinite(steps.next().quantizer)).toBe(true);
  });
});

describe('a look', () => {
  test('comes to the average by itself, and not by key pictures', () => {
    const looking = lookingQuantizer(averageBits);
    for (let place = 0; place < 100; place += 1) {
      const kind = pattern[place % pattern.length] ?? 'intra';
      looking.add((kind === 'intra' ? 4e6 : 320_000) / looking.quantizer(), kind);
    }
    expect(looking.quantizer()).toBeCloseTo(8, 1);
  });

  test('comes to it where there are key pictures alone', () => {
    const looking = lookingQuantizer(averageBits);
    for (let place = 0; place < 50; place += 1) looking.add(480_000 / looking.quantizer(), 'intra');
    expect(looking.quantizer()).toBeCloseTo(12, 1);
  });

  test('tells bits at a quantizer of 1, and goes no finer', () => {
    const looking = lookingQuantizer(averageBits);
    expect(looking.add(1000, 'predicted')).toBe(5000);
    expect(looking.quantizer()).toBe(1);
    expect(looking.add(1000, 'predicted')).toBe(1000);
  });
});
