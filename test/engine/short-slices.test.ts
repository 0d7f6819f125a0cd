/** H.265 without deblocking in slices of two rows of blocks, in which the encoder's offset filter would wait for ever. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1 });
});
afterAll(() => workshop.close());

test.each([
  [160, 92, 1],
  [160, 48, 1],
  [320, 320, 2],
])('%i x %i in %i slices is encoded', async (width, height, slices) => {
  const h265Settings = {
    rateControlMode: 'QVBR',
    maxBitrate: 500_000,
    qualityTuningLevel: 'SINGLE_PASS_HQ',
    deblocking: 'DISABLED',
    slices,
  } as const;
  const video = { width, height, codecSettings: { codec: 'H_265', h265Settings } } as const;
  const { output, facts } = await runVideoJob(workshop, { key: 'clip.mp4', video });
  expect(output.locations).toHaveLength(1);
  expect(facts.videoTracks).toHaveLength(1);
});
