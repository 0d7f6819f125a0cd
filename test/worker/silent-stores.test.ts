/** Stores that stop answering: their own deadline explains more than the engine's stall limit, and comes first. */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { openWorkbench, silence, type Workbench } from './workbench.ts';

const deadlines = { requestMs: 3000, publishMs: 3000, slowestBytesPerSecond: 1024 ** 3 };
let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

describe('a store that never answers', () => {
  test('a read of an object is 3408 at the deadline, not a stall', async () => {
    let isRunning = false;
    const outcome = await bench.run(mp4Settings('s3://out/read'), {
      limits: { stallMs: 1500, gateway: deadlines },
      onPhase: ({ phase }) => {
        isRunning ||= phase === 'TRANSCODING';
      },
      stores: (real) => ({
        ...real,
        async open(location, signal) {
          const reader = await real.open(location, signal);
          return {
            ...reader,
            head: { ...reader.head, path: null },
            read: (offset, length, until) =>
              isRunning ? silence(until) : reader.read(offset, length, until),
          };
        },
      }),
    });
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: {
        code: 3408,
        component: 'gateway',
        location: 's3://media/clip.mp4',
        detail: 'no answer for 3 s',
      },
    });
    expect(bench.scratch()).toEqual([]);
  });

  test('publishing an object is 1517 at the deadline, not a stall', async () => {
    const outcome = await bench.run(mp4Settings('s3://out/publish'), {
      limits: { stallMs: 1500, gateway: deadlines },
      stores: (real) => ({ ...real, publishFile: (_file, _location, _options, signal) => silence(signal) }),
    });
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: { code: 1517, message: expect.stringContaining('no answer for 3 s') },
    });
    expect(bench.scratch()).toEqual([]);
    expect(bench.outputs()).toEqual([]);
  });
});

describe('an HTTP server that stops in the middle', () => {
  test('ends the job with 3408 and leaves nothing', async () => {
    await using source = await serveThenStop(path.join(bench.data, 'buckets', 'media', 'clip.mp4'));
    const settings = structuredClone(mp4Settings('s3://out/http')) as unknown as {
      Inputs: { FileInput: string }[];
    };
    settings.Inputs[0] = { ...settings.Inputs[0], FileInput: source.url };
    const outcome = await bench.run(settings, {
      limits: { stallMs: 1500, gateway: deadlines },
      onPhase: ({ phase }) => {
        if (phase === 'TRANSCODING') source.goSilent();
      },
    });
    expect(outcome).toMatchObject({ status: 'ERROR', fault: { code: 3408 } });
    expect(bench.scratch()).toEqual([]);
    expect(bench.outputs()).not.toContain('http.mp4');
  });
});

/** Serves ranges of one file until it is told to be silent: then it takes requests and never answers. */
async function serveThenStop(file: string): Promise<{ url: string; goSilent(): void } & AsyncDisposable> {
  const bytes = await readFile(file);
  let isSilent = false;
  const server: Server = createServer((request, response) => {
    if (isSilent) return;
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const end = Math.min(to === '' ? bytes.length - 1 : Number(to), bytes.length - 1);
    const isRange = request.headers.range !== undefined;
    response.writeHead(isRange ? 206 : 200, {
      'accept-ranges': 'bytes',
      etag: '"1"',
      'content-length': end - Number(from) + 1,
      ...(isRange ? { 'content-range': `bytes ${from}-${end}/${bytes.length}` } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(Number(from), end + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clip.mp4`,
    goSilent() {
      isSilent = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
