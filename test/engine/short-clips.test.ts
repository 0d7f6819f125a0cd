/** What lasts less than half of an output's picture has its first picture all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { H264Settings } from '../../src/contract/types.generated.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1.12, frameRate: { num: 25, den: 1 } });
});
afterAll(() => workshop.close());

it.each([
  ['DUPLICATE_DROP', 10, 1],
  ['INTERPOLATE', 10, 1],
  ['FRAMEFORMER', 10, 1],
  ['DUPLICATE_DROP', 1, 1],
] as const)('%s, one picture in %i s', async (framerateConversionAlgorithm, framerateDenominator, count) => {
  const h264Settings: H264Settings = {
    rateControlMode: 'QVBR',
    maxBitrate: 1_000_000,
    framerateControl: 'SPECIFIED',
    framerateNumerator: 1,
    framerateDenominator,
    framerateConversionAlgorithm,
  };
  const video = { codecSettings: { codec: 'H_264', h264Settings } } as const;
  const { path } = await runVideoJob(workshop, { key: 'clip.mp4', video, container: 'MP4' });
  expect(watchPictures(path).times).toHaveLength(count);
});
