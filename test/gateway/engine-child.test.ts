/** The gateway with a real child process on the inherited descriptor. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channelDescriptor } from '../../src/engine/channel-objects.ts';
import { type LocalBuckets, openLocalBuckets } from '../../src/store/local-buckets.ts';
import { type Gateway, serveObjects } from '../../src/worker/gateway.ts';
import { openFilesBelow } from './open-files.ts';
import { waveFile } from './wave-file.ts';

const signal = new AbortController().signal;
const wave = waveFile(3_000_000);
const tone = { location: 's3://in/tone.wav', path: null, sizeBytes: wave.length, eTag: null };
const closers: (() => unknown)[] = [];
let folder: string;
let stores: LocalBuckets;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'openconvert-child-'));
  for (const each of ['in', 'out']) await mkdir(path.join(folder, each));
  await writeFile(path.join(folder, 'in/tone.wav'), wave);
  stores = await openLocalBuckets({ bucketsFolder: folder, named: {}, createMissingBuckets: false });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  expect(openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

const outputs = (): Promise<string[]> => readdir(path.join(folder, 'out'));

describe('a real child over descriptor 4', () => {
  async function startChild(): Promise<{
    child: ChildProcess;
    gateway: Gateway;
    ask(order: object): Promise<unknown>;
  }> {
    const entry = fileURLToPath(new URL('./engine-child.ts', import.meta.url));
    const child = spawn(process.execPath, ['--no-warnings', '--import', 'tsx', entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    closers.push(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const gateway = serveObjects({ socket: child.stdio[channelDescriptor] as Socket, stores, signal });
    closers.push(() => gateway.close());
    await once(child, 'message');
    return {
      child,
      gateway,
      async ask(order) {
        const answer = once(child, 'message');
        child.send(order);
        return (await answer)[0];
      },
    };
  }

  test('reads media through the gateway', async () => {
    const { gateway, ask } = await startChild();
    gateway.grant({ sources: [tone], outputs: [], scratchFolder: null });
    expect(await ask({ kind: 'hash-packets', source: tone })).toBe(
      createHash('sha256').update(wave.subarray(44)).digest('hex'),
    );
    expect(gateway.bytesRead).toBeGreaterThanOrEqual(wave.length);
  });

  test('that is killed leaves nothing half-written', async () => {
    const { child, gateway, ask } = await startChild();
    gateway.grant({ sources: [], outputs: [{ exact: 's3://out/big' }], scratchFolder: null });
    expect(await ask({ kind: 'write-and-wait', location: 's3://out/big' })).toBe('written');
    expect(gateway.bytesWritten).toBeGreaterThan(0);
    expect(await outputs()).toEqual(['.openconvert-parts']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await gateway.close();
    expect(await outputs()).toEqual([]);
  });
});
