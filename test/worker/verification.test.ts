/** An attempt is complete only when its objects, read back, are what the engine says it made. */
import { truncate, unlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../src/store/store.ts';
import { readDenied } from '../../src/store/store-faults.ts';
import { hlsSettings, mp4Settings } from '../e2e/tiny-jobs.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

/** Stores that damage an object after it was published and before anybody reads it. */
function damaging(
  publishedAs: string,
  damage: (file: string) => Promise<void>,
): (real: ObjectStore) => ObjectStore {
  const damageIfMeant = async (location: string): Promise<void> => {
    if (location.endsWith(publishedAs))
      await damage(path.join(bench.data, 'buckets', location.slice('s3://'.length)));
  };
  return (real) => ({
    ...real,
    async publishFile(file, location, options, signal) {
      const published = await real.publishFile(file, location, options, signal);
      await damageIfMeant(location);
      return published;
    },
    async create(location, options, signal) {
      const writer = await real.create(location, options, signal);
      return {
        ...writer,
        async publish() {
          const published = await writer.publish();
          await damageIfMeant(location);
          return published;
        },
      };
    },
  });
}

const postTranscode = {
  status: 'ERROR',
  fault: {
    code: 1999,
    message: 'Post Transcode work failed. See previous log messages for the reason for failure.',
  },
} as const;

describe('verification', () => {
  test('a sound output has a verdict of its own', async () => {
    expect(await bench.run(mp4Settings('s3://out/sound'))).toMatchObject({
      status: 'COMPLETE',
      verdicts: [{ groupIndex: 0, outputIndex: 0 }],
    });
  });

  test('an MP4 file cut short after it was published fails the attempt', async () => {
    const outcome = await bench.run(mp4Settings('s3://out/short'), {
      stores: damaging('short.mp4', (file) => truncate(file, 20_000)),
    });
    expect(outcome).toMatchObject(postTranscode);
    expect(outcome).toMatchObject({ fault: { detail: expect.stringContaining('s3://out/short.mp4') } });
  });

  test('a published file that vanished fails the attempt, not as a missing input', async () => {
    const outcome = await bench.run(mp4Settings('s3://out/gone'), {
      stores: damaging('gone.mp4', (file) => unlink(file)),
    });
    expect(outcome).toMatchObject(postTranscode);
    expect(outcome).toMatchObject({ fault: { detail: expect.stringContaining('s3://out/gone.mp4') } });
  });

  test('a published file that may not be read back, as in an archive, is complete and said to be unverified', async () => {
    const settings = mp4Settings('s3://out/archived');
    const OutputGroups = [...settings.OutputGroups, ...mp4Settings('s3://out/readable').OutputGroups];
    const stores = (real: ObjectStore): ObjectStore => ({
      ...real,
      open: (location, signal) =>
        location.includes('archived')
          ? Promise.reject(readDenied(location, 'InvalidObjectState (403)'))
          : real.open(location, signal),
    });
    const outcome = await bench.run({ ...settings, OutputGroups } as unknown as typeof settings, { stores });
    expect(outcome).toMatchObject({
      status: 'COMPLETE',
      verdicts: [{ groupIndex: 1, isSound: true }],
      findings: [{ severity: 'notice', reason: 'not-verified', pointer: '/outputGroups/0' }],
    });
  });

  test('a segment that lost bytes fails the attempt', async () => {
    const outcome = await bench.run(hlsSettings('s3://out/hls/cut'), {
      stores: damaging('cut_180_00002.ts', (file) => truncate(file, 188)),
    });
    expect(outcome).toMatchObject(postTranscode);
    expect(outcome).toMatchObject({ fault: { detail: expect.stringContaining('cut_180_00002.ts') } });
  });

  test('a playlist that lost its end fails the attempt', async () => {
    const outcome = await bench.run(hlsSettings('s3://out/hls/endless'), {
      stores: damaging('endless_90.m3u8', (file) => truncate(file, 60)),
    });
    expect(outcome).toMatchObject(postTranscode);
    expect(outcome).toMatchObject({ fault: { detail: expect.stringContaining('endless_90.m3u8') } });
  });
});
