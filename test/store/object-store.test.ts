/** One conformance suite for every store that reads and writes: local buckets and S3. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import { keyOfPath } from '../../src/store/local-names.ts';
import { createS3Store } from '../../src/store/s3.ts';
import type { ObjectStore, WriteOptions } from '../../src/store/store.ts';
import { type S3Server, settingsFor, startS3Server } from './s3-server.ts';

interface Place {
  readonly store: ObjectStore;
  /** Headers of objects have a place there. */
  readonly keepsHeaders: boolean;
  /** Keys that readers can see, sorted. */
  keys(): Promise<string[]>;
  /** What is being written or was left behind. */
  leftovers(): Promise<number>;
}

const signal = new AbortController().signal;
const options = { contentType: 'video/mp4' };
const s3Server: S3Server | null = await startS3Server();
afterAll(() => s3Server?.close());

let folder: string;
let number = 0;

const implementations: Record<string, (bucket: string) => Promise<Place>> = {
  'local buckets': async (bucket) => {
    const root = path.join(folder, 'buckets');
    await mkdir(path.join(root, bucket), { recursive: true });
    const parts = path.join(root, bucket, '.openconvert-parts');
    return {
      store: await openLocalBuckets({ bucketsFolder: root, named: {}, createMissingBuckets: false }),
      keepsHeaders: false,
      async keys() {
        const entries = await readdir(path.join(root, bucket), { recursive: true, withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile() && entry.parentPath !== parts)
          .map((entry) =>
            keyOfPath(path.relative(path.join(root, bucket), path.join(entry.parentPath, entry.name))),
          )
          .sort();
      },
      leftovers: async () => (await readdir(parts).catch(() => [])).length,
    };
  },
  ...(s3Server === null
    ? {}
    : {
        S3: async (bucket: string) => {
          await s3Server.createBucket(bucket);
          return {
            store: createS3Store(settingsFor(s3Server.endpoint)),
            keepsHeaders: true,
            async keys() {
              const { Contents = [] } = await s3Server.client.send(
                new ListObjectsV2Command({ Bucket: bucket }),
              );
              return Contents.map((each) => each.Key ?? '').sort();
            },
            async leftovers() {
              const { Uploads = [] } = await s3Server.client.send(
                new ListMultipartUploadsCommand({ Bucket: bucket }),
              );
              return Uploads.length;
            },
          };
        },
      }),
};

beforeAll(() => {
  if (s3Server === null) console.log('the S3 half of the store conformance suite did not run');
});

describe.each(Object.entries(implementations))('object store: %s', (_, openPlace) => {
  let place: Place;
  let bucket: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'openconvert-store-'));
    number += 1;
    bucket = `bucket-${process.pid}-${number}`;
    place = await openPlace(bucket);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (key: string, bytes: Uint8Array): Promise<void> => {
    const writer = await place.store.create(`s3://${bucket}/${key}`, options, signal);
    await writer.write(bytes);
    await writer.publish();
  };
  const get = async (key: string): Promise<Buffer> => {
    const reader = await place.store.open(`s3://${bucket}/${key}`, signal);
    try {
      return Buffer.from(await reader.read(0, reader.head.sizeBytes, signal));
    } finally {
      await reader.close();
    }
  };

  test('gives back what was written, in ranges', async () => {
    const bytes = patternBytes(100_000);
    await put('in/movie.mp4', bytes);
    const reader = await place.store.open(`s3://${bucket}/in/movie.mp4`, signal);
    expect(reader.head.sizeBytes).toBe(bytes.length);
    expect(reader.head.eTag).toMatch(/^".+"$/);
    expect(reader.head.lastModifiedMs).toBeGreaterThan(Date.now() - 600_000);
    expect(Buffer.from(await reader.read(10, 100, signal)).equals(bytes.subarray(10, 110))).toBe(true);
    expect(await reader.read(99_990, 100, signal)).toHaveLength(10);
    expect(await reader.read(100_000, 100, signal)).toHaveLength(0);
    expect(await reader.read(200_000, 100, signal)).toHaveLength(0);
    await reader.close();
  });

  test('an object of several parts arrives whole and in order', async () => {
    const bytes = patternBytes(40 * 1024 * 1024 + 17);
    const writer = await place.store.create(`s3://${bucket}/big.bin`, options, signal);
    const borrowed = Buffer.alloc(1_000_003);
    for (let at = 0; at < bytes.length; at += borrowed.length) {
      const count = bytes.copy(borrowed, 0, at);
      await writer.write(borrowed.subarray(0, count));
    }
    expect(await place.keys()).toEqual([]);
    expect(await writer.publish()).toEqual({ sizeBytes: bytes.length });
    expect((await get('big.bin')).equals(bytes)).toBe(true);
    expect(await place.leftovers()).toBe(0);
  });

  test('an empty object is an object', async () => {
    const writer = await place.store.create(`s3://${bucket}/empty`, options, signal);
    expect(await writer.publish()).toEqual({ sizeBytes: 0 });
    expect(await get('empty')).toHaveLength(0);
  });

  test('publishing replaces an older object', async () => {
    await put('a.m3u8', Buffer.from('old'));
    await put('a.m3u8', Buffer.from('newer'));
    expect((await get('a.m3u8')).toString()).toBe('newer');
  });

  test('an aborted object never appears and leaves nothing', async () => {
    const writer = await place.store.create(`s3://${bucket}/big.bin`, options, signal);
    await writer.write(patternBytes(20 * 1024 * 1024));
    await writer.abort();
    await writer.abort();
    expect(await place.keys()).toEqual([]);
    expect(await place.leftovers()).toBe(0);
    await expect(writer.write(Buffer.alloc(1))).rejects.toThrow(TypeError);
    await expect(writer.publish()).rejects.toThrow(TypeError);
  });

  test('a finished file is taken over', async () => {
    const file = path.join(folder, 'finished.mp4');
    const bytes = patternBytes(3_000_000);
    await writeFile(file, bytes);
    const location = `s3://${bucket}/out/finished.mp4`;
    expect(await place.store.publishFile(file, location, options, signal)).toEqual({
      sizeBytes: bytes.length,
    });
    expect((await get('out/finished.mp4')).equals(bytes)).toBe(true);
    expect(await readdir(folder)).not.toContain('finished.mp4');
  });

  test.each([
    'in put/ü 100%.mp4',
    '../escape.mp4',
    'a//b',
    '/absolute',
    'a/./b',
    'a/../b',
    'a/..',
    'a\\b',
    '%2E%2E/x',
    'plus+and?query#hash',
    'trailing/',
  ])('key %j is just a name', async (key) => {
    await put(key, Buffer.from(key));
    expect((await get(key)).toString()).toBe(key);
    expect(await place.keys()).toEqual([key]);
    expect(await readdir(tmpdir())).not.toContain('escape.mp4');
    expect(await readdir(folder)).not.toContain('escape.mp4');
  });

  test('keys are case sensitive', async () => {
    await put('A.mp4', Buffer.from('upper'));
    await put('a.mp4', Buffer.from('lower'));
    expect((await get('A.mp4')).toString()).toBe('upper');
  });

  test.each(['absent.mp4', 'absent/also.mp4', ''])('missing key %j is fault 1404', async (key) => {
    const url = `s3://${bucket}/${key}`;
    await expect(place.store.open(url, signal)).rejects.toMatchObject({
      record: {
        code: 1404,
        message: `Unable to open input file [${url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]`,
      },
    });
  });

  test('a folder of keys is no object', async () => {
    await put('in/movie.mp4', Buffer.from('x'));
    await expect(place.store.open(`s3://${bucket}/in`, signal)).rejects.toMatchObject({
      record: { code: 1404 },
    });
  });

  test('a missing bucket is fault 1404, for reading and for writing', async () => {
    const url = 's3://no-such-bucket-anywhere/a.mp4';
    await expect(place.store.open(url, signal)).rejects.toMatchObject({
      record: { code: 1404, template: 'input-missing' },
    });
    await expect(place.store.checkWritable(url, signal)).rejects.toMatchObject({
      record: { code: 1404, template: 'output-bucket-missing' },
    });
    const writing = async (): Promise<unknown> => (await place.store.create(url, options, signal)).publish();
    await expect(writing()).rejects.toMatchObject({
      record: { code: 1404, template: 'output-bucket-missing' },
    });
  });

  test('an existing bucket is writable', async () => {
    await place.store.checkWritable(`s3://${bucket}/prefix/`, signal);
    await place.store.checkWritable(`s3://${bucket}`, signal);
  });

  test('a bucket tells which headers it has no place for', async () => {
    const asked: WriteOptions = {
      contentType: 'video/mp4',
      cannedAcl: 'public-read',
      serverSideEncryption: { type: 'AES256', keyArn: null, context: null },
    };
    const dropped = await place.store.checkWritable(`s3://${bucket}/a.mp4`, signal, asked);
    expect(dropped).toEqual(place.keepsHeaders ? [] : ['cannedAcl', 'serverSideEncryption']);
    expect(await place.store.checkWritable(`s3://${bucket}/a.mp4`, signal, options)).toEqual([]);
  });

  test('an object that is replaced while it is read gives the old version or a fault, never a mixture', async () => {
    const old = patternBytes(500_000);
    await put('a.bin', old);
    const reader = await place.store.open(`s3://${bucket}/a.bin`, signal);
    await put('a.bin', Buffer.alloc(500_000, 7));
    const outcome = await reader.read(1000, 1000, signal).then(
      (bytes) => (Buffer.from(bytes).equals(old.subarray(1000, 2000)) ? 'old' : 'mixture'),
      (error) => error.record?.code,
    );
    expect(['old', 3408]).toContain(outcome);
    await reader.close();
  });

  test('a stopped signal ends calls with its reason, not with a fault', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(place.store.open(`s3://${bucket}/a`, stopped)).rejects.toThrow('stopped');
  });
});

function patternBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4)
    bytes.writeUInt32LE((Math.imul(at, 2_654_435_761) ^ at) >>> 0, at);
  return bytes;
}
