/** Filler of a constant rate: the decoder's buffer never runs over (Rec. ITU-T H.265 annex C.2). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runBucket } from '../../bench/coded-rate.ts';
import { fillerUnit, followBuffer } from '../../src/engine/followed-buffer.ts';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';

const filling = { rateBps: 400_000, bufferBits: 400_000, initialFill: 0.9, isConstant: true };
const slice = Buffer.from([0x02, 0x02]);

test('any pictures and their filler keep an independent buffer from running over', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const filler = followBuffer(filling, { num: 25, den: 1 });
      const pictures = bytes.map((size, index) => ({
        bits: 8 * (size + filler.take(size)),
        at: index / 25,
      }));
      const bucket = { rateBps: 400_000, sizeBits: 400_000, initialFill: 0.9, isConstant: true };
      expect(runBucket(pictures, bucket, 25).overflows).toBe(0);
    }),
  );
});

test('a variable rate gets none, and tells of a buffer that is never fuller than it holds', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const followed = followBuffer({ ...filling, isConstant: false }, { num: 25, den: 1 });
      for (const size of bytes) {
        const { delay, offset } = followed.firstDelay();
        expect(delay).toBeGreaterThan(0);
        expect(delay + offset).toBe(90_000);
        expect(followed.take(size)).toBe(0);
      }
    }),
  );
});

test('pictures that use the rate get none', () => {
  const filler = followBuffer(filling, { num: 25, den: 1 });
  expect(Array.from({ length: 100 }, () => filler.take(2000))).toEqual(Array(100).fill(0));
});

test('still pictures come to the rate exactly, over an hour at 29.97', () => {
  const filler = followBuffer(filling, { num: 30_000, den: 1001 });
  let bytes = 0;
  const frames = Math.round((3600 * 30_000) / 1001);
  for (let frame = 0; frame < frames; frame += 1) bytes += 100 + filler.take(100);
  // The buffer ends full: a tenth of it came on top.
  expect(bytes * 8).toBeCloseTo((400_000 * frames * 1001) / 30_000 - 40_000, -3);
});

test('a unit has its size, the layers of its picture, and nothing that looks like a start code', () => {
  for (const bytes of [7, 8, 500]) {
    const unit = fillerUnit(bytes, slice);
    const stream = Buffer.concat([Buffer.from([0, 0, 0, 1]), unit]);
    expect(stream.length).toBe(bytes);
    const [found] = [...nalUnits(stream)];
    expect(found).toEqual(unit);
    expect(nalType(unit, 'H_265')).toBe(38);
    expect(unit[1]).toBe(2);
    expect(unit.at(-1)).toBe(0x80);
  }
});
