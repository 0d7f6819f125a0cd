import { appendFileSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { FileOutput } from '../../src/plan/group-plan.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { audioRendition, audioSource, fileGroup, fileOutput, jobPlan, videoRendition } from './plans.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4');
});
afterAll(() => workshop.close());

const streamed = (key: string, muxer: string): Partial<FileOutput> => ({
  container: 'RAW',
  muxer,
  muxerOptions: {},
  needsScratch: false,
  location: `s3://outputs/${key}`,
});

function transcode(
  key: string,
  output: string,
  parts: Partial<Parameters<typeof jobPlan>[0]> = {},
  form: Partial<FileOutput> = {},
): JobPlan {
  return jobPlan({
    key,
    videoRenditions: [videoRendition('v')],
    audioRenditions: [audioRendition('a')],
    groups: [fileGroup([fileOutput(output, { videoRenditionId: 'v', audioRenditionIds: ['a'], ...form })])],
    ...parts,
  });
}

/** Makes an input of the clip in another container. */
async function remake(
  output: string,
  muxer: string,
  parts: Partial<Parameters<typeof jobPlan>[0]> = {},
): Promise<string> {
  await workshop.run(transcode('clip.mp4', output, parts, streamed(output, muxer)));
  copyFileSync(workshop.outputPath(output), workshop.inputPath(output));
  return workshop.inputPath(output);
}

it('a recording whose clock starts again in the middle keeps all its pictures and its sound', async () => {
  const file = await remake('joined.ts', 'mpegts');
  appendFileSync(file, readFileSync(file));
  await workshop.run(transcode('joined.ts', 'joined.mp4', { demuxer: 'mpegts', originUs: 66_667 }));
  const { video, audio } = await watchMedia(workshop.outputPath('joined.mp4'));
  expect(video.times.length).toBeGreaterThanOrEqual(119);
  expect(video.times.at(-1)).toBeGreaterThan(3.9);
  expect(video.times.at(-1)).toBeLessThan(4.2);
  expect(audio.samples / 48_000).toBeGreaterThan(3.9);
  expect(audio.samples / 48_000).toBeLessThan(4.2);
});

it('sound that begins before the picture is trimmed, and named in a warning', async () => {
  const { warnings } = await workshop.run(transcode('clip.mp4', 'late-picture.mp4', { originUs: 500_000 }));
  const { video, audio } = await watchMedia(workshop.outputPath('late-picture.mp4'));
  expect(warnings.get(240001)).toBe(1);
  expect(video.times).toHaveLength(45);
  expect(audio.samples / 48_000).toBeCloseTo(1.5, 1);
  const beep = audio.loudness.find(({ time, power }) => time > 0.2 && power > 0.05);
  expect(Math.abs((beep?.time ?? 0) - 0.5)).toBeLessThan(0.04);
});

it('sound that begins after the picture is preceded by silence', async () => {
  const late = { ...audioSource(), offsetMs: 700 };
  const { warnings } = await workshop.run(transcode('clip.mp4', 'late-sound.mp4', { audio: [late] }));
  const { audio } = await watchMedia(workshop.outputPath('late-sound.mp4'));
  expect(warnings.get(240000)).toBe(1);
  expect(audio.times[0]).toBeLessThan(0.04);
  const first = audio.loudness.find(({ power }) => power > 1e-4);
  expect(Math.abs((first?.time ?? 0) - 0.7)).toBeLessThan(0.04);
});

it('a source that changes its size in the middle gives one size', async () => {
  const small = await remake('small.ts', 'mpegts', {
    videoRenditions: [
      videoRendition('v', {
        widthPx: 160,
        heightPx: 90,
        filters: [{ name: 'scale', options: { w: '160', h: '90' } }],
      }),
    ],
  });
  const file = await remake('changing.ts', 'mpegts');
  appendFileSync(file, readFileSync(small));
  await workshop.run(transcode('changing.ts', 'changing.mp4', { demuxer: 'mpegts', originUs: 66_667 }));
  const { video } = await watchMedia(workshop.outputPath('changing.mp4'));
  expect([video.widthPx, video.heightPx]).toEqual([320, 180]);
  expect(video.times.length).toBeGreaterThanOrEqual(118);
  expect(video.decodeErrors).toBe(0);
});

const captioned = path.resolve('../shared/media/video/fmp4_608_captions_416x234_2s.mp4');
const hasCaptioned = existsSync(captioned);
if (!hasCaptioned) console.log(`skipped: ${captioned} is missing`);

it.skipIf(!hasCaptioned)('embedded captions reach the output only when they are selected', async () => {
  copyFileSync(captioned, workshop.inputPath('captioned.mp4'));
  const hasCaptions = async (dropCaptions: boolean): Promise<boolean> => {
    const rendition = videoRendition('v', { widthPx: 416, heightPx: 234, dropCaptions });
    const output = { videoRenditionId: 'v', ...streamed('captioned.h264', 'h264') };
    await workshop.run(
      jobPlan({
        key: 'captioned.mp4',
        audio: [],
        videoRenditions: [rendition],
        groups: [fileGroup([fileOutput('captioned.h264', output)])],
      }),
    );
    // The identifier of ATSC A/53 captions inside the SEI message.
    return readFileSync(workshop.outputPath('captioned.h264')).includes(Buffer.from('GA94', 'latin1'));
  };
  expect(await hasCaptions(true)).toBe(false);
  expect(await hasCaptions(false)).toBe(true);
});

it('a rate of 29.97 out of a millisecond container has no doubled and no lost pictures', async () => {
  const rate = rational(30000, 1001);
  await workshop.makeClip('ntsc.mp4', { frameRate: rate, durationSeconds: 3 });
  const key = 'ntsc.mkv';
  const parts = { video: { frameRate: rate }, videoRenditions: [videoRendition('v', { frameRate: rate })] };
  await workshop.run(transcode('ntsc.mp4', key, parts, { muxer: 'matroska', muxerOptions: {} }));
  copyFileSync(workshop.outputPath(key), workshop.inputPath(key));
  await workshop.run(transcode(key, 'ntsc-again.mp4', { ...parts, demuxer: 'matroska,webm' }));
  const { video } = await watchMedia(workshop.outputPath('ntsc-again.mp4'));
  expect(video.times).toHaveLength(90);
  expect(video.times.at(-1)).toBeCloseTo((89 * 1001) / 30000, 4);
});

const undated = path.resolve('../shared/media/video/flv_sorenson_mp3_1.2s.flv');
const hasUndated = existsSync(undated);
if (!hasUndated) console.log(`skipped: ${undated} is missing`);

it.skipIf(!hasUndated)(
  'a container without durations keeps its last picture through a rate filter',
  async () => {
    copyFileSync(undated, workshop.inputPath('undated.flv'));
    const rate = rational(24);
    const constantRate = [{ name: 'fps', options: { fps: '24/1', round: 'near' } }];
    await workshop.run(
      transcode('undated.flv', 'undated.mp4', {
        demuxer: 'flv',
        // Sound comes first in this file.
        video: { streamIndex: 1, sharedFilters: constantRate, frameRate: rate },
        audio: [audioSource([0])],
        videoRenditions: [
          videoRendition('v', {
            frameRate: rate,
            filters: [{ name: 'scale', options: { w: '320', h: '180' } }],
          }),
        ],
      }),
    );
    // The source has 28 pictures, counted by decoding it.
    expect((await watchMedia(workshop.outputPath('undated.mp4'))).video.times).toHaveLength(28);
  },
);
