/** S3 endpoints that cannot be had, and bodies that no S3 server would send: sockets of our own, no store behind them. */
import { Agent } from 'node:http';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { createS3Store, type S3Store } from '../../src/store/s3.ts';
import type { S3Settings } from '../../src/store/s3-client.ts';
import { readFaultOf } from '../../src/store/s3-faults.ts';
import { closedPort, startServer } from './http-servers.ts';
import { settingsFor } from './s3-server.ts';

const signal = new AbortController().signal;
const url = 's3://media/in/movie.mp4';
const stores: S3Store[] = [];

const storeAt = (endpoint: string, more: Partial<S3Settings> = {}): S3Store => {
  const store = createS3Store(settingsFor(endpoint, more));
  stores.push(store);
  return store;
};
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

describe('reading from an S3 endpoint', () => {
  test('an object shorter than its head said is fault 1076 with the length that was reached', async () => {
    const place = await startServer((request, response) => {
      if (request.method === 'HEAD') return void response.setHeader('content-length', 5_000).end();
      response.writeHead(206, { 'content-length': 2_000, 'content-range': 'bytes 1000-2999/3000' });
      response.end(Buffer.alloc(2_000));
    });
    try {
      const reader = await storeAt(`http://${place.host}`).open(url, signal);
      await expect(reader.read(1_000, 4_000, signal)).rejects.toMatchObject({
        record: {
          code: 1076,
          message:
            'Demuxer: [ReadPacketData File read failed - end of file hit at length [3000]. Is file truncated?]',
        },
      });
    } finally {
      await place.close();
    }
  });

  test('a body that stops coming is fault 3408', async () => {
    const place = await startServer((request, response) => {
      response.setHeader('content-length', 5_000);
      if (request.method === 'HEAD') return void response.end();
      response.write(Buffer.alloc(1_000));
    });
    try {
      const limits = { connectMs: 5_000, stallMs: 200, attempts: 2 };
      const reader = await storeAt(`http://${place.host}`, { limits }).open(url, signal);
      await expect(reader.read(0, 5_000, signal)).rejects.toMatchObject({
        record: { code: 3408, message: expect.stringMatching(/: Connection timed out\.$/) },
      });
    } finally {
      await place.close();
    }
  });

  test.each([
    ['nobody listens', 3451, closedPort, `3451: Server could not be reached when accessing: '${url}'.`],
    [
      'is no name',
      3454,
      async () => 'nonexistent.invalid',
      `3454: Name resolution failed when accessing: '${url}'.`,
    ],
  ])('an endpoint where %s is fault %i', async (_, code, host, message) => {
    const store = storeAt(`http://${await host()}`);
    await expect(store.open(url, signal)).rejects.toMatchObject({ record: { code, message } });
  });

  test('an endpoint that takes no connection is fault 3451', async () => {
    // A name that is looked up for ever: the socket never connects, and the SDK's own limit ends it.
    const httpAgent = new Agent({ lookup: () => {} });
    const client = new S3Client({
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      endpoint: 'http://nowhere.invalid',
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 50, httpAgent },
    });
    const head = new HeadObjectCommand({ Bucket: 'media', Key: 'a' });
    const late = await client.send(head).catch((error: unknown) => error);
    client.destroy();
    expect(late).toMatchObject({ name: 'TimeoutError' });
    const reach = { reachedBytes: 0, hasRead: false };
    expect(readFaultOf(url, reach, late, signal)).toMatchObject({ record: { code: 3451 } });
  });

  test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'an endpoint whose certificate is refused with %s is fault 3455',
    (code) => {
      const refused = Object.assign(new Error('certificate'), { code });
      const reach = { reachedBytes: 0, hasRead: false };
      expect(readFaultOf(url, reach, refused, signal)).toMatchObject({ record: { code: 3455 } });
    },
  );
});
