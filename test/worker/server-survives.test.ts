/** A server whose engines die: the job is tried again, then explained; the server goes on. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../e2e/engine-processes.ts';
import { type RunningServer, startServer, temporaryFolder } from '../e2e/openconvert-process.ts';
import { mp4Settings, prepareData, role, slowSettings } from '../e2e/tiny-jobs.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let client: MediaConvertClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  await prepareData(folder.path);
  server = await startServer(folder.path);
  client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}, 180_000);
afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

describe('a server', () => {
  test('a failure that nobody foresaw provokes 1999', async () => {
    const { Job } = await client.send(
      new CreateJobCommand({ Role: role, Settings: slowSettings('s3://out/never') }),
    );
    const id = Job?.Id ?? '';
    for (const attempt of [1, 2, 3]) {
      await server.logged('attempt begins', (line) => line['jobId'] === id && line['attempt'] === attempt);
      await firstFrames(id, attempt);
      process.kill(engineOf(server), 'SIGKILL');
      const ended = await server.logged(
        'attempt ended',
        (line) => line['jobId'] === id && line['attempt'] === attempt,
      );
      expect(ended['outcome']).toBe(attempt < 3 ? 'retrying' : 'failed');
    }
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1999,
      ErrorMessage: 'Unknown error',
      RetryCount: 2,
    });
    const reasons = server.log().filter(({ msg, jobId }) => msg === 'attempt failed' && jobId === id);
    expect(reasons.map(({ fault }) => (fault as { mediaFact: string }).mediaFact)).toEqual(
      Array(3).fill('the engine process ended by signal SIGKILL'),
    );
    expect(await readdir(path.join(folder.path, 'scratch'))).toEqual([]);
    expect(await readdir(path.join(folder.path, 'buckets/out'))).toEqual([]);
  });

  test('runs the next job after that', async () => {
    const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings: mp4Settings() as never }));
    const id = Job?.Id ?? '';
    const ended = await server.logged('attempt ended', ({ jobId }) => jobId === id);
    expect(ended['outcome']).toBe('complete');
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job?.Status).toBe('COMPLETE');
  });
});

/** Resolves when that attempt has decoded its first picture. */
async function firstFrames(jobId: string, attempt: number): Promise<void> {
  await server.logged(
    'first frame decoded',
    (line) => line['jobId'] === jobId && line['attempt'] === attempt,
  );
}
