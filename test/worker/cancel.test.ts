/** A canceled job stops at once, wherever it is; what is complete stays, what is not never appears. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hlsSettings, mp4Settings, slowSettings } from '../e2e/tiny-jobs.ts';
import { isRunning, openWorkbench, silence, type Workbench } from './workbench.ts';

/** Cancel stops the encoder within a second (issue 2); generous for a busy machine. */
const stopLimitMs = 2500;
let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

describe('a job that is canceled', () => {
  test('while it encodes ends CANCELED; the child is gone and nothing of it is left', async () => {
    const started = bench.start(slowSettings('s3://out/slow'));
    const pid = await started.firstFrame;
    const canceledAt = performance.now();
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    expect(performance.now() - canceledAt).toBeLessThan(stopLimitMs);
    expect(isRunning(pid)).toBe(false);
    expect(bench.engines.counts()).toEqual({ waiting: 0, working: 0 });
    expect(bench.scratch()).toEqual([]);
    expect(bench.outputs()).toEqual([]);
  });

  test('while a child ignores it (stopped process) is ended all the same', async () => {
    const started = bench.start(slowSettings('s3://out/deaf'));
    const pid = await started.firstFrame;
    process.kill(pid, 'SIGSTOP');
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    expect(isRunning(pid)).toBe(false);
  });

  test('while its input is opened ends CANCELED, although the store never answers', async () => {
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const started = bench.start(mp4Settings('s3://out/unopened'), {
      stores: (real) => ({
        ...real,
        open(_location, signal) {
          isAsked();
          return silence(signal);
        },
      }),
    });
    await asked;
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    expect(bench.scratch()).toEqual([]);
  });

  test('while segments are published keeps the complete ones and drops the rest', async () => {
    const segmentsBefore = 2;
    let published = 0;
    let isEnough: () => void = () => {};
    const enough = new Promise<void>((resolve) => {
      isEnough = resolve;
    });
    const started = bench.start(hlsSettings('s3://out/hls/main'), {
      stores: (real) => ({
        ...real,
        async create(location, options, signal) {
          const writer = await real.create(location, options, signal);
          const aborted = new AbortController();
          return {
            ...writer,
            async publish() {
              // The third object is written whole, but not published when the job is canceled.
              if (published >= segmentsBefore) {
                isEnough();
                return silence(aborted.signal);
              }
              published += 1;
              return writer.publish();
            },
            async abort() {
              aborted.abort(new Error('aborted'));
              await writer.abort();
            },
          };
        },
      }),
    });
    await enough;
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    const files = bench.outputs().filter((name) => name.includes('main'));
    expect(files).toHaveLength(segmentsBefore);
    expect(files.every((name) => name.endsWith('.ts') || name.endsWith('.aac'))).toBe(true);
    expect(bench.outputs().filter((name) => name.includes('parts/'))).toEqual([]);
  });

  test('before it begins never takes a child', async () => {
    const before = bench.taken.length;
    const started = bench.start(mp4Settings('s3://out/early'));
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    expect(bench.taken.slice(before).every((engine) => !engine.isAlive())).toBe(true);
  });
});
