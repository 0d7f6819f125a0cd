/** Packages as one object: what becomes of segments that are not what they were when the package was looked into. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectHead, ObjectReader, ReadableStore } from '../../src/store/store.ts';
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

  test('is cut in place while it is open is fault 3408 too', async () => {
    const reader = await openPackage();
    await reader.read(segment(1).length, 188, signal);
    await truncate(path.join(root, 'in', 'b c.ts'), 188 * 4);
    await expect(reader.read(0, 10_000, signal)).rejects.toMatchObject({
      record: { code: 3408, mediaFact: 'the object concerned is s3://in/b c.ts' },
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

/** Ten segments of one packet each, `0.ts` to `9.ts`, whose readers are counted. */
class CountingStore implements ReadableStore {
  openReaders = 0;
  /** Of segments. */
  head: Partial<ObjectHead> = {};
  /** What the next segment waits for. */
  nextOpening: Promise<void> = Promise.resolve();

  async open(location: string): Promise<ObjectReader> {
    const isPlaylist = location.endsWith('.m3u8');
    const names = Array.from({ length: 10 }, (_, index) => `#EXTINF:1,\n${index}.ts`);
    const list = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...names, '#EXT-X-ENDLIST', ''].join('\n');
    const bytes = isPlaylist ? Buffer.from(list) : packet(1);
    const untold = { eTag: null, lastModifiedMs: null, contentType: null, path: null };
    const head = { ...untold, sizeBytes: bytes.length, ...(isPlaylist ? {} : this.head) };
    const opening = this.nextOpening;
    this.nextOpening = Promise.resolve();
    await opening;
    this.openReaders += 1;
    return {
      head,
      read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
      close: async () => {
        this.openReaders -= 1;
      },
    };
  }
}

describe('a part', () => {
  test.each<[string, Partial<ObjectHead>, Partial<ObjectHead>]>([
    ['with a tag that is weak now', { eTag: '"x"' }, { eTag: 'W/"x"' }],
    ['whose tag is not told any more', { eTag: '"x"', lastModifiedMs: 1 }, { lastModifiedMs: 1 }],
  ])('%s is the same', async (_, before, after) => {
    const store = new CountingStore();
    store.head = before;
    const reader = await withHlsPackages(store, () => undefined).open(url, signal);
    store.head = after;
    expect(await reader.read(0, 100, signal)).toHaveLength(100);
  });

  test.each<[string, Partial<ObjectHead>, Partial<ObjectHead>]>([
    ['date', { lastModifiedMs: 1 }, { lastModifiedMs: 2 }],
    ['size', {}, { sizeBytes: 189 }],
  ])('without a tag and of another %s is fault 3408', async (_, before, after) => {
    const store = new CountingStore();
    store.head = before;
    const reader = await withHlsPackages(store, () => undefined).open(url, signal);
    store.head = after;
    await expect(reader.read(0, 100, signal)).rejects.toMatchObject({ record: { code: 3408 } });
    await reader.close();
    expect(store.openReaders).toBe(0);
  });

  test('that does not open concerns its own readers only, and is opened again', async () => {
    const store = new CountingStore();
    const reader = await withHlsPackages(store, () => undefined).open(url, signal);
    const readPart = (index: number) => reader.read(index * 188, 10, signal);
    let fail = (_: Error): void => {};
    store.nextOpening = new Promise((_, reject) => {
      fail = reject;
    });
    const failing = expect(readPart(0)).rejects.toThrow('refused');
    for (let index = 1; index <= 7; index += 1) await readPart(index);
    // The one too many waits for the first to close.
    const ninth = readPart(8);
    await readPart(0);
    fail(new Error('refused'));
    await failing;
    expect(await ninth).toHaveLength(10);
    await reader.close();
    expect(store.openReaders).toBe(0);
  });
});
