/**
 * A real S3 protocol server with keys and buckets that are missing and rights that are denied or withdrawn by bucket
 * policies; before it a proxy that does to some objects what networks and stores do. The object's key says what.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JobErrorCode } from '../../src/catalogue/codes.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed, filesBelow } from '../e2e/run-report.ts';
import { hlsSettings, mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { type Fate, type FaultProxy, pass, type SeenRequest, startFaultProxy } from '../store/fault-proxy.ts';
import { startS3Server, testCredentials } from '../store/s3-server.ts';
import { checkFailure, openProvocations, type Provocations } from './provocations.ts';

const patient = { timeout: 120_000 };
// Prints how to install it where it is missing.
const s3 = await startS3Server();
afterAll(() => s3?.close());

const sources = ['clip', 'denied', 'cut', 'cut-once', 'stalled', 'failing', 'reset', 'elsewhere'];

interface StorageCase {
  readonly title: string;
  readonly code: JobErrorCode;
  readonly input?: string;
  readonly destination?: string;
  readonly message: string;
}

const failures: readonly StorageCase[] = [
  {
    title: 'an input bucket that does not exist',
    code: 1404,
    input: 's3://remote-none/clip.mp4',
    message: 'HeadObject failed',
  },
  {
    title: 'an output bucket that does not exist',
    code: 1404,
    destination: 's3://remote-none/x',
    message:
      'Unable to write to output file [s3://remote-none/x.mp4]: [Failed to write data: HeadBucket failed]',
  },
  {
    title: 'a destination that may not be written',
    code: 1401,
    destination: 's3://remote-out/denied/x',
    message:
      'Unable to write to output file [s3://remote-out/denied/x.mp4]: [Failed to write data: Access Denied]',
  },
  {
    title: 'a key of encryption that may not be used',
    code: 1401,
    destination: 's3://remote-out/kms/x',
    message: 'The role you provided is not authorized to perform kms:Decrypt on your destination S3 bucket.',
  },
  {
    title: 'an input in another region than requests are signed for',
    code: 1401,
    input: 's3://remote-in/elsewhere.mp4',
    message: 'Access denied to [s3://remote-in/elsewhere.mp4]',
  },
  {
    title: 'an input whose bodies are always cut',
    code: 3408,
    input: 's3://remote-in/cut.mp4',
    message: 'Connection closed before the end of the file.',
  },
  {
    title: 'an input that stalls',
    code: 3408,
    input: 's3://remote-in/stalled.mp4',
    message: 'Connection timed out.',
  },
  {
    title: 'an input that is answered with 500',
    code: 3450,
    input: 's3://remote-in/failing.mp4',
    message: "3450: Error encountered when accessing: 's3://remote-in/failing.mp4'.",
  },
  {
    title: 'an input whose connections are always reset',
    code: 3451,
    input: 's3://remote-in/reset.mp4',
    message: "3451: Server could not be reached when accessing: 's3://remote-in/reset.mp4'.",
  },
  {
    title: 'a destination in another region',
    code: 1517,
    destination: 's3://remote-out/elsewhere/x',
    message: '[Failed to write data: AuthorizationHeaderMalformed]',
  },
  {
    title: 'a destination that breaks every connection',
    code: 1517,
    destination: 's3://remote-out/reset/x',
    message: 'Unable to write to output file [s3://remote-out/reset/x.mp4]',
  },
  {
    title: 'a destination that stalls',
    code: 1517,
    destination: 's3://remote-out/stall/x',
    message: 'Unable to write to output file [s3://remote-out/stall/x.mp4]',
  },
  {
    title: 'a destination that is full',
    code: 1507,
    destination: 's3://remote-out/full/x',
    message: 'Write error, disk full s3://remote-out/full/x.mp4',
  },
];

describe.skipIf(s3 === null)('storage', patient, () => {
  if (s3 === null) return;
  const { client } = s3;
  let proxy: FaultProxy;
  let place: Provocations;
  const jobs = new Map<string, string>();
  let withdrawnBytes = Number.POSITIVE_INFINITY;

  const policy = (bucket: string, deny: readonly (readonly [string, string])[]) =>
    client.send(
      new PutBucketPolicyCommand({
        Bucket: bucket,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: deny.map(([action, keys]) => ({
            Effect: 'Deny',
            Principal: '*',
            Action: `s3:${action}`,
            Resource: `arn:aws:s3:::${bucket}/${keys}`,
          })),
        }),
      }),
    );
  const deniedInputs = [['GetObject', 'denied.mp4']] as const;
  const deniedOutputs = [['PutObject', 'denied/*']] as const;

  beforeAll(async () => {
    quietLibraryLog();
    vi.stubEnv('AWS_ACCESS_KEY_ID', testCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', testCredentials.secretAccessKey);
    proxy = await startFaultProxy(s3.endpoint);
    proxy.rule(fateByKey());
    place = await openProvocations({
      options: ['--s3-endpoint', proxy.endpoint, '--slots', '6', '--limit', 'networkSilenceSeconds=1'],
    });
    for (const bucket of ['remote-in', 'remote-out', 'remote-gone']) await s3.createBucket(bucket);
    const Body = await made('clip.mp4');
    for (const name of sources)
      await client.send(new PutObjectCommand({ Bucket: 'remote-in', Key: `${name}.mp4`, Body }));
    await policy('remote-in', deniedInputs);
    await policy('remote-out', deniedOutputs);
    for (const { title, input, destination } of failures)
      jobs.set(title, await place.submit(jobOf(input, destination)));
  }, 120_000);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await place?.[Symbol.asyncDispose]();
    await proxy?.close();
  });

  test.each(failures.map((each) => [each.title, each] as const))('%s', async (title, { code, message }) => {
    const failure = checkFailure(code, await place.ended(jobs.get(title) ?? ''));
    expect(failure.message).toContain(message);
  });

  test('a key that does not exist provokes 1404', async () => {
    const { message } = await place.failing(1404, jobOf('s3://remote-in/none.mp4'));
    expect(message).toBe(
      "Unable to open input file [s3://remote-in/none.mp4]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]",
    );
  });

  test('storage that denies access to a file or bucket provokes 1401', async () => {
    const { message } = await place.failing(1401, jobOf('s3://remote-in/denied.mp4'));
    expect(message).toBe(
      "Unable to open input file [s3://remote-in/denied.mp4]: [Failed probe/open: [Can't read input stream: [Failed to read data: Access denied to [s3://remote-in/denied.mp4]]]]",
    );
  });

  test('a right to read that is withdrawn during the job is 1401', async () => {
    const Body = withNullPackets(await made('long.ts'), 400);
    withdrawnBytes = Body.length;
    await client.send(new PutObjectCommand({ Bucket: 'remote-in', Key: 'withdrawn.ts', Body }));
    const { message, explanation } = await place.failing(1401, jobOf('s3://remote-in/withdrawn.ts'));
    expect(message).toBe('Demuxer: [Failed to read data: Error caching file]');
    expect(explanation).toMatchObject({
      pointer: '/inputs/0/fileInput',
      mediaFact: expect.stringMatching(/could be read up to byte \d+ and is refused since$/),
    });
    await policy('remote-in', deniedInputs);
  });

  test('a right to write that is withdrawn during the job is 1401', async () => {
    const settings = changed(hlsSettings('s3://remote-out/withdrawn/main') as object, {
      '/Inputs/0/FileInput': 's3://remote-in/clip.mp4',
    });
    const { message } = checkFailure(1401, await place.run(settings));
    expect(message).toMatch(
      /^Unable to write to output file \[s3:\/\/remote-out\/withdrawn\/.*Access Denied\]$/,
    );
    await policy('remote-out', deniedOutputs);
    expect((await keysIn('remote-out', 'withdrawn/')).filter((key) => key.endsWith('.m3u8'))).toEqual([]);
  });

  test('a store that fails at every write provokes 1517', async () => {
    const { message, job } = await place.failing(1517, jobOf(undefined, 's3://remote-out/error/x'));
    expect(message).toBe(
      'Unable to write to output file [s3://remote-out/error/x.mp4]: [Failed to write data: InternalError]',
    );
    expect(job.RetryCount).toBe(2);
  });

  test('a destination that takes no ACL is 1517 at once, and names the setting', async () => {
    const block = '/OutputGroups/0/OutputGroupSettings/FileGroupSettings';
    const settings = changed(jobOf(undefined, 's3://remote-out/acl/x'), {
      [`${block}/DestinationSettings`]: { S3Settings: { AccessControl: { CannedAcl: 'PUBLIC_READ' } } },
    });
    const { job, events } = await place.run(settings);
    expect(job).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1517,
      ErrorMessage:
        'Unable to write to output file [s3://remote-out/acl/x.mp4]: [Failed to write data: AccessControlListNotSupported]',
    });
    expect(job.RetryCount).toBeUndefined();
    expect(events.at(-1)?.openconvert).toMatchObject({
      pointer:
        '/outputGroups/0/outputGroupSettings/fileGroupSettings/destinationSettings/s3Settings/accessControl/cannedAcl',
      remedy: expect.stringContaining('Remove accessControl'),
    });
  });

  test('a bucket that vanishes during the job is 1517, and 1404 for the attempt that finds it missing', async () => {
    const { job } = await place.failing(1404, jobOf(undefined, 's3://remote-gone/x'), {}, 1);
    const faults = place.server
      .log()
      .filter(({ msg, jobId }) => msg === 'attempt failed' && jobId === job.Id)
      .map(({ fault }) => (fault as { message: string }).message);
    expect(faults).toEqual([
      'Unable to write to output file [s3://remote-gone/x.mp4]: [Failed to write data: NoSuchBucket]',
      'Unable to write to output file [s3://remote-gone/x.mp4]: [Failed to write data: HeadBucket failed]',
    ]);
  });

  test('a store that asks to slow down provokes 270000', async () => {
    const { job, events } = await place.run(jobOf(undefined, 's3://remote-out/slow/x'));
    expect(job.Status, job.ErrorMessage).toBe('COMPLETE');
    expect(job.Warnings).toContainEqual({ Code: 270000, Count: 2 });
    const told = events.filter(({ warningCode }) => warningCode === '270000');
    expect(told).toHaveLength(1);
    expect(told[0]?.['warningMessage']).toMatch(/503 Slow Down/);
  });

  test('a store that asks to slow down for ever is 1517 with the warnings of all attempts', async () => {
    const { job, events } = await place.failing(1517, jobOf(undefined, 's3://remote-out/crawl/x'));
    const counts = { code: 270000, count: 9 };
    expect(job.Warnings).toContainEqual({ Code: counts.code, Count: counts.count });
    expect(events.at(-1)?.['warnings']).toContainEqual(counts);
    expect(events.filter(({ warningCode }) => warningCode === '270000')).toHaveLength(1);
  });

  test('a body that is cut once is asked for again, and the job completes', async () => {
    const { job } = await place.run(jobOf('s3://remote-in/cut-once.mp4', 's3://remote-out/fine'));
    expect(job).toMatchObject({ Status: 'COMPLETE' });
    expect(job.RetryCount).toBeUndefined();
  });

  test('nothing unfinished is left behind, neither here nor there', async () => {
    await Promise.all([...jobs.values()].map((id) => place.ended(id)));
    expect(await filesBelow(path.join(place.data, 'scratch'))).toEqual([]);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'remote-out' }));
    expect(Uploads).toEqual([]);
    expect((await keysIn('remote-out', '')).filter((key) => key.endsWith('/x.mp4'))).toEqual(['slow/x.mp4']);
  });

  /** What happens to a request, by the first part of its key and how often that key was asked for. */
  function fateByKey(): (request: SeenRequest) => Fate | Promise<Fate> {
    const asked = new Map<string, number>();
    return async ({ method, url, headers }) => {
      const [, bucket = '', way = ''] = /^\/([^/?]+)\/([\w-]+)/.exec(url) ?? [];
      const isWrite = method === 'PUT' || method === 'POST';
      if (method !== 'GET' && !isWrite) return pass;
      const count = (asked.get(bucket + way) ?? 0) + 1;
      asked.set(bucket + way, count);
      if (isWrite) return await writeFate(bucket, way, count);
      return await readFate(way, count, Number(/^bytes=(\d+)/.exec(headers.range ?? '')?.[1] ?? 0));
    };
  }

  async function readFate(way: string, count: number, offset: number): Promise<Fate> {
    switch (way) {
      case 'cut':
        return { kind: 'cut', afterBytes: 100 };
      case 'cut-once':
        return count === 1 ? { kind: 'cut', afterBytes: 100 } : pass;
      case 'stalled':
        return { kind: 'stall' };
      case 'reset':
        return { kind: 'reset' };
      case 'failing':
        return { kind: 'answer', status: 500, code: 'InternalError' };
      case 'elsewhere':
        return { kind: 'answer', status: 400, code: 'AuthorizationHeaderMalformed' };
      case 'withdrawn':
        // Only the run comes by the middle of the file.
        if (offset > withdrawnBytes * 0.4 && offset < withdrawnBytes * 0.6)
          await policy('remote-in', [...deniedInputs, ['GetObject', 'withdrawn.ts']]);
        return pass;
      default:
        return pass;
    }
  }

  async function writeFate(bucket: string, way: string, count: number): Promise<Fate> {
    if (bucket === 'remote-gone') {
      if (count === 1) await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      return pass;
    }
    switch (way) {
      case 'kms':
        return {
          kind: 'answer',
          status: 403,
          code: 'AccessDenied',
          text: 'not authorized to perform: kms:Decrypt',
        };
      case 'elsewhere':
        return { kind: 'answer', status: 400, code: 'AuthorizationHeaderMalformed' };
      case 'acl':
        return { kind: 'answer', status: 400, code: 'AccessControlListNotSupported' };
      case 'reset':
        return { kind: 'reset' };
      case 'stall':
        return { kind: 'stall' };
      case 'full':
        return { kind: 'answer', status: 507, code: 'InsufficientStorage' };
      case 'error':
        return { kind: 'answer', status: 500, code: 'InternalError' };
      case 'slow':
        return count <= 2 ? { kind: 'answer', status: 503, code: 'SlowDown' } : pass;
      case 'crawl':
        return { kind: 'answer', status: 503, code: 'SlowDown' };
      case 'withdrawn':
        if (count === 2) await policy('remote-out', [...deniedOutputs, ['PutObject', 'withdrawn/*']]);
        return pass;
      default:
        return pass;
    }
  }

  async function keysIn(Bucket: string, Prefix: string): Promise<string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key }) => Key ?? '');
  }

  async function made(name: string): Promise<Buffer> {
    const file = path.join(place.data, name);
    makeClip(file, {
      muxer: name.endsWith('.ts') ? 'mpegts' : 'mp4',
      video: { encoder: 'libx264', frames: 25, frameRate: [25, 1] },
      audio: { encoder: 'aac', seconds: 1 },
    });
    return readFile(file);
  }
});

/** The same transport stream at a higher rate: null packets after each of its packets (ISO/IEC 13818-1 2.4.3.3). */
function withNullPackets(stream: Buffer, count: number): Buffer {
  const packetBytes = 188;
  const nullPacket = Buffer.alloc(packetBytes, 0xff);
  Buffer.from([0x47, 0x1f, 0xff, 0x10]).copy(nullPacket);
  const padding = Buffer.concat(Array.from({ length: count }, () => nullPacket));
  return Buffer.concat(
    Array.from({ length: stream.length / packetBytes }, (_, index) => [
      stream.subarray(index * packetBytes, (index + 1) * packetBytes),
      padding,
    ]).flat(),
  );
}

function jobOf(input = 's3://remote-in/clip.mp4', destination = 's3://out/never'): object {
  return changed(mp4Settings(destination), { '/Inputs/0/FileInput': input });
}
