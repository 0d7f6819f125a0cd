/** What becomes of a job whose engine dies, hangs, or takes more than its plan allows. All causes are real. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEngine } from '../../src/worker/engine-process.ts';
import { clip, mp4Settings, slowSettings } from '../e2e/tiny-jobs.ts';
import { isRunning, openWorkbench, silence, type Workbench } from './workbench.ts';

const mebibyte = 1024 * 1024;
let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

describe('an engine', () => {
  test('does the probe, the run and the probe of the outputs in one child, which is gone afterwards', async () => {
    const before = bench.taken.length;
    const started = bench.start(mp4Settings('s3://out/whole'));
    const pid = await started.firstFrame;
    const outcome = await started.outcome;
    expect(outcome).toMatchObject({
      status: 'COMPLETE',
      outputGroups: [{ outputs: [{ durationMs: clip.durationMs, video: { frames: clip.frames } }] }],
    });
    expect(bench.taken.length - before).toBe(1);
    expect(bench.taken.at(-1)?.peakMemoryBytes()).toBeGreaterThan(30 * mebibyte);
    expect(isRunning(pid)).toBe(false);
    expect(bench.scratch()).toEqual([]);
  });

  test('killed while it works: 1999 with the signal, nothing left behind, and the next job runs', async () => {
    const started = bench.start(slowSettings('s3://out/killed'));
    process.kill(await started.firstFrame, 'SIGKILL');
    const outcome = await started.outcome;
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: {
        code: 1999,
        message: 'Unknown error',
        mediaFact: 'the engine process ended by signal SIGKILL',
        phase: 'TRANSCODING',
      },
    });
    // It had no time for last words, and nothing stands in their place.
    expect(outcome).not.toHaveProperty('fault.detail', '');
    expect(bench.scratch()).toEqual([]);
    expect(bench.outputs().filter((name) => name.includes('killed'))).toEqual([]);
    expect(await bench.run(mp4Settings('s3://out/after'))).toMatchObject({ status: 'COMPLETE' });
  });

  test('killed by its own libraries (abort) is told from one that was killed', async () => {
    const started = bench.start(slowSettings('s3://out/aborted'));
    process.kill(await started.firstFrame, 'SIGABRT');
    expect(await started.outcome).toMatchObject({
      fault: { code: 1999, mediaFact: 'the engine process ended by signal SIGABRT' },
    });
  });

  test('that holds more memory than its limit is ended: 1999 with the documented text', async () => {
    const outcome = await bench.run(slowSettings('s3://out/large'), {
      limits: { memory: () => ({ residentBytes: 90 * mebibyte, dataBytes: 4096 * mebibyte }) },
    });
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: {
        code: 1999,
        message: 'Job failed with unexpected error: std::bad_alloc',
        mediaFact: expect.stringMatching(/held \d+ MiB, more than its limit of 90 MiB/),
      },
    });
    expect(bench.scratch()).toEqual([]);
  });

  test('that the kernel refuses memory fails with 1999 and takes nothing with it', async () => {
    const outcome = await bench.run(slowSettings('s3://out/refused'), {
      limits: { memory: () => ({ residentBytes: 4096 * mebibyte, dataBytes: 420 * mebibyte }) },
    });
    expect(outcome).toMatchObject({ status: 'ERROR', fault: { code: 1999 } });
    expect(bench.scratch()).toEqual([]);
  });

  test('that makes no progress is ended after the stall limit: 1999', async () => {
    const started = bench.start(slowSettings('s3://out/stopped'), { limits: { stallMs: 1500 } });
    const pid = await started.firstFrame;
    process.kill(pid, 'SIGSTOP');
    expect(await started.outcome).toMatchObject({
      status: 'ERROR',
      fault: { code: 1999, mediaFact: 'the engine made no progress for 1.5 s' },
    });
    expect(isRunning(pid)).toBe(false);
  });

  test('whose probe does not come to an end is ended: 1999', async () => {
    const outcome = await bench.run(mp4Settings('s3://out/never'), {
      limits: { probeMs: 1500 },
      // The path is withheld, so that the child reads through the gateway, which gets no answer.
      stores: (real) => ({
        ...real,
        async open(location, signal) {
          const reader = await real.open(location, signal);
          return {
            ...reader,
            head: { ...reader.head, path: null },
            read: (_offset, _length, until) => silence(until),
          };
        },
      }),
    });
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: { code: 1999, mediaFact: 'the input could not be examined within 1.5 s' },
    });
    expect(bench.scratch()).toEqual([]);
  });

  test('that cannot be started, or ends before it is ready, says why: 1999', async () => {
    const started = (...command: [string, ...string[]]) =>
      startEngine(
        { kind: 'none', seesFiles: true, command: () => command, enginePid: async (pid) => pid },
        bench.scratchRoot,
      );
    const absent = started('/nonexistent/engine');
    await expect(absent.ready()).rejects.toMatchObject({
      record: { code: 1999, mediaFact: expect.stringMatching(/a failed start: .*ENOENT/) },
    });
    await absent.end();
    expect(absent.isAlive()).toBe(false);
    const broken = started(process.execPath, '-e', "console.error('no such library'); process.exit(3)");
    await expect(broken.ready()).rejects.toMatchObject({
      record: { code: 1999, mediaFact: 'the engine process ended by exit code 3', detail: 'no such library' },
    });
    await broken.end();
  });
});
