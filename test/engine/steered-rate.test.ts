/** What an encoder is asked for while it runs, by what it has made: encoders here are formulas. */
import { describe, expect, test } from 'vitest';
import { createSteeredRate, firstEncoder } from '../../src/engine/steered-rate.ts';
import type { EncoderPlan, VideoRendition } from '../../src/plan/plan.ts';

const target = 400_000;
const framesPerSecond = 25;
const everyFrames = 90;

function renditionOf(encoder: Partial<EncoderPlan> = {}, isForced = false): VideoRendition {
  return {
    frameRate: { num: framesPerSecond, den: 1 },
    forcedKeyFrameSeconds: isForced ? { num: 6, den: 1 } : null,
    encoder: {
      bitrateBps: target,
      maxBitrateBps: 2 * target,
      bufferSizeBits: 4 * target,
      options: { deadline: 'good' },
      steering: { everyFrames, firstPicturePercent: null, takeOverPicturePercent: 1500 },
      ...encoder,
    },
  } as unknown as VideoRendition;
}

/** A job that asks for a peak and for a buffer of so many seconds of the average. */
function boundedOf(bufferSeconds: number, peak = 1.25): VideoRendition {
  const [maxBitrateBps, bufferSizeBits] = [peak * target, bufferSeconds * target];
  const pacing = { rateBps: maxBitrateBps, bufferBits: 0.8 * bufferSizeBits };
  return renditionOf({
    maxBitrateBps,
    bufferSizeBits,
    bounded: { pacing, options: { 'max-intra-rate': '400' } },
  });
}

interface Taken {
  readonly frame: number;
  readonly encoder: EncoderPlan;
}

/** Encodes `seconds` as an encoder does that makes of a rate what `make` says; a key frame every six seconds is forced. */
function encode(
  rendition: VideoRendition,
  seconds: number,
  make: (askedBps: number, frame: number) => number,
): { readonly average: number; readonly taken: readonly Taken[] } {
  const rate = createSteeredRate(rendition);
  if (rate === null) throw new TypeError('the rate is not steered');
  const taken: Taken[] = [];
  let { bitrateBps } = firstEncoder(rendition);
  let bits = 0;
  for (let frame = 0; frame < seconds * framesPerSecond; frame += 1) {
    if (rate.isDue(frame % (6 * framesPerSecond) === 0)) {
      const encoder = rate.takeOver();
      taken.push({ frame, encoder });
      ({ bitrateBps } = encoder);
    }
    rate.send();
    const pictureBits = make(bitrateBps, frame) / framesPerSecond;
    bits += pictureBits;
    rate.add(pictureBits / 8);
  }
  return { average: bits / seconds / target, taken };
}

const asked = (askedBps: number): number => askedBps;

test('an encoder that keeps its rate itself is not steered', () => {
  const { encoder } = renditionOf();
  const { steering: _steering, ...own } = encoder;
  expect(createSteeredRate({ ...renditionOf(), encoder: own })).toBeNull();
  expect(firstEncoder({ ...renditionOf(), encoder: own })).toBe(own);
});

describe('an average', () => {
  test('that comes out as asked is left alone', () => {
    expect(encode(renditionOf(), 60, asked)).toEqual({ average: 1, taken: [] });
    expect(encode(renditionOf(), 10, (bps) => bps * 1.02).taken).toEqual([]);
  });

  test.each([1.07, 1.3, 0.85])('that comes to %d of what is asked for is brought to the target', (off) => {
    const { average, taken } = encode(renditionOf(), 60, (bps) => bps * off);
    expect(Math.abs(average - 1)).toBeLessThan(0.012);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.every(({ frame }) => frame % everyFrames === 0)).toBe(true);
  });

  test('spends on the busy half what the easy half left, up to twice the target', () => {
    const { average, taken } = encode(renditionOf(), 60, (bps, frame) => (frame < 750 ? target / 20 : bps));
    expect(average).toBeGreaterThan(0.97);
    expect(average).toBeLessThan(1.02);
    expect(Math.max(...taken.map(({ encoder }) => encoder.bitrateBps))).toBe(2 * target);
  });

  test('asks for no more than the peak, nor less than half', () => {
    const low = renditionOf({ maxBitrateBps: 1.2 * target });
    const easy = encode(low, 30, () => target / 20);
    expect(Math.max(...easy.taken.map(({ encoder }) => encoder.bitrateBps))).toBe(1.2 * target);
    const hard = encode(renditionOf(), 30, () => 4 * target);
    expect(Math.min(...hard.taken.map(({ encoder }) => encoder.bitrateBps))).toBe(target / 2);
  });

  test('changes at key frames of the job alone where it asks for some', () => {
    const { average, taken } = encode(renditionOf({}, true), 60, (bps) => bps * 1.2);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.every(({ frame }) => frame % (6 * framesPerSecond) === 0)).toBe(true);
    expect(Math.abs(average - 1)).toBeLessThan(0.02);
  });

  test('bounds the first picture of an encoder that takes over, not that of the first', () => {
    const [first] = encode(renditionOf(), 10, (bps) => bps * 1.3).taken;
    expect(first?.encoder.options).toEqual({ deadline: 'good', 'max-intra-rate': '1500' });
    expect(firstEncoder(renditionOf()).options).toEqual({ deadline: 'good' });
  });
});

test('the first picture of a short clip is bounded, with a buffer by the narrower of both', () => {
  const short = { everyFrames, firstPicturePercent: 625, takeOverPicturePercent: 625 };
  const percent = (rendition: VideoRendition): string | undefined => {
    const { encoder } = rendition;
    return firstEncoder({ ...rendition, encoder: { ...encoder, steering: short } }).options['max-intra-rate'];
  };
  expect([renditionOf(), boundedOf(2)].map(percent)).toEqual(['625', '625']);
  const long = { ...short, firstPicturePercent: 2000 };
  const { encoder } = boundedOf(1);
  expect(firstEncoder({ ...boundedOf(1), encoder: { ...encoder, steering: long } }).options).toMatchObject({
    'max-intra-rate': '875',
  });
});

describe('a buffer that the job asks for', () => {
  test('is left alone while it is half full', () => {
    expect(encode(boundedOf(2), 30, asked).taken).toEqual([]);
  });

  test('is kept by the encoder, at a constant rate, as soon as it is emptier', () => {
    const { taken } = encode(boundedOf(2), 30, (bps, frame) => (frame < 30 ? bps : 2.5 * bps));
    const [first] = taken;
    // A full buffer of two seconds loses 1.25 averages a second: less than half is there after 0.8 s.
    expect(first?.frame).toBe(51);
    expect(first?.encoder).toMatchObject({
      bufferSizeBits: 1.6 * target,
      options: { 'max-intra-rate': '400' },
    });
    expect(first?.encoder.options['minrate']).toBe(`${first?.encoder.bitrateBps}`);
    expect(Number(first?.encoder.options['rc_init_occupancy']) / (1.6 * target)).toBeCloseTo(0.48, 1);
    expect(taken.every(({ encoder }) => encoder.maxBitrateBps === encoder.bitrateBps)).toBe(true);
    expect(taken.every(({ encoder }) => encoder.bitrateBps <= 1.25 * target)).toBe(true);
  });

  test('is left to the rate again when it is nearly full', () => {
    const { taken } = encode(boundedOf(2), 30, (bps, frame) => (frame < 30 || frame > 60 ? bps : 2.5 * bps));
    const kinds = taken.map(({ frame, encoder }) => [frame, encoder.options['minrate'] !== undefined]);
    expect(kinds[0]).toEqual([51, true]);
    expect(kinds.at(-1)?.[1]).toBe(false);
    expect(taken.slice(1).every(({ frame }) => (frame - 51) % everyFrames === 0)).toBe(true);
  });

  test('is never told to be less than empty', () => {
    const { taken } = encode(boundedOf(2), 4, (bps, frame) => (frame === 5 ? 200 * bps : bps));
    expect(taken[0]?.frame).toBe(6);
    expect(taken[0]?.encoder.options['rc_init_occupancy']).toBe(`${Math.round(0.02 * 1.6 * target)}`);
  });

  test('that holds few pictures is kept from the first on, and limits what is asked for', () => {
    const small = boundedOf(0.5, 2);
    expect(firstEncoder(small).options).toMatchObject({ minrate: `${target}` });
    const { taken } = encode(small, 30, (bps, frame) => (frame < 300 ? target / 20 : bps));
    expect(taken).toEqual([]);
    expect(firstEncoder(boundedOf(1)).options).not.toHaveProperty('minrate');
  });

  test('holds the first picture', () => {
    expect(firstEncoder(boundedOf(2)).options).toMatchObject({ 'max-intra-rate': '1750' });
    expect(firstEncoder(boundedOf(1)).options).toMatchObject({ 'max-intra-rate': '875' });
  });
});
