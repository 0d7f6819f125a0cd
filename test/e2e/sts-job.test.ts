/** Jobs whose role is assumed at a real STS endpoint: its session reads and writes S3, nothing else does. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../store/fault-proxy.ts';
import { startS3Server, testCredentials } from '../store/s3-server.ts';
import { type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, fileOf } from './run-report.ts';
import { clip, mp4Settings, prepareData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
// Prints how to install it where it is missing. It serves STS and S3 on one port.
const aws = await startS3Server();
afterAll(() => aws?.close());

describe.skipIf(aws === null)('a job with a role of STS', patient, () => {
  if (aws === null) return;
  const role = 'arn:aws:iam::111122223333:role/service-role/Jobs';
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let proxy: FaultProxy;
  let server: RunningServer;
  let client: MediaConvertClient;

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', testCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', testCredentials.secretAccessKey);
    folder = await temporaryFolder();
    await prepareData(folder.path);
    for (const bucket of ['films', 'results']) await aws.createBucket(bucket);
    const Body = await readFile(fileOf(folder.path, clip.location));
    await aws.client.send(new PutObjectCommand({ Bucket: 'films', Key: 'clip.mp4', Body }));
    proxy = await startFaultProxy(aws.endpoint);
    const config = path.join(folder.path, 'server.json');
    await writeFile(config, JSON.stringify({ sts: { endpoint: aws.endpoint, sessionSeconds: 900 } }));
    server = await startServer(folder.path, '--config', config, '--s3-endpoint', proxy.endpoint);
    client = new MediaConvertClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
  }, 120_000);

  afterAll(async () => {
    client?.destroy();
    await server?.stop();
    await proxy?.close();
    vi.unstubAllEnvs();
    await folder?.[Symbol.asyncDispose]();
  });

  async function endOf(key: string, roleArn = role) {
    proxy.seen.length = 0;
    const Settings = changed(mp4Settings(`s3://results/${key}`), {
      '/Inputs/0/FileInput': 's3://films/clip.mp4',
    }) as never;
    const { Job } = await client.send(new CreateJobCommand({ Role: roleArn, Settings }));
    await server.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
    return (await client.send(new GetJobCommand({ Id: Job?.Id }))).Job;
  }

  test('runs with the credentials of its session, every request of it', async () => {
    proxy.rule(() => ({ kind: 'pass' }));
    expect(await endOf('film')).toMatchObject({ Status: 'COMPLETE' });
    await aws.client.send(new HeadObjectCommand({ Bucket: 'results', Key: 'film.mp4' }));
    const signers = proxy.seen.map(
      ({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1],
    );
    expect(signers.length).toBeGreaterThan(3);
    expect(signers.filter((signer) => !signer?.startsWith('ASIA'))).toEqual([]);
    expect(proxy.seen.every(({ headers }) => headers['x-amz-security-token'] !== undefined)).toBe(true);
  });

  test('whose session may not write is 1401', async () => {
    proxy.rule(({ method }) =>
      method === 'PUT' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : { kind: 'pass' },
    );
    expect(await endOf('denied')).toMatchObject({
      ErrorCode: 1401,
      ErrorMessage:
        'Unable to write to output file [s3://results/denied.mp4]: [Failed to write data: Access Denied]',
    });
  });

  test('that may write but not read its outputs is complete, and says that they were not verified', async () => {
    proxy.rule(({ method, url }) =>
      method !== 'PUT' && url.startsWith('/results/')
        ? { kind: 'answer', status: 403, code: 'AccessDenied' }
        : { kind: 'pass' },
    );
    expect(await endOf('unread')).toMatchObject({
      Status: 'COMPLETE',
      Messages: { Info: ['The outputs were not verified: they may be written but not read back.'] },
    });
  });

  test('is malformed before STS is asked', async () => {
    proxy.rule(() => ({ kind: 'pass' }));
    expect(await endOf('x', 'arn:aws:iam::123:rol/x')).toMatchObject({ ErrorCode: 1515 });
    expect(proxy.seen).toEqual([]);
  });
});
