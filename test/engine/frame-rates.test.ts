/** Frame rates that are converted: as many pictures, and as much sound, as the length of the source makes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const at = (num: number) => ({
  framerateControl: 'SPECIFIED' as const,
  framerateNumerator: num,
  framerateDenominator: 1,
});

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1, frameRate: { num: 25, den: 1 } });
  await workshop.makeClip('film.mp4', { durationSeconds: 1, frameRate: { num: 24, den: 1 } });
});
afterAll(() => workshop.close());

it('sound follows slow PAL: faster, and no longer than the pictures, in each of two inputs', async () => {
  const slow = { ...at(25), slowPal: 'ENABLED' };
  for (const count of [1, 2]) {
    const inputs = Array.from({ length: count }, () => inputOf('film.mp4'));
    const { media } = await runSettings(workshop, oneOutput(inputs, { codec: slow }));
    expect(media.pictures).toHaveLength(24 * count);
    // 0.96 s for each second of film, to a frame of sound.
    expect(Math.abs(media.samples.length - 46_080 * count)).toBeLessThan(1100);
  }
});

it.each([
  ['FRAMEFORMER', 50, 50],
  ['FRAMEFORMER', 30, 30],
  ['FRAMEFORMER', 24, 24],
  ['INTERPOLATE', 30, 30],
  ['DUPLICATE_DROP', 30, 30],
] as const)('%s makes a second of %i pictures', async (framerateConversionAlgorithm, rate, pictures) => {
  const h264Settings = {
    ...at(rate),
    rateControlMode: 'QVBR',
    maxBitrate: 8_000_000,
    qualityTuningLevel: 'SINGLE_PASS',
    framerateConversionAlgorithm,
  } as const;
  const video = { codecSettings: { codec: 'H_264', h264Settings } } as const;
  const { path, output } = await runVideoJob(workshop, { key: 'clip.mp4', video });
  expect(watchPictures(path).times).toHaveLength(pictures);
  expect(output.durationMs).toBe(1000);
});
