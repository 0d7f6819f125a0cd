/** Which store answers for a location. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createObjectStores,
  type ObjectStoreSettings,
  type ObjectStores,
} from '../../src/store/locations.ts';
import { closedPort, content, serveContent, startServer } from './http-servers.ts';
import { settingsFor, startS3Server } from './s3-server.ts';

const signal = new AbortController().signal;
const options = { contentType: 'text/plain' };
const server = await startS3Server();
await server?.createBucket('remote');
await server?.client.send(new PutObjectCommand({ Bucket: 'remote', Key: 'a.txt', Body: 'on S3' }));
afterAll(() => server?.close());

let folder: string;
let stores: ObjectStores | null = null;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'openconvert-locations-'));
  await mkdir(path.join(folder, 'buckets/local'), { recursive: true });
  await writeFile(path.join(folder, 'buckets/local/a.txt'), 'in a folder');
});
afterEach(async () => {
  stores?.close();
  stores = null;
  await rm(folder, { recursive: true });
});

const open = async (
  more: Partial<ObjectStoreSettings> = {},
  createMissingBuckets = false,
): Promise<ObjectStores> => {
  const localBuckets = { bucketsFolder: path.join(folder, 'buckets'), named: {}, createMissingBuckets };
  stores = await createObjectStores({
    localBuckets,
    s3: null,
    http: { allowedPrivateHosts: 'all' },
    ...more,
  });
  return stores;
};
const text = async (store: ObjectStores, location: string): Promise<string> => {
  const reader = await store.open(location, signal);
  const bytes = await reader.read(0, 1000, signal);
  await reader.close();
  return Buffer.from(bytes).toString();
};
const put = async (store: ObjectStores, location: string): Promise<void> => {
  const writer = await store.create(location, options, signal);
  await writer.write(Buffer.from('new'));
  await writer.publish();
};

test('http is read over HTTP and refused as an output', async () => {
  const web = await startServer(serveContent);
  try {
    const reader = await (await open()).open(`http://${web.host}/a`, signal);
    expect(reader.head.sizeBytes).toBe(content.length);
    await expect(stores?.checkWritable(`http://${web.host}/b`, signal)).rejects.toMatchObject({
      record: { code: 1517 },
    });
  } finally {
    await web.close();
  }
});

test('any other scheme is fault 1404', async () => {
  await expect((await open()).open('file:///etc/passwd', signal)).rejects.toMatchObject({
    record: { code: 1404 },
  });
});

test('an S3 endpoint that is down does not keep us from starting', async () => {
  const s3 = settingsFor(`http://${await closedPort()}`, {
    limits: { connectMs: 1000, stallMs: 1000, attempts: 1 },
  });
  expect(await text(await open({ s3 }), 's3://local/a.txt')).toBe('in a folder');
});

describe.skipIf(server === null)('with an S3 endpoint', () => {
  const s3 = settingsFor(server?.endpoint ?? '');

  test('a bucket is a folder when there is one, and on the endpoint otherwise', async () => {
    const both = await open({ s3 });
    expect(await text(both, 's3://local/a.txt')).toBe('in a folder');
    expect(await text(both, 's3://remote/a.txt')).toBe('on S3');
    await expect(both.open('s3://nowhere/a.txt', signal)).rejects.toMatchObject({ record: { code: 1404 } });
    await put(both.forJob({ onThrottle: () => {} }) as ObjectStores, 's3://remote/b.txt');
    expect(await text(both, 's3://remote/b.txt')).toBe('new');
  });

  test('a name in two places is refused at start', async () => {
    await mkdir(path.join(folder, 'buckets/remote'));
    await expect(open({ s3 })).rejects.toThrow(
      'bucket remote exists as a local folder and on the S3 endpoint',
    );
  });

  test('an output bucket that is nowhere is fault 1404, or a new folder where that is the rule', async () => {
    await expect(put(await open({ s3 }), 's3://fresh/a')).rejects.toMatchObject({ record: { code: 1404 } });
    await put(await open({ s3 }, true), 's3://fresh/a');
    expect(await readFile(path.join(folder, 'buckets/fresh/a'), 'utf8')).toBe('new');
    await put(await open({ s3 }, true), 's3://remote/c');
    expect(await text(await open({ s3 }), 's3://remote/c')).toBe('new');
  });
});
