/** One conformance suite for every implementation of `EngineObjects`. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AVERROR_EXIT, AVSEEK_SET } from 'node-av/constants';
import { FormatContext, type IOContext, Packet } from 'node-av/lib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createChannelObjects, openObjectChannel } from '../../src/engine/channel-objects.ts';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import type { EngineObjects, InputObject } from '../../src/engine/objects.ts';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { serveObjects } from '../../src/worker/gateway.ts';
import { openFilesBelow } from './open-files.ts';
import { openSocketPair } from './socket-pair.ts';
import { waveFile } from './wave-file.ts';

interface Place {
  readonly objects: EngineObjects;
  close(): Promise<void>;
}

const implementations: Record<string, (store: ObjectStore, scratchFolder: string) => Promise<Place>> = {
  'in this process, by path': async (store) => ({
    objects: createLocalObjects(store),
    close: async () => {},
  }),
  'in this process, by callbacks': async (store) => ({
    objects: createLocalObjects(store, { byPath: false }),
    close: async () => {},
  }),
  'through the gateway': async (store, scratchFolder) => {
    const { parent, child } = await openSocketPair();
    const gateway = serveObjects({ socket: parent, stores: store, signal: new AbortController().signal });
    const sources = ['s3://in/tone.wav', 's3://in/absent.wav', 's3://in/long.bin'].map((location) => ({
      location,
      path: null,
      sizeBytes: 0,
      eTag: null,
    }));
    gateway.grant({
      sources,
      outputs: [{ pattern: /^s3:\/\/out\/\d+\.bin$/ }, { exact: 's3://absent/1.bin' }],
      scratchFolder,
    });
    return { objects: createChannelObjects(openObjectChannel(child), sources), close: () => gateway.close() };
  },
};

describe.each(Object.entries(implementations))('engine objects %s', (name, openPlace) => {
  let folder: string;
  let store: ObjectStore;
  let place: Place;
  const wave = waveFile(2_000_000);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'openconvert-objects-'));
    for (const each of ['in', 'out']) await mkdir(path.join(folder, 'buckets', each), { recursive: true });
    await mkdir(path.join(folder, 'scratch'));
    await writeFile(path.join(folder, 'buckets/in/tone.wav'), wave);
    store = await openLocalBuckets({
      bucketsFolder: path.join(folder, 'buckets'),
      named: {},
      createMissingBuckets: false,
    });
    place = await openPlace(store, path.join(folder, 'scratch'));
  });

  afterEach(async () => {
    await place.close();
    expect(openFilesBelow(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  const outputs = async (): Promise<string[]> =>
    (await readdir(path.join(folder, 'buckets/out'))).filter((each) => !each.startsWith('.'));
  const parts = (): Promise<string[]> =>
    readdir(path.join(folder, 'buckets/out/.openconvert-parts')).catch(() => []);

  test('a demuxer reads the same packets as from the file', async () => {
    const input = await place.objects.openInput('s3://in/tone.wav');
    expect(input.sizeBytes).toBe(wave.length);
    expect(await hashPackets(input)).toBe(createHash('sha256').update(wave.subarray(44)).digest('hex'));
    expect(input.fault).toBeNull();
    if (input.io !== null) expect(input.bytesRead).toBeGreaterThanOrEqual(wave.length);
    await input.close();
  });

  test('a missing object is fault 1404 with the documented message', async () => {
    await expect(place.objects.openInput('s3://in/absent.wav')).rejects.toMatchObject({
      record: {
        code: 1404,
        message:
          "Unable to open input file [s3://in/absent.wav]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]",
      },
    });
  });

  test('an object appears whole when it is published, and not before', async () => {
    const output = place.objects.create('s3://out/1.bin', { contentType: 'video/mp4' });
    const bytes = waveFile(3_000_000);
    for (let at = 0; at < bytes.length; at += 70_000) {
      const borrowed = Buffer.from(bytes.subarray(at, at + 70_000));
      output.write(borrowed);
      borrowed.fill(0xee);
      await output.drained();
    }
    expect(await outputs()).toEqual([]);
    expect(await output.publish()).toEqual({ sizeBytes: bytes.length });
    expect(await outputs()).toEqual(['1.bin']);
    expect((await readFile(path.join(folder, 'buckets/out/1.bin'))).equals(bytes)).toBe(true);
    expect(place.objects.bytesWritten).toBe(bytes.length);
    expect(await parts()).toEqual([]);
  });

  test('an aborted object leaves nothing, and abort may be called twice', async () => {
    const output = place.objects.create('s3://out/2.bin', { contentType: 'video/mp4' });
    output.write(Buffer.alloc(3_000_000));
    await output.abort();
    await output.abort();
    expect(await outputs()).toEqual([]);
    expect(await parts()).toEqual([]);
    await expect(output.publish()).rejects.toThrow();
  });

  test('an empty object can be published', async () => {
    expect(await place.objects.create('s3://out/0.bin', { contentType: 'text/plain' }).publish()).toEqual({
      sizeBytes: 0,
    });
    expect(await outputs()).toEqual(['0.bin']);
  });

  test('a missing output bucket is fault 1404 and write does not throw', async () => {
    const output = place.objects.create('s3://absent/1.bin', { contentType: 'video/mp4' });
    output.write(Buffer.alloc(20_000_000));
    await expect(output.drained()).rejects.toMatchObject({
      record: { code: 1404, template: 'output-bucket-missing' },
    });
    output.write(Buffer.alloc(10));
    await expect(output.publish()).rejects.toMatchObject({ record: { code: 1404 } });
    await output.abort();
  });

  test('a scratch file is moved into place', async () => {
    const scratch = path.join(folder, 'scratch/movie.mp4');
    await writeFile(scratch, wave);
    const { sizeBytes } = await place.objects.publishFile(scratch, 's3://out/3.bin', {
      contentType: 'video/mp4',
    });
    expect(sizeBytes).toBe(wave.length);
    expect((await readFile(path.join(folder, 'buckets/out/3.bin'))).equals(wave)).toBe(true);
    expect(await readdir(path.join(folder, 'scratch'))).toEqual([]);
    expect(place.objects.bytesWritten).toBe(wave.length);
  });

  test('cancel is sticky: reading answers AVERROR_EXIT, writing and opening are refused', async () => {
    const input = await place.objects.openInput('s3://in/tone.wav');
    const output = place.objects.create('s3://out/4.bin', { contentType: 'video/mp4' });
    place.objects.cancel();
    if (input.io !== null) {
      expect(await input.io.read(1000)).toBe(AVERROR_EXIT);
      expect(await input.io.seek(0n, AVSEEK_SET)).toBeLessThanOrEqual(0n);
    }
    expect(input.fault).toMatchObject({ name: 'AbortError' });
    output.write(Buffer.alloc(10));
    await expect(output.drained()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(output.publish()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(place.objects.openInput('s3://in/tone.wav')).rejects.toMatchObject({ name: 'AbortError' });
    await output.abort();
    await input.close();
    expect(await outputs()).toEqual([]);
  });

  test.runIf(!name.includes('by path'))(
    'a synchronous library call is named as our bug, not taken for a damaged file',
    async () => {
      const input = await place.objects.openInput('s3://in/tone.wav');
      const context = new FormatContext();
      context.allocContext();
      context.pb = input.io;
      expect(context.openInputSync('', null, null)).toBeLessThan(0);
      expect(String(input.fault)).toMatch(/a synchronous library call was made on s3:\/\/in\/tone\.wav/);
      await context.closeInput();
      await input.close();
    },
  );

  test.runIf(!name.includes('by path'))('random access gives the bytes of every place', async () => {
    const input = await place.objects.openInput('s3://in/tone.wav');
    const io = input.io as IOContext;
    // Deterministic walk over the file, forwards and backwards, across block borders.
    for (let step = 0, at = 1; step < 60; step += 1, at = (at * 48_271) % (wave.length - 9000)) {
      expect(await io.seek(BigInt(at), AVSEEK_SET)).toBe(BigInt(at));
      const got = await io.read(9000);
      const bytes = got as Buffer;
      expect(bytes.length).toBeGreaterThan(0);
      expect(bytes.equals(wave.subarray(at, at + bytes.length))).toBe(true);
    }
    await input.close();
  });
});

async function hashPackets(input: InputObject): Promise<string> {
  const hash = createHash('sha256');
  const context = new FormatContext();
  context.allocContext();
  const packet = new Packet();
  packet.alloc();
  if (input.io !== null) context.pb = input.io;
  const opened =
    input.path === null
      ? await context.openInput('', null, null)
      : context.openInputSync(input.path, null, null);
  expect(opened).toBe(0);
  while ((input.path === null ? await context.readFrame(packet) : context.readFrameSync(packet)) >= 0) {
    hash.update(packet.data as Buffer);
    packet.unref();
  }
  packet.free();
  await context.closeInput();
  return hash.digest('hex');
}
