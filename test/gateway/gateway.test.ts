/** What the gateway lends to a child, what it refuses, and what is left when a child dies. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AVERROR_EXIT, AVSEEK_SET } from 'node-av/constants';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createChannelObjects,
  type ObjectChannel,
  openObjectChannel,
} from '../../src/engine/channel-objects.ts';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import { createObjectStores, type ObjectStores } from '../../src/store/locations.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type Gateway, serveObjects } from '../../src/worker/gateway.ts';
import { grantSource, mayWrite, noRights, outputPlaceOf } from '../../src/worker/gateway-rights.ts';
import { serveContent, startServer, startTcpServer } from '../store/http-servers.ts';
import { openFilesBelow } from './open-files.ts';
import { openSocketPair } from './socket-pair.ts';
import { waveFile } from './wave-file.ts';

const signal = new AbortController().signal;
const options = { contentType: 'video/mp4' };
const wave = waveFile(3_000_000);
const tone = { location: 's3://in/tone.wav', path: null, sizeBytes: wave.length, eTag: null };
let folder: string;
let stores: ObjectStores;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'openconvert-gateway-'));
  for (const each of ['buckets/in', 'buckets/out', 'scratch'])
    await mkdir(path.join(folder, each), { recursive: true });
  await writeFile(path.join(folder, 'buckets/in/tone.wav'), wave);
  const localBuckets = {
    bucketsFolder: path.join(folder, 'buckets'),
    named: {},
    createMissingBuckets: false,
  };
  // Nothing here may end because of a store's own deadline.
  const deadlines = { connectMs: 600_000, headersMs: 600_000, stallMs: 600_000 };
  stores = await createObjectStores({
    localBuckets,
    s3: null,
    http: { allowedPrivateHosts: 'all', deadlines },
  });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  stores.close();
  expect(openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

async function openGateway(
  store: ObjectStore = stores,
  requestMs = 60_000,
): Promise<{ gateway: Gateway; channel: ObjectChannel; child: Socket }> {
  const { parent, child } = await openSocketPair();
  const deadlines = { requestMs, publishMs: requestMs, slowestBytesPerSecond: 1e9 };
  const gateway = serveObjects({ socket: parent, stores: store, signal, deadlines });
  closers.push(() => gateway.close());
  return { gateway, channel: openObjectChannel(child), child };
}

const outputs = (): Promise<string[]> => readdir(path.join(folder, 'buckets/out'));

describe('rights', () => {
  test('nothing may be touched before rights are granted, nor after they are taken away', async () => {
    const { gateway, channel } = await openGateway();
    const read = (): Promise<unknown> =>
      channel.ask({ op: 'open', object: channel.nextObject(), location: tone.location });
    const write = (): Promise<unknown> =>
      channel.ask({ op: 'create', object: channel.nextObject(), location: 's3://out/a', options });
    await expect(read()).rejects.toThrow('s3://in/tone.wav is not granted for reading');
    await expect(write()).rejects.toThrow('s3://out/a is not granted for writing');
    gateway.grant({ sources: [tone], outputs: [{ exact: 's3://out/a' }], scratchFolder: null });
    await expect(read()).resolves.toMatchObject({ sizeBytes: wave.length });
    await expect(write()).resolves.toBeDefined();
    gateway.grant(noRights);
    await expect(read()).rejects.toThrow('not granted');
    await expect(write()).rejects.toThrow('not granted');
  });

  test.each([
    ['s3://out/a.mp4', true],
    ['s3://out/a.mp4x', false],
    ['s3://out/seg_00001.ts', true],
    ['s3://out/seg_1234567.ts', true],
    ['s3://out/seg_.ts', false],
    ['s3://out/seg_1/../../x.ts', false],
    ['s3://out/seg_00001.m3u8', false],
    ['s3://out2/seg_00001.ts', false],
    ['s3://out/part_20260131T235959_00001.ts', true],
    ['s3://out/part_x_00001.ts', false],
    ['s3://out/part_20260131T235959_1/../x_00001.ts', false],
    ['s3://out/at_0000090000.mp4', true],
    ['s3://out/at_90000.mp4', false],
  ])(
    'a plan that writes a.mp4, seg_%%05d.ts, part_%%{dt}_%%05d.ts and at_%%010t.mp4 may write %s: %s',
    (location, expected) => {
      const planned = ['a.mp4', 'seg_%05d.ts', 'part_%{dt}_%05d.ts', 'at_%010t.mp4'];
      const places = planned.map((name) => outputPlaceOf(`s3://out/${name}`));
      expect(mayWrite(places, location)).toBe(expected);
    },
  );

  test('only regular files of the own scratch folder are published', async () => {
    const { gateway, channel } = await openGateway();
    gateway.grant({
      sources: [],
      outputs: [{ exact: 's3://out/a' }],
      scratchFolder: path.join(folder, 'scratch'),
    });
    await writeFile(path.join(folder, 'secret'), 'secret');
    await writeFile(path.join(folder, 'scratch-of-another'), 'other');
    await symlink(path.join(folder, 'secret'), path.join(folder, 'scratch/link'));
    await symlink(folder, path.join(folder, 'scratch/up'));
    await mkdir(path.join(folder, 'scratch/sub'));
    const publish = (file: string): Promise<unknown> =>
      channel.ask({
        op: 'publish-file',
        object: channel.nextObject(),
        path: path.join(folder, file),
        location: 's3://out/a',
        options,
      });
    for (const file of [
      'secret',
      'scratch/../secret',
      'scratch/link',
      'scratch/up/secret',
      'scratch/sub',
      'scratch',
      'scratch-of-another',
      'scratch/absent',
    ]) {
      await expect(publish(file), file).rejects.toThrow(/refused/);
    }
    expect(await outputs()).toEqual([]);
    await writeFile(path.join(folder, 'scratch/sub/movie'), 'movie');
    await publish('scratch/sub/movie');
    expect(await readFile(path.join(folder, 'buckets/out/a'), 'utf8')).toBe('movie');
  });

  test('a source is granted by path only to a child that sees files', async () => {
    const file = path.join(folder, 'buckets/in/tone.wav');
    expect(await grantSource(tone.location, stores, { seesFiles: true }, signal)).toMatchObject({
      path: file,
      sizeBytes: wave.length,
    });
    expect(await grantSource(tone.location, stores, { seesFiles: false }, signal)).toMatchObject({
      path: null,
      sizeBytes: wave.length,
    });
    await expect(grantSource('s3://in/absent', stores, { seesFiles: true }, signal)).rejects.toMatchObject({
      record: { code: 1404 },
    });
  });
});

describe('a child that breaks the protocol', () => {
  test.each([
    ['lengths beyond the limit', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ['a header that is not JSON', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0x7b, 0x7b])],
  ])('%s ends the channel', async (_, bytes) => {
    const { child } = await openGateway();
    child.write(bytes);
    await once(child, 'close');
  });

  test('unknown requests and numbers are refused, one by one', async () => {
    const { gateway, channel } = await openGateway();
    gateway.grant({ sources: [tone], outputs: [], scratchFolder: null });
    await expect(channel.ask({ op: 'delete', object: 1 } as never)).rejects.toThrow(
      "unknown request 'delete'",
    );
    await expect(channel.ask({ op: 'read', object: 99, offset: 0, length: 10 })).rejects.toThrow(
      'object 99 is not open for reading',
    );
    await expect(channel.ask({ op: 'write', object: 99 }, Buffer.alloc(1))).rejects.toThrow(
      'object 99 is not open for writing',
    );
    await channel.ask({ op: 'open', object: 1, location: tone.location });
    await expect(channel.ask({ op: 'open', object: 1, location: tone.location })).rejects.toThrow(
      'object 1 is open already',
    );
    await expect(channel.ask({ op: 'read', object: 1, offset: 0, length: 10 })).resolves.toMatchObject({
      sizeBytes: 10,
    });
  });
});

describe('time', () => {
  test('a store that does not answer is a fault when the deadline has passed', async () => {
    const silence = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const mute: ObjectStore = {
      ...stores,
      open: (_, limit) => silence(limit),
      create: (_, __, limit) => silence(limit),
    };
    const { gateway, channel } = await openGateway(mute, 20);
    gateway.grant({
      sources: [tone, { ...tone, location: 'http://h/a' }],
      outputs: [{ exact: 's3://out/a' }],
      scratchFolder: null,
    });
    await expect(channel.ask({ op: 'open', object: 1, location: tone.location })).rejects.toMatchObject({
      record: { code: 3408 },
    });
    await expect(channel.ask({ op: 'open', object: 2, location: 'http://h/a' })).rejects.toMatchObject({
      record: { code: 3408 },
    });
    await expect(
      channel.ask({ op: 'create', object: 3, location: 's3://out/a', options }),
    ).rejects.toMatchObject({ record: { code: 1517 } });
  });

  test('closing waits until a writer that was just being opened is aborted', async () => {
    let isAborted = false;
    let opening: () => void = () => {};
    const isOpening = new Promise<void>((resolve) => {
      opening = resolve;
    });
    const abort = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      isAborted = true;
    };
    const writer = { write: async () => {}, publish: async () => ({ sizeBytes: 0 }), abort };
    const late: ObjectStore = {
      ...stores,
      create: (_, __, limit) =>
        new Promise((resolve) => {
          limit.addEventListener('abort', () => resolve(writer));
          opening();
        }),
    };
    const { gateway, channel } = await openGateway(late);
    gateway.grant({ sources: [], outputs: [{ exact: 's3://out/a' }], scratchFolder: null });
    channel.ask({ op: 'create', object: 3, location: 's3://out/a', options }).catch(() => {});
    await isOpening;
    await gateway.close();
    expect(isAborted).toBe(true);
  });

  test('a writer that opens too late is aborted', async () => {
    let isAborted: (value: true) => void = () => {};
    const aborted = new Promise<true>((resolve) => {
      isAborted = resolve;
    });
    let openWriter: () => void = () => {};
    const slow: ObjectStore = {
      ...stores,
      create: () =>
        new Promise((resolve) => {
          openWriter = () =>
            resolve({
              write: async () => {},
              publish: async () => ({ sizeBytes: 0 }),
              abort: async () => isAborted(true),
            });
        }),
    };
    const { gateway, channel } = await openGateway(slow, 20);
    gateway.grant({ sources: [], outputs: [{ exact: 's3://out/a' }], scratchFolder: null });
    await expect(
      channel.ask({ op: 'create', object: 3, location: 's3://out/a', options }),
    ).rejects.toMatchObject({ record: { code: 1517 } });
    openWriter();
    expect(await aborted).toBe(true);
  });

  test.each(['through the gateway', 'in this process'])(
    'cancel answers a read that waits for a stalled server at once, %s',
    async (where) => {
      let stalled: () => void = () => {};
      const isStalled = new Promise<void>((resolve) => {
        stalled = resolve;
      });
      const web = await startServer((request, response) => {
        if (request.method === 'HEAD' || request.headers.range === 'bytes=0-524287')
          return serveContent(request, response);
        stalled();
      });
      closers.push(() => web.close());
      const location = `http://${web.host}/a`;
      const { gateway, channel } = await openGateway();
      const source = await grantSource(location, stores, { seesFiles: true }, signal);
      gateway.grant({ sources: [source], outputs: [], scratchFolder: null });
      const objects =
        where === 'in this process' ? createLocalObjects(stores) : createChannelObjects(channel, [source]);
      const input = await objects.openInput(location);
      // Behind what opening has fetched.
      await input.io?.seek(600_000n, AVSEEK_SET);
      const reading = input.io?.read(100_000);
      await isStalled;
      objects.cancel();
      expect(await reading).toBe(AVERROR_EXIT);
      expect(input.fault).toMatchObject({ name: 'AbortError' });
      await input.close();
    },
  );

  test('opening an input of a server that says nothing is canceled at once too', async () => {
    const web = await startTcpServer(() => objects.cancel());
    closers.push(() => web.close());
    const { gateway, channel } = await openGateway();
    const source = { ...tone, location: `http://${web.host}/a` };
    gateway.grant({ sources: [source], outputs: [], scratchFolder: null });
    const objects = createChannelObjects(channel, [source]);
    await expect(objects.openInput(source.location)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('faults on the way', () => {
  test('the fault of a broken read is the input fault behind the library EIO', async () => {
    let answered = 0;
    const web = await startServer((request, response) => {
      answered += 1;
      if (answered <= 4) return serveContent(request, response);
      response.writeHead(403).end();
    });
    closers.push(() => web.close());
    const location = `http://${web.host}/a`;
    const { gateway, channel } = await openGateway();
    const source = await grantSource(location, stores, { seesFiles: true }, signal);
    gateway.grant({ sources: [source], outputs: [], scratchFolder: null });
    const input = await createChannelObjects(channel, [source]).openInput(location);
    await input.io?.seek(600_000n, AVSEEK_SET);
    expect(typeof (await input.io?.read(100_000))).toBe('number');
    expect(input.fault).toMatchObject({
      record: { code: 3403, message: `3403: Access to '${location}' is forbidden.` },
    });
    await input.close();
  });

  test('a gateway that is gone is fault 1999 for everything under way and everything after', async () => {
    const { gateway, channel } = await openGateway();
    gateway.grant({ sources: [tone], outputs: [{ exact: 's3://out/a' }], scratchFolder: null });
    const objects = createChannelObjects(channel, [tone]);
    const output = objects.create('s3://out/a', options);
    output.write(Buffer.alloc(3_000_000));
    await gateway.close();
    await expect(output.publish()).rejects.toMatchObject({ record: { code: 1999, component: 'gateway' } });
    await expect(objects.openInput(tone.location)).rejects.toMatchObject({ record: { code: 1999 } });
    expect(await outputs()).toEqual([]);
  });

  test('stopping the worker aborts what is being written', async () => {
    const stopper = new AbortController();
    const { parent, child } = await openSocketPair();
    const gateway = serveObjects({ socket: parent, stores, signal: stopper.signal });
    gateway.grant({ sources: [], outputs: [{ exact: 's3://out/a' }], scratchFolder: null });
    const channel = openObjectChannel(child);
    await channel.ask({ op: 'create', object: 1, location: 's3://out/a', options });
    await channel.ask({ op: 'write', object: 1 }, Buffer.alloc(1000));
    expect(await outputs()).toEqual(['.openconvert-parts']);
    stopper.abort(new Error('worker stops'));
    await gateway.close();
    expect(await outputs()).toEqual([]);
  });
});
