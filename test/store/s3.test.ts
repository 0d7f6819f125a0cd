/** What S3 stores and networks do wrong, through a proxy of our own in front of a real S3 protocol server. */

import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createS3Store, type S3Store } from '../../src/store/s3.ts';
import type { S3Settings } from '../../src/store/s3-client.ts';
import { type Fate, type FaultProxy, pass, startFaultProxy } from './fault-proxy.ts';
import { closedPort } from './http-servers.ts';
import { movie, settingsFor, startS3Server } from './s3-server.ts';

const signal = new AbortController().signal;
const options = { contentType: 'video/mp4' };
const answer = (status: number, code: string): Fate => ({ kind: 'answer', status, code });
const server = await startS3Server();
afterAll(() => server?.close());

describe.skipIf(server === null)('S3', () => {
  const { bytes, url } = movie;
  let proxy: FaultProxy;
  let stores: S3Store[] = [];
  let folder: string;

  const storeWith = (more: Partial<S3Settings> = {}): S3Store => {
    const store = createS3Store(settingsFor(proxy.endpoint, more));
    stores.push(store);
    return store;
  };
  const upload = async (store: S3Store, location: string, length: number): Promise<void> => {
    const writer = await store.create(location, options, signal);
    try {
      for (let left = length; left > 0; left -= 1_000_000)
        await writer.write(Buffer.alloc(Math.min(left, 1_000_000), 5));
      await writer.publish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  };
  const traces = async (): Promise<{ objects: number; uploads: number }> => {
    const { Contents = [] } = (await server?.client.send(new ListObjectsV2Command({ Bucket: 'out' }))) ?? {};
    const { Uploads = [] } =
      (await server?.client.send(new ListMultipartUploadsCommand({ Bucket: 'out' }))) ?? {};
    return { objects: Contents.length, uploads: Uploads.length };
  };

  beforeAll(async () => {
    await server?.createBucket('media');
    await server?.client.send(new PutObjectCommand({ Bucket: 'media', Key: 'in/movie.mp4', Body: bytes }));
  });
  beforeEach(async () => {
    await server?.createBucket('out');
    proxy = await startFaultProxy(server?.endpoint ?? '');
    folder = await mkdtemp(path.join(tmpdir(), 'openconvert-s3-'));
  });
  afterEach(async () => {
    for (const store of stores) store.close();
    stores = [];
    await proxy.close();
    await rm(folder, { recursive: true });
    const listed = await server?.client.send(new ListObjectsV2Command({ Bucket: 'out' }));
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    for (const each of listed?.Contents ?? [])
      await server?.client.send(new DeleteObjectCommand({ Bucket: 'out', Key: each.Key }));
  });

  describe('reading', () => {
    const read = async (store: S3Store): Promise<Buffer> => {
      const reader = await store.open(url, signal);
      return Buffer.from(await reader.read(0, reader.head.sizeBytes, signal));
    };

    test('is one HEAD and ranges pinned to the entity tag', async () => {
      expect((await read(storeWith())).equals(bytes)).toBe(true);
      expect(proxy.seen.map((each) => each.method)).toEqual(['HEAD', 'GET']);
      expect(proxy.seen[1]?.headers['if-match']).toMatch(/^".+"$/);
      expect(proxy.seen[1]?.headers.range).toBe('bytes=0-199999');
    });

    test.each<[string, Fate]>([
      ['500', answer(500, 'InternalError')],
      ['503 SlowDown', answer(503, 'SlowDown')],
      ['a reset', { kind: 'reset' }],
      ['a body cut short', { kind: 'cut', afterBytes: 1000 }],
    ])('survives %s twice', async (_, fate) => {
      let left = 2;
      proxy.rule(({ method }) => (method === 'GET' && left-- > 0 ? fate : pass));
      expect((await read(storeWith())).equals(bytes)).toBe(true);
    });

    test('a body that is always cut is fault 3408 that names the place', async () => {
      const reader = await storeWith().open(url, signal);
      await reader.read(0, 100, signal);
      proxy.rule(({ method }) => (method === 'GET' ? { kind: 'cut', afterBytes: 1000 } : pass));
      await expect(reader.read(100, 5000, signal)).rejects.toMatchObject({
        record: {
          code: 3408,
          message:
            '3408: Error uploading file from HTTP source: Connection closed before the end of the file.',
          location: url,
          mediaFact: `reading ${url} ended at byte 100`,
        },
      });
      expect(proxy.seen.filter((each) => each.method === 'GET')).toHaveLength(4);
    });

    test('a store that stops answering is fault 3408', async () => {
      proxy.rule(({ method }) => (method === 'GET' ? { kind: 'stall' } : pass));
      const reader = await storeWith({ limits: { connectMs: 5_000, stallMs: 200, attempts: 2 } }).open(
        url,
        signal,
      );
      await expect(reader.read(0, 5000, signal)).rejects.toMatchObject({
        record: { code: 3408, message: expect.stringMatching(/: Connection timed out\.$/) },
      });
    });

    test.each<[string, number, Fate]>([
      ['500', 3450, answer(500, 'InternalError')],
      ['503 SlowDown', 3450, answer(503, 'SlowDown')],
      ['a reset connection', 3451, { kind: 'reset' }],
      ['408', 3408, answer(400, 'RequestTimeout')],
      ['an answer nobody knows', 3999, answer(400, 'InvalidArgument')],
      ['a busy KMS', 3999, answer(400, 'KMS.ThrottlingException')],
    ])('%s for ever is fault %i', async (_, code, fate) => {
      proxy.rule(() => fate);
      const opening = storeWith().open(url, signal);
      await expect(opening).rejects.toMatchObject({ record: { code, location: url } });
      proxy.rule(() => pass);
      const reader = await storeWith().open(url, signal);
      proxy.rule(() => fate);
      await expect(reader.read(0, 100, signal)).rejects.toMatchObject({ record: { code, location: url } });
    });

    test('403 is fault 1401 with the documented message, whether the key exists or not', async () => {
      proxy.rule(() => answer(403, 'AccessDenied'));
      await expect(storeWith().open(url, signal)).rejects.toMatchObject({
        record: {
          code: 1401,
          message: `Unable to open input file [${url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: Access denied to [${url}]]]]`,
        },
      });
    });

    test('a right withdrawn while reading is fault 1401', async () => {
      const reader = await storeWith().open(url, signal);
      proxy.rule(() => answer(403, 'AccessDenied'));
      await expect(reader.read(0, 100, signal)).rejects.toMatchObject({ record: { code: 1401 } });
    });

    test.each(['ExpiredToken', 'KMS.DisabledException'])(
      '%s is fault 1401, answered with 400',
      async (code) => {
        proxy.rule(() => answer(400, code));
        await expect(storeWith().open(url, signal)).rejects.toMatchObject({
          record: { code: 1401, detail: expect.stringContaining(code) },
        });
      },
    );

    test('an archived object, which has a head, is fault 1401 and says so', async () => {
      proxy.rule(({ method }) => (method === 'HEAD' ? pass : answer(403, 'InvalidObjectState')));
      const reading = storeWith().open(url, signal);
      await expect(reading.then((reader) => reader.read(0, 100, signal))).rejects.toMatchObject({
        record: { code: 1401, mediaFact: `${url} is archived` },
      });
    });

    test('an object that changed is fault 3408', async () => {
      const reader = await storeWith().open(url, signal);
      await server?.client.send(
        new PutObjectCommand({ Bucket: 'media', Key: 'in/movie.mp4', Body: Buffer.alloc(200_000) }),
      );
      try {
        await expect(reader.read(0, 100, signal)).rejects.toMatchObject({
          record: {
            code: 3408,
            message: '3408: Error uploading file from HTTP source: The file changed while it was read.',
          },
        });
      } finally {
        await server?.client.send(
          new PutObjectCommand({ Bucket: 'media', Key: 'in/movie.mp4', Body: bytes }),
        );
      }
    });

    test('cancel ends a waiting read at once, with its reason', async () => {
      const reader = await storeWith().open(url, signal);
      const stopper = new AbortController();
      proxy.rule(() => {
        stopper.abort(new Error('stopped'));
        return { kind: 'stall' };
      });
      await expect(reader.read(0, 100, stopper.signal)).rejects.toThrow('stopped');
    });
  });

  describe('writing', () => {
    test('headers of the object settings arrive as they are', async () => {
      const writer = await storeWith().create(
        's3://out/a.m3u8',
        {
          contentType: 'application/vnd.apple.mpegurl',
          contentEncoding: 'gzip',
          cacheControl: 'no-cache',
          cannedAcl: 'public-read',
          storageClass: 'STANDARD_IA',
          serverSideEncryption: {
            type: 'aws:kms',
            keyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
            context: 'e30=',
          },
        },
        signal,
      );
      await writer.write(Buffer.from('#EXTM3U'));
      await writer.publish();
      expect(proxy.seen[0]?.headers).toMatchObject({
        'content-type': 'application/vnd.apple.mpegurl',
        'content-encoding': 'gzip',
        'cache-control': 'no-cache',
        'x-amz-acl': 'public-read',
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:000000000000:key/k',
        'x-amz-server-side-encryption-context': 'e30=',
      });
      const head = await server?.client.send(new HeadObjectCommand({ Bucket: 'out', Key: 'a.m3u8' }));
      expect(head).toMatchObject({
        ContentType: 'application/vnd.apple.mpegurl',
        StorageClass: 'STANDARD_IA',
      });
    });

    test('503 SlowDown is repeated and counted, for the job that wrote only', async () => {
      const counts = { one: 0, other: 0 };
      const store = storeWith();
      const one = store.forJob({
        onThrottle: () => {
          counts.one += 1;
        },
      });
      const other = store.forJob({
        onThrottle: () => {
          counts.other += 1;
        },
      });
      let left = 2;
      proxy.rule(({ method }) => (method === 'PUT' && left-- > 0 ? answer(503, 'SlowDown') : pass));
      await upload(one, 's3://out/a', 10);
      await upload(other, 's3://out/b', 10);
      left = 1;
      proxy.rule(({ method }) => (method === 'GET' && left-- > 0 ? answer(503, 'SlowDown') : pass));
      const reader = await one.open(url, signal);
      await reader.read(0, 100, signal);
      expect(counts).toEqual({ one: 2, other: 0 });
      expect(await traces()).toEqual({ objects: 2, uploads: 0 });
    });

    test('a part that fails once is sent again', async () => {
      let left = 1;
      proxy.rule(({ url: path }) => (path.includes('partNumber=2') && left-- > 0 ? { kind: 'reset' } : pass));
      await upload(storeWith(), 's3://out/big', 40_000_000);
      const body = await server?.client.send(new GetObjectCommand({ Bucket: 'out', Key: 'big' }));
      expect(body?.ContentLength).toBe(40_000_000);
      body?.Body?.transformToByteArray().catch(() => {});
    });

    test.each<[string, Fate, object]>([
      [
        '403',
        answer(403, 'AccessDenied'),
        {
          code: 1401,
          message: 'Unable to write to output file [s3://out/big]: [Failed to write data: Access Denied]',
        },
      ],
      [
        '403 of KMS',
        {
          kind: 'answer',
          status: 403,
          code: 'AccessDenied',
          text: 'User is not authorized to perform: kms:GenerateDataKey',
        },
        { code: 1401, template: 'kms-denied' },
      ],
      ['400 of KMS', answer(400, 'KMS.NotFoundException'), { code: 1401, template: 'kms-denied' }],
      [
        'ACLs not supported',
        answer(400, 'AccessControlListNotSupported'),
        {
          code: 1517,
          message:
            'Unable to write to output file [s3://out/big]: [Failed to write data: AccessControlListNotSupported]',
        },
      ],
      [
        'a key that is too long',
        answer(400, 'KeyTooLongError'),
        {
          code: 1056,
          message: 'Unable to open output file [s3://out/big]: [the key is longer than 1024 bytes]',
        },
      ],
      ['500 for ever', answer(500, 'InternalError'), { code: 1517 }],
      ['resets for ever', { kind: 'reset' }, { code: 1517 }],
      ['expired credentials', answer(400, 'ExpiredToken'), { code: 1401 }],
      [
        'a full store',
        answer(507, 'XMinioStorageFull'),
        { code: 1507, message: 'Write error, disk full s3://out/big' },
      ],
    ])('%s ends the upload with its fault and leaves nothing', async (_, fate, record) => {
      proxy.rule(({ method, url: path }) => (method === 'PUT' && path.startsWith('/out/') ? fate : pass));
      await expect(upload(storeWith(), 's3://out/big', 60_000_000)).rejects.toMatchObject({ record });
      expect(await traces()).toEqual({ objects: 0, uploads: 0 });
      proxy.rule(({ method, url: path }) => (method === 'PUT' && path.startsWith('/out/') ? fate : pass));
      await expect(upload(storeWith(), 's3://out/big', 100)).rejects.toMatchObject({ record });
      expect(await traces()).toEqual({ objects: 0, uploads: 0 });
    });

    test('a failing part is reported while the object is still being written', async () => {
      proxy.rule(({ url: path }) => (path.includes('partNumber=1') ? answer(403, 'AccessDenied') : pass));
      const writer = await storeWith().create('s3://out/big', options, signal);
      const endless = async (): Promise<void> => {
        for (let written = 0; written < 400_000_000; written += 1_000_000)
          await writer.write(Buffer.alloc(1_000_000));
      };
      await expect(endless()).rejects.toMatchObject({ record: { code: 1401 } });
      await writer.abort();
      expect(proxy.seen.filter((each) => each.method === 'PUT').length).toBeLessThan(8);
    });

    test('a completion that fails leaves no parts', async () => {
      proxy.rule(({ method, url: path }) =>
        method === 'POST' && path.includes('uploadId') ? answer(500, 'InternalError') : pass,
      );
      await expect(upload(storeWith(), 's3://out/big', 20_000_000)).rejects.toMatchObject({
        record: { code: 1517 },
      });
      expect(await traces()).toEqual({ objects: 0, uploads: 0 });
    });

    test('a completion whose answer is lost counts as done', async () => {
      let completions = 0;
      proxy.rule(({ method, url: path }) => {
        if (method !== 'POST' || !path.includes('uploadId')) return pass;
        completions += 1;
        if (completions === 1) return { kind: 'cut', afterBytes: 5 };
        return answer(404, 'NoSuchUpload');
      });
      await upload(storeWith(), 's3://out/big', 20_000_000);
      expect(await traces()).toEqual({ objects: 1, uploads: 0 });
    });

    test('a bucket that vanishes during the job is fault 1517, one that was never there 1404', async () => {
      const store = storeWith();
      await store.checkWritable('s3://out/a', signal);
      proxy.rule(() => answer(404, 'NoSuchBucket'));
      await expect(upload(store, 's3://out/a', 10)).rejects.toMatchObject({ record: { code: 1517 } });
      await expect(upload(storeWith(), 's3://out/a', 10)).rejects.toMatchObject({ record: { code: 1404 } });
    });

    test('a bucket that may be written but not listed is writable', async () => {
      proxy.rule(({ method }) => (method === 'HEAD' ? answer(403, 'AccessDenied') : pass));
      await storeWith().checkWritable('s3://out/a', signal);
    });

    test('a store that is not there is fault 1517', async () => {
      const store = createS3Store(settingsFor(`http://${await closedPort()}`));
      stores.push(store);
      await expect(store.checkWritable('s3://out/a', signal)).rejects.toMatchObject({
        record: { code: 1517, message: expect.stringContaining('ECONNREFUSED') },
      });
    });

    test('a link in place of a finished file is not followed', async () => {
      await writeFile(path.join(folder, 'secret'), 'secret');
      await symlink(path.join(folder, 'secret'), path.join(folder, 'finished.mp4'));
      await expect(
        storeWith().publishFile(path.join(folder, 'finished.mp4'), 's3://out/a', options, signal),
      ).rejects.toThrow(/ELOOP/);
      expect(await traces()).toEqual({ objects: 0, uploads: 0 });
      expect(await readdir(folder)).toContain('secret');
    });
  });
});
