/** Packages as one object: what becomes of segments that are not what they were when the package was looked into. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectReader } from '../../src/store/store.ts';
import { withHlsPackages } from '../../src/worker/hls/hls-store.ts';

const signal = new AbortController().signal;
const url = 's3://in/main.m3u8';
const packet = (fill: number): Buffer => Buffer.concat([Buffer.from([0x47]), Buffer.alloc(187, fill)]);
const segment = (fill: number, packets = 10): Buffer =>
  Buffer.concat(Array.from({ length: packets }, () => packet(fill)));

describe('a package whose segment', () => {
  let root: string;
  const write = (name: string, bytes: Buffer | string) => writeFile(path.join(root, 'in', name), bytes);
  const openPackage = async (): Promise<ObjectReader> => {
    const store = await openLocalBuckets({ bucketsFolder: root, named: {}, createMissingBuckets: false });
    return withHlsPackages(store, () => undefined).open(url, signal);
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'openconvert-hls-store-'));
    await mkdir(path.join(root, 'in'));
    const names = ['a.ts', 'b%20c.ts'].flatMap((name) => ['#EXTINF:1,', name]);
    await write(
      'main.m3u8',
      ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...names, '#EXT-X-ENDLIST', ''].join('\n'),
    );
    await write('a.ts', segment(1));
    await write('b c.ts', segment(2));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('stays is read as it is', async () => {
    const reader = await openPackage();
    expect(Buffer.from(await reader.read(0, 10_000, signal))).toEqual(
      Buffer.concat([segment(1), segment(2)]),
    );
    await reader.close();
  });

  test.each([
    ['is replaced', segment(3)],
    ['becomes shorter', segment(2, 4)],
    ['becomes longer', segment(2, 40)],
  ])('%s is fault 3408 of the input, and tells which', async (_, bytes) => {
    const reader = await openPackage();
    await write('b c.ts', bytes);
    await expect(reader.read(0, 10_000, signal)).rejects.toMatchObject({
      record: {
        code: 3408,
        message: '3408: Error uploading file from HTTP source: The file changed while it was read.',
        location: url,
        mediaFact: 'the object concerned is s3://in/b c.ts',
      },
    });
    await reader.close();
  });

  test('vanishes is fault 1404 of the input, and tells which', async () => {
    const reader = await openPackage();
    await rm(path.join(root, 'in', 'b c.ts'));
    await expect(reader.read(0, 10_000, signal)).rejects.toMatchObject({
      record: {
        code: 1404,
        message: expect.stringContaining('[s3://in/b c.ts]'),
        location: url,
      },
    });
    await reader.close();
  });
});
