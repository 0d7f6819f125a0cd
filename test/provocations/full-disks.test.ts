/** Disks that are really full: scratch (1050) and destination (1507). What was begun is cleaned, other jobs go on. */
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed, runJob } from '../e2e/run-report.ts';
import { hlsSettings, mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';
import { mountSmallVolume } from './small-volume.ts';

const patient = { timeout: 120_000 };
const kibibyte = 1024;
const codec = '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings';
const scratch = mountSmallVolume(512);
const target = mountSmallVolume(512);
const crowded = mountSmallVolume(512, 1);

describe.skipIf(scratch === null || target === null)('a full disk', patient, () => {
  if (scratch === null || target === null) return;
  let place: Provocations;

  beforeAll(async () => {
    quietLibraryLog();
    place = await openProvocations({
      scratch: scratch.folder,
      options: ['--bucket', `full=${target.folder}`],
    });
    makeClip(place.place('clip.mp4'), {
      muxer: 'mp4',
      video: { encoder: 'libx264', frames: 150, frameRate: [25, 1] },
      audio: { encoder: 'aac', seconds: 6 },
    });
  }, 120_000);
  afterEach(() => {
    scratch.empty();
    target.empty();
  });
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
    scratch.unmount();
    target.unmount();
    crowded?.unmount();
  });

  test('a disk that is full while the job is at work provokes 1050', async () => {
    scratch.fillBut(64 * kibibyte);
    const id = await place.submit(mp4Settings('s3://out/never'));
    const { job } = await place.ended(id);
    expect(job).toMatchObject({ Status: 'ERROR', ErrorCode: 1050 });
    expect(job.ErrorMessage).toMatch(/^Write error, disk full .+\.media$/);
    expect(job.Messages?.Info).toContainEqual(expect.stringMatching(/^Remedy: Free space in the scratch/));
    expect(job.RetryCount).toBeUndefined();
    expect(await readdir(scratch.folder)).toEqual(['ballast']);
    expect(await readdir(place.place('', 'out'))).toEqual([]);
  });

  test('is met by two-pass statistics, too', async () => {
    scratch.fillBut(4 * kibibyte);
    const settings = changed(mp4Settings('s3://out/never'), {
      [`${codec}/H264Settings/QualityTuningLevel`]: 'MULTI_PASS_HQ',
      [`${codec}/H264Settings/RateControlMode`]: 'VBR',
    });
    const { job } = await place.run(settings);
    expect(job, job.ErrorMessage).toMatchObject({ Status: 'ERROR', ErrorCode: 1050 });
    expect(await readdir(scratch.folder)).toEqual(['ballast']);
  });

  test('lets jobs go on that need no scratch, and all of them when there is space again', async () => {
    scratch.fillBut(0);
    expect((await place.run(hlsSettings('s3://out/hls/a'))).job).toMatchObject({ Status: 'COMPLETE' });
    scratch.empty();
    expect((await place.run(mp4Settings('s3://out/again'))).job).toMatchObject({ Status: 'COMPLETE' });
  });

  test('a destination that is full provokes 1507', async () => {
    target.fillBut(32 * kibibyte);
    for (const settings of [mp4Settings('s3://full/film'), hlsSettings('s3://full/hls/main')]) {
      const { job, events } = await place.run(settings);
      expect(job, job.ErrorMessage).toMatchObject({ Status: 'ERROR', ErrorCode: 1507 });
      expect(job.ErrorMessage).toMatch(/^Write error, disk full s3:\/\/full\//);
      expect(events.at(-1)?.openconvert?.pointer).toMatch(/^\/outputGroups\/0\/.*destination$/);
    }
    const left = await readdir(target.folder, { recursive: true });
    // Segments that were complete stay; no playlist names them, and nothing is half-written.
    expect(left.filter((name) => /\.mp4$|\.m3u8$|parts/.test(name))).toEqual([]);
    expect(await readdir(scratch.folder)).toEqual(['ballast']);
  });

  test('has no room for the first byte: 1507 before any work is done', async () => {
    target.fillBut(0);
    const { job } = await place.run(mp4Settings('s3://full/film'));
    expect(job, job.ErrorMessage).toMatchObject({ Status: 'ERROR', ErrorCode: 1507 });
  });

  test('is told by the command line as by the server', async () => {
    scratch.fillBut(64 * kibibyte);
    target.fillBut(32 * kibibyte);
    const run = (settings: object, ...options: readonly string[]) =>
      runJob(place.data, settings, '--bucket', `full=${target.folder}`, ...options);
    const ofScratch = await run(mp4Settings('s3://out/never'), '--scratch', scratch.folder);
    expect(ofScratch).toMatchObject({ exitCode: 1, report: { status: 'ERROR', errorCode: 1050 } });
    const ofTarget = await run(mp4Settings('s3://full/film'));
    expect(ofTarget).toMatchObject({
      exitCode: 1,
      report: { errorCode: 1507, remedy: expect.stringContaining('Free space at the destination') },
    });
    expect(await readdir(scratch.folder)).toEqual(['ballast']);
    expect(await readdir(target.folder)).not.toContain('film.mp4');
  });

  test('may be full of names instead of bytes', async () => {
    const { folder } = crowded ?? scratch;
    const { report } = await runJob(place.data, mp4Settings('s3://out/never'), '--scratch', folder);
    expect(report).toMatchObject({ errorCode: 1050, errorMessage: `Write error, disk full ${folder}` });
  });
});
