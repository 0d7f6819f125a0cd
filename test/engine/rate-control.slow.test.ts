/**
 * What each rate control promises, measured on cuts and motion from the sizes of packets alone (the figures of a whole
 * minute: bench/rate-control.ts). A short clip ends with the buffer at another level than it began: so much is allowed
 * beside the bar.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { measureMode } from '../../bench/measure-rate.ts';
import { makeMovingClips } from '../../bench/moving-clips.ts';
import { rateModes } from '../../bench/rate-modes.ts';

const seconds = 20;
/** Automatic buffers hold two seconds and begin nine tenths full. */
const ends = (0.9 * 2) / seconds;
const bars = { CBR: 0.01 + ends, VBR: 0.03 + ends } as const;
/** A pass that learns of the pictures while it encodes them misses the average of so short a clip by more. */
const shortClip = 0.12;

let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(seconds, ['cuts']);
}, 120_000);
afterAll(() => bench.close());

describe('on cuts and motion', { timeout: 120_000 }, () => {
  test.each(rateModes)('$name', async (mode) => {
    const { average, bucket } = await measureMode(bench, mode, 'cuts');
    if (mode.kind === 'CBR') expect(Math.abs(average - 1)).toBeLessThanOrEqual(bars.CBR);
    if (mode.kind === 'VBR') expect(Math.abs(average - 1)).toBeLessThanOrEqual(bars.VBR + shortClip);
    // Of QVBR the maximum bounds the average too, beside what the buffer held at first.
    if (mode.kind === 'QVBR') expect(average).toBeLessThanOrEqual(1 + ends);
    expect(bucket?.underflows ?? 0).toBe(0);
  });
});
