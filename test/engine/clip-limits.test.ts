/** Limits of sample values hold in what is written, whatever scaling and chroma sampling come after the clipping. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClipLimits } from '../../src/contract/types.generated.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.2 });
}, 120_000);
afterAll(() => workshop?.close());

const sizes = { I420: 2, I422: 1, I444: 1 } as const;

/** Lowest and highest samples of luma and of chroma in all pictures. */
async function extremes(
  fourcc: keyof typeof sizes,
  clipLimits: ClipLimits | null,
): Promise<readonly [number, number, number, number]> {
  const [width, height] = [160, 90];
  const limits = clipLimits === null ? {} : { sampleRangeConversion: 'LIMITED_RANGE_CLIP', clipLimits };
  const { path } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    container: 'Y4M',
    video: {
      width,
      height,
      codecSettings: { codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc } },
      videoPreprocessors: { colorCorrector: { saturation: 100, ...limits } },
    } as never,
  });
  const file = readFileSync(path);
  const luma = width * height;
  const chroma = fourcc === 'I444' ? luma : Math.ceil(width / 2) * Math.ceil(height / sizes[fourcc]);
  const found: [number, number, number, number] = [255, 0, 255, 0];
  for (let at = file.indexOf('FRAME\n'); at >= 0; at = file.indexOf('FRAME\n', at + luma + 2 * chroma)) {
    const picture = file.subarray(at + 6, at + 6 + luma + 2 * chroma);
    for (const [index, sample] of picture.entries()) {
      const plane = index < luma ? 0 : 2;
      found[plane] = Math.min(found[plane] ?? 0, sample);
      found[plane + 1] = Math.max(found[plane + 1] ?? 0, sample);
    }
  }
  return found;
}

it.each(['I420', 'I422', 'I444'] as const)('%s stays within its limits', async (fourcc) => {
  const [darkest, brightest, least, most] = await extremes(fourcc, {});
  expect(darkest).toBeGreaterThanOrEqual(16);
  expect(brightest).toBeLessThanOrEqual(235);
  expect(least).toBeGreaterThanOrEqual(16);
  expect(most).toBeLessThanOrEqual(240);
});

it('narrower limits hold too, and without any the pictures go beyond', async () => {
  const [darkest, brightest, least] = await extremes('I420', { minimumYUV: 100, maximumYUV: 900 });
  expect([darkest, brightest, least].map((sample) => sample >= 25)).toEqual([true, true, true]);
  expect(brightest).toBeLessThanOrEqual(225);
  const [, , leastFree, mostFree] = await extremes('I420', null);
  expect(leastFree < 16 || mostFree > 240).toBe(true);
});
