/**
 * What each rate control promises, measured on cuts and motion from the sizes of packets alone (the figures of a whole
 * minute: bench/rate-control.ts). A short clip ends with the buffer at another level than it began: so much is allowed
 * beside the bar.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { measureMode } from '../../bench/measure-rate.ts';
import { type MovingClip, makeMovingClips, movingClips, stillThenCuts } from '../../bench/moving-clips.ts';
import { type RateMode, rateModesAt } from '../../bench/rate-modes.ts';

const seconds = 20;
/** VP8 takes three times as long as VP9. */
const vp8Seconds = 8;
const shortCuts: MovingClip = {
  ...movingClips.cuts,
  name: 'short-cuts',
  describe: () => movingClips.cuts.describe(vp8Seconds),
};
const halves: MovingClip = { ...stillThenCuts, describe: () => stillThenCuts.describe(vp8Seconds) };
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
  bench = await makeMovingClips(seconds, [movingClips.cuts, shortCuts, halves]);
}, 120_000);
afterAll(() => bench.close());

describe('on cuts and motion', { timeout: 120_000 }, () => {
  test.each(measured)('$name', async (mode) => {
    const clip = mode.name.startsWith('VP8') ? shortCuts : movingClips.cuts;
    const { average, peak, bucket, hrd } = await measureMode(bench, mode, clip);
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

/** A variable rate spends on the cuts what it saved on the still, far above the peak. */
describe('a still that becomes cuts', { timeout: 120_000 }, () => {
  const asked = { averageBps: 400_000, peakBps: 500_000, bufferBits: 500_000 };
  const settings = { bitrate: 400_000, maxBitrate: 500_000, hrdBufferSize: 500_000 };
  const modes: readonly RateMode[] = (['VP8', 'VP9'] as const).map((codec) => ({
    name: codec,
    kind: 'VBR',
    asked,
    output: {
      containerSettings: { container: 'WEBM' },
      videoDescription: {
        codecSettings: codec === 'VP8' ? { codec, vp8Settings: settings } : { codec, vp9Settings: settings },
      },
    },
  }));

  test.each(modes)('$name keeps the peak and the buffer', async (mode) => {
    const { average, bucket } = await measureMode(bench, mode, halves);
    expect(bucket.underflows).toBe(0);
    // The cuts get what the peak leaves them.
    expect(average).toBeGreaterThan(0.45);
    expect(average).toBeLessThan(0.8);
  });
});
