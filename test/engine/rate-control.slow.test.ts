/**
 * What each rate control promises, measured on cuts and motion from the sizes of packets alone (the figures of a whole
 * minute: bench/rate-control.ts). A short clip ends with the buffer at another level than it began: so much is allowed
 * beside the bar.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { measureMode } from '../../bench/measure-rate.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import { rateModesAt } from '../../bench/rate-modes.ts';

const seconds = 20;
/** Buffers lend a second of a constant rate at most, and begin nine tenths full. */
const ends = 0.9 / seconds;
const bars = { CBR: 0.01 + ends, VBR: 0.03 + (0.9 * 2) / seconds } as const;
/** A pass that learns of the pictures while it encodes them misses the average of so short a clip by more. */
const shortClip = 0.12;
/** Two passes and the levels between tell nothing new of a rate. */
const measured = rateModesAt(1).filter(({ name }) => !/_HQ|MPEG-2 .* MULTI_PASS/.test(name));
/** Streams that tell of their buffer themselves: all of H.265, constant rates of H.264. */
const tellsOfBuffer = /H.265|H.264 CBR/;

let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(seconds, [movingClips.cuts]);
}, 120_000);
afterAll(() => bench.close());

describe('on cuts and motion', { timeout: 120_000 }, () => {
  test.each(measured)('$name', async (mode) => {
    const { average, peak, bucket, hrd } = await measureMode(bench, mode, movingClips.cuts);
    if (mode.kind === 'CBR') expect(Math.abs(average - 1)).toBeLessThanOrEqual(bars.CBR);
    if (mode.kind === 'VBR') expect(Math.abs(average - 1)).toBeLessThanOrEqual(bars.VBR + shortClip);
    if (mode.kind === 'QVBR') expect(peak).toBeLessThanOrEqual(1);
    expect(bucket.underflows).toBe(0);
    expect(bucket.overflows).toBe(0);
    expect(hrd === null).toBe(!tellsOfBuffer.test(mode.name));
    expect(hrd?.late ?? 0).toBe(0);
    expect(hrd?.full ?? 0).toBe(0);
    // One tick of 1/90000 s is rounding.
    expect(hrd?.delayError ?? 0).toBeLessThan(2 / 90_000);
  });
});
