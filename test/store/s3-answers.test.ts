/** Answers with a good status that are not what was asked for: of stores that are not S3, and of S3 itself. */
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createS3Store, type S3Store } from '../../src/store/s3.ts';
import { type Fate, type FaultProxy, pass, type SeenRequest, startFaultProxy } from './fault-proxy.ts';
import { movie, settingsFor, startS3Server } from './s3-server.ts';

const signal = new AbortController().signal;
const server = await startS3Server();
afterAll(() => server?.close());

describe.skipIf(server === null)('S3 answers', () => {
  const { bytes, url } = movie;
  let proxy: FaultProxy;
  let throttled = 0;
  let store: S3Store;

  beforeAll(async () => {
    await server?.createBucket('media');
    await server?.createBucket('out');
    await put('in/movie.mp4', bytes);
    await put('in/empty', Buffer.alloc(0));
  });
  beforeEach(async () => {
    proxy = await startFaultProxy(server?.endpoint ?? '');
    throttled = 0;
    const settings = settingsFor(proxy.endpoint, {
      onThrottle: () => {
        throttled += 1;
      },
    });
    store = createS3Store(settings);
  });
  afterEach(async () => {
    store.close();
    await proxy.close();
  });

  const put = (Key: string, Body: Buffer) =>
    server?.client.send(new PutObjectCommand({ Bucket: 'media', Key, Body }));

  describe('to ranges', () => {
    const ranges = (fate: (request: SeenRequest) => Fate): void =>
      proxy.rule((request) => (request.method === 'GET' ? fate(request) : pass));
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const reader = await store.open(url, signal);
      return Buffer.from(await reader.read(offset, length, signal));
    };

    test('a store without ranges is fault 3458, not a truncated object', async () => {
      ranges(() => ({ kind: 'altered', ask: { range: undefined } }));
      for (const [offset, length] of [
        [0, 100],
        [1000, 5000],
      ] as const)
        await expect(read(offset, length)).rejects.toMatchObject({
          record: { code: 3458, location: url, detail: 'HTTP status 200 to a range request' },
        });
      expect((await read(0, bytes.length)).equals(bytes)).toBe(true);
    });

    test('ranges in smaller pieces than asked for are put together', async () => {
      ranges(({ headers }) => {
        const [, first, last] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
        const end = Math.min(Number(first) + 1999, Number(last));
        return { kind: 'altered', ask: { range: `bytes=${first}-${end}` } };
      });
      expect((await read(1000, 5000)).equals(bytes.subarray(1000, 6000))).toBe(true);
      expect(proxy.seen.filter(({ method }) => method === 'GET')).toHaveLength(3);
    });

    test('a range that breaks off goes on where it was', async () => {
      let nth = 0;
      ranges(() => {
        nth += 1;
        return nth < 3 ? { kind: 'cut', afterBytes: 2000 } : pass;
      });
      expect((await read(1000, 5000)).equals(bytes.subarray(1000, 6000))).toBe(true);
      const asked = proxy.seen.flatMap(({ headers }) => headers.range ?? []);
      expect(asked).toEqual(['bytes=1000-5999', 'bytes=3000-5999', 'bytes=5000-5999']);
    });

    test('of more than the range its bytes are taken', async () => {
      ranges(() => ({ kind: 'altered', ask: { range: 'bytes=1000-199999' } }));
      expect((await read(1000, 5000)).equals(bytes.subarray(1000, 6000))).toBe(true);
    });

    test('another range is fault 3999', async () => {
      ranges(() => ({ kind: 'altered', ask: { range: 'bytes=1005-6004' } }));
      await expect(read(1000, 5000)).rejects.toMatchObject({
        record: { code: 3999, message: expect.stringContaining("'bytes 1005-6004/200000'") },
      });
    });

    test('an error with status 200 is fault 3999', async () => {
      ranges(() => ({ kind: 'altered', ask: { range: undefined }, answer: { 'content-length': '40' } }));
      await expect(read(1000, 5000)).rejects.toMatchObject({ record: { code: 3999 } });
    });

    test.each<[string, Fate]>([
      ['tag', { kind: 'altered', ask: { 'if-match': undefined }, answer: { etag: '"other"' } }],
      ['longer length', { kind: 'altered', answer: { 'content-range': 'bytes 0-99/200001' } }],
      ['shorter length', { kind: 'altered', answer: { 'content-range': 'bytes 0-99/199999' } }],
      [
        'date, without tags',
        {
          kind: 'altered',
          answer: { etag: undefined, 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' },
        },
      ],
    ])('a version of another %s is fault 3408 though the store sends it', async (_, fate) => {
      ranges(() => fate);
      await expect(read(0, 100)).rejects.toMatchObject({
        record: {
          code: 3408,
          message: '3408: Error uploading file from HTTP source: The file changed while it was read.',
        },
      });
      expect(proxy.seen).toHaveLength(2);
    });

    test('a store that answers a byte at a time is asked a thousand times, not for ever', async () => {
      proxy.rule(({ method, headers }) => {
        const [, first = ''] = /(\d+)-/.exec(headers.range ?? '') ?? [];
        const told = { 'content-range': `bytes ${first}-${first}/200000`, 'content-length': '1' };
        return method === 'GET' ? { kind: 'body', status: 206, body: 'x', headers: told } : pass;
      });
      const reader = await store.open(url, signal);
      await expect(reader.read(1000, 5000, signal)).rejects.toMatchObject({
        record: { code: 3999, message: expect.stringContaining('1024 of 5000 bytes in 1024 ranges') },
      });
    });

    test('an object that ends after the first piece is truncated behind it', async () => {
      let nth = 0;
      ranges(() => {
        nth += 1;
        if (nth === 1) return { kind: 'altered', ask: { range: 'bytes=1000-2999' } };
        return { kind: 'answer', status: 416, code: 'InvalidRange' };
      });
      await expect(read(1000, 5000)).rejects.toMatchObject({
        record: { code: 1076, parameters: { bytes: 3000 } },
      });
    });

    test('a weak entity tag pins nothing, and is compared', async () => {
      proxy.rule(() => ({ kind: 'altered', answer: { etag: 'W/"weak"' } }));
      expect(await read(0, 100)).toHaveLength(100);
      expect(proxy.seen[1]?.headers['if-match']).toBeUndefined();
      proxy.rule(({ method }) => ({
        kind: 'altered',
        answer: { etag: method === 'GET' ? 'W/"other"' : 'W/"weak"' },
      }));
      await expect(read(0, 100)).rejects.toMatchObject({ record: { code: 3408 } });
    });
  });

  describe('to heads', () => {
    const unmeasured = { 'content-length': undefined, 'transfer-encoding': 'chunked' };

    test.each([
      ['in/movie.mp4', bytes.length],
      ['in/empty', 0],
    ])('without a length, %s has that of its ranges', async (key, sizeBytes) => {
      proxy.rule(({ method }) => (method === 'HEAD' ? { kind: 'altered', answer: unmeasured } : pass));
      const reader = await store.open(`s3://media/${key}`, signal);
      expect(reader.head.sizeBytes).toBe(sizeBytes);
    });

    test('without a length, of a store without ranges, has that of the whole', async () => {
      proxy.rule(({ method }) =>
        method === 'HEAD'
          ? { kind: 'altered', answer: unmeasured }
          : { kind: 'altered', ask: { range: undefined } },
      );
      const reader = await store.open(url, signal);
      expect(reader.head.sizeBytes).toBe(bytes.length);
    });

    test('without any length is fault 3458', async () => {
      proxy.rule(() => ({ kind: 'altered', ask: { range: undefined }, answer: unmeasured }));
      await expect(store.open(url, signal)).rejects.toMatchObject({ record: { code: 3458 } });
    });

    test('without a length is not as long as a range that does not say of how much', async () => {
      proxy.rule(({ method }) =>
        method === 'HEAD'
          ? { kind: 'altered', answer: unmeasured }
          : { kind: 'altered', answer: { 'content-range': undefined } },
      );
      await expect(store.open(url, signal)).rejects.toMatchObject({ record: { code: 3458 } });
    });

    test('without a length has that of a refused range', async () => {
      proxy.rule(({ method }) =>
        method === 'HEAD'
          ? { kind: 'altered', answer: unmeasured }
          : {
              kind: 'answer',
              status: 416,
              code: 'InvalidRange',
              headers: { 'content-range': 'bytes */77' },
            },
      );
      const reader = await store.open(url, signal);
      expect(reader.head.sizeBytes).toBe(77);
    });

    test.each([
      [301, 'PermanentRedirect', 1401],
      [307, 'TemporaryRedirect', 3999],
    ])('%i %s to an input is fault %i that says where the bucket is', async (status, code, fault) => {
      proxy.rule(() => ({ kind: 'answer', status, code, headers: { 'x-amz-bucket-region': 'eu-west-3' } }));
      await expect(store.open(url, signal)).rejects.toMatchObject({
        record: {
          code: fault,
          detail: expect.stringContaining(code),
          mediaFact: 'the bucket is in region eu-west-3',
        },
      });
    });

    test.each<[number, string, object]>([
      [400, 'ExpiredToken', { code: 1401 }],
      [301, 'PermanentRedirect', { code: 1517, mediaFact: 'the bucket is in region eu-west-3' }],
      [503, 'SlowDown', { code: 1517, parameters: { reason: 'HTTP status 503' } }],
    ])('%i %s to an output bucket is told with its reason', async (status, code, record) => {
      proxy.rule(() => ({ kind: 'answer', status, code, headers: { 'x-amz-bucket-region': 'eu-west-3' } }));
      await expect(store.checkWritable('s3://out/a', signal)).rejects.toMatchObject({ record });
    });
  });

  describe('to completions', () => {
    const refusal = (code: string): Fate => ({
      kind: 'body',
      status: 200,
      body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    });
    const completions = (fate: (nth: number) => Fate): void => {
      let nth = 0;
      proxy.rule(({ method, url: path }) => {
        if (method !== 'POST' || !path.includes('uploadId')) return pass;
        nth += 1;
        return fate(nth);
      });
    };
    const upload = async (key: string, length: number): Promise<void> => {
      const writer = await store.create(`s3://out/${key}`, { contentType: 'video/mp4' }, signal);
      try {
        for (let left = length; left > 0; left -= 1_000_000)
          await writer.write(Buffer.alloc(Math.min(left, 1_000_000), 5));
        await writer.publish();
      } catch (error) {
        await writer.abort();
        throw error;
      }
    };
    const traces = async (key: string): Promise<{ objects: number; uploads: number }> => {
      const { Contents = [] } =
        (await server?.client.send(new ListObjectsV2Command({ Bucket: 'out', Prefix: key }))) ?? {};
      const { Uploads = [] } =
        (await server?.client.send(new ListMultipartUploadsCommand({ Bucket: 'out' }))) ?? {};
      return { objects: Contents.length, uploads: Uploads.length };
    };

    test('an error with status 200 is asked again, and no throttling', async () => {
      completions((nth) => (nth === 1 ? refusal('InternalError') : pass));
      await upload('again', 20_000_000);
      const { ContentLength, Body } =
        (await server?.client.send(new GetObjectCommand({ Bucket: 'out', Key: 'again' }))) ?? {};
      Body?.transformToByteArray().catch(() => {});
      expect(ContentLength).toBe(20_000_000);
      expect(throttled).toBe(0);
    });

    test('SlowDown with status 200 is throttling', async () => {
      completions((nth) => (nth === 1 ? refusal('SlowDown') : pass));
      await upload('slow', 20_000_000);
      expect(throttled).toBe(1);
    });

    test.each([
      ['InternalError', { code: 1517 }],
      ['AccessDenied', { code: 1401 }],
    ])('%s with status 200 for ever leaves nothing', async (code, record) => {
      completions(() => refusal(code));
      await expect(upload('refused', 20_000_000)).rejects.toMatchObject({ record });
      expect(await traces('refused')).toEqual({ objects: 0, uploads: 0 });
    });

    test.each([
      ['small', 100],
      ['big', 20_000_000],
    ])('a page with status 200 in place of the answer is no %s object', async (key, length) => {
      const page: Fate = { kind: 'body', status: 200, body: '<html><body>Sign in</body></html>' };
      if (length > 100) completions(() => page);
      else proxy.rule(({ method }) => (method === 'PUT' ? page : pass));
      await expect(upload(`page-${key}`, length)).rejects.toMatchObject({
        record: { code: 1517, message: expect.stringContaining('no entity tag') },
      });
      expect(await traces(`page-${key}`)).toEqual({ objects: 0, uploads: 0 });
    });

    test('an answer without a tag is enough where the object is there', async () => {
      proxy.rule(({ method }) =>
        method === 'PUT' ? { kind: 'altered', answer: { etag: undefined } } : pass,
      );
      await upload('untagged', 100);
      expect(await traces('untagged')).toEqual({ objects: 1, uploads: 0 });
    });

    describe('a page in place of the answer', () => {
      const hourAgo = new Date(Date.now() - 3_600_000).toUTCString();
      const page: Fate = { kind: 'body', status: 200, body: '<html><body>Sign in</body></html>' };
      /** The object that was there before has `content`, and its head is told as `head` says. */
      const uploadOver = async (key: string, length: number, content: number, head: Fate): Promise<void> => {
        const Body = Buffer.alloc(length, content);
        await server?.client.send(new PutObjectCommand({ Bucket: 'out', Key: key, Body }));
        proxy.rule(({ method, url: path }) => {
          if (method === 'HEAD') return head;
          const isEnd = path.includes('uploadId') ? method === 'POST' : method === 'PUT';
          return isEnd ? page : pass;
        });
        await upload(key, length);
      };
      const older: Fate = { kind: 'altered', answer: { 'last-modified': hourAgo } };

      test.each([
        ['small', 100],
        ['big', 20_000_000],
      ])('is no %s object where an older one has its size', async (key, length) => {
        await expect(uploadOver(`older-${key}`, length, 7, older)).rejects.toMatchObject({
          record: { code: 1517, message: expect.stringContaining('no entity tag') },
        });
      });

      test.each<[string, Fate]>([
        ['without a length', { kind: 'altered', answer: { 'content-length': undefined } }],
        ['that is a page', { kind: 'body', status: 200, body: '' }],
        ['with status 503', { kind: 'answer', status: 503, code: 'SlowDown' }],
      ])('is no object by a head %s', async (name, head) => {
        await expect(uploadOver(`head ${name}`, 100, 7, head)).rejects.toMatchObject({
          record: { code: 1517 },
        });
      });

      const undated: Fate = {
        kind: 'altered',
        answer: { etag: '"kms"', 'last-modified': hourAgo, date: hourAgo },
      };
      test.each<[string, number, Fate]>([
        ['of the same bytes', 5, older],
        ['that may not be read', 7, { kind: 'answer', status: 403, code: 'AccessDenied' }],
        ['just made by a clock that is behind', 7, undated],
      ])('is believed where there is an object %s', async (name, content, head) => {
        await expect(uploadOver(name, 100, content, head)).resolves.toBeUndefined();
      });
    });

    test('a refusal keeps the words of the store', async () => {
      proxy.rule(({ method }) =>
        method === 'PUT'
          ? { kind: 'answer', status: 400, code: 'InvalidRequest', text: 'Content-MD5 is required' }
          : pass,
      );
      await expect(upload('words', 100)).rejects.toMatchObject({
        record: { code: 1517, detail: 'InvalidRequest (400): Content-MD5 is required' },
      });
    });
  });
});
