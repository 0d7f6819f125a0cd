/** Pictures are the same wherever they are decoded: on the event loop beside a single encode, in the thread pool beside several. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encoderPlan, fileGroup, fileOutput, jobPlan, videoRendition } from './plans.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4');
});
afterAll(() => workshop.close());

it('makes the same pictures of one rendition and of two', async () => {
  const alone = await codedPictures(['alone']);
  const [first, second] = await codedPictures(['one', 'two']);
  expect(alone[0]?.length).toBeGreaterThan(10_000);
  expect(first?.equals(alone[0] as Buffer)).toBe(true);
  expect(second?.equals(alone[0] as Buffer)).toBe(true);
});

/** Streams of an encoder that codes equal pictures equally. */
async function codedPictures(names: readonly string[]): Promise<readonly Buffer[]> {
  const encoder = encoderPlan({ codec: 'MPEG2', encoder: 'mpeg2video', options: {}, threads: 1 });
  const plan = jobPlan({
    key: 'clip.mp4',
    videoRenditions: names.map((name) => videoRendition(name, { encoder })),
    groups: [
      fileGroup(
        names.map((name) =>
          fileOutput(`${name}.m2v`, {
            videoRenditionId: name,
            container: 'RAW',
            muxer: 'mpeg2video',
            muxerOptions: {},
            needsScratch: false,
          }),
        ),
      ),
    ],
  });
  await workshop.run(plan);
  return names.map((name) => readFileSync(workshop.outputPath(`${name}.m2v`)));
}
