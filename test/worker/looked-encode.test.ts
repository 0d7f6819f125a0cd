/** A job of VP8's better level whose engine is killed, or that is canceled, in its look and in the pass that spends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobOutcome } from '../../src/worker/observer.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { isRunning, openWorkbench, type StartedJob, type Workbench } from './workbench.ts';

/** Cancel stops the encoder within a second; generous for a busy machine. */
const stopLimitMs = 2500;

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

function settings(): object {
  const job = structuredClone(mp4Settings('s3://out/looked')) as unknown as {
    OutputGroups: { Outputs: object[] }[];
  };
  const VideoDescription = {
    Width: 1920,
    Height: 1080,
    CodecSettings: { Codec: 'VP8', Vp8Settings: { Bitrate: 2_000_000, QualityTuningLevel: 'MULTI_PASS_HQ' } },
  };
  const [group] = job.OutputGroups;
  if (group !== undefined) group.Outputs = [{ ContainerSettings: { Container: 'WEBM' }, VideoDescription }];
  return job;
}

/** Starts a job and stops it when so much of it, in percent, is done. */
async function stopAt(
  percent: number,
  stop: (job: StartedJob, pid: number) => void,
): Promise<{ readonly outcome: JobOutcome; readonly pid: number; readonly tookMs: number }> {
  let arrive: () => void = () => {};
  const isThere = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const job = bench.start(settings(), {
    onProgress: ({ phasePercent }) => (phasePercent.TRANSCODING ?? 0) >= percent && arrive(),
  });
  const pid = await job.firstFrame;
  await isThere;
  const stoppedAt = performance.now();
  stop(job, pid);
  return { outcome: await job.outcome, pid, tookMs: performance.now() - stoppedAt };
}

describe.each([
  ['its look', 2],
  ['the pass that spends', 55],
])('in %s', (_name, percent) => {
  test('a canceled job ends soon; the child is gone and nothing is left', async () => {
    const { outcome, pid, tookMs } = await stopAt(percent, (job) => job.cancel());
    expect(outcome).toEqual({ status: 'CANCELED' });
    expect(tookMs).toBeLessThan(stopLimitMs);
    expect(isRunning(pid)).toBe(false);
    expect([bench.scratch(), bench.outputs()]).toEqual([[], []]);
  });

  test('a killed engine is fault 1999, and nothing is left', async () => {
    const { outcome } = await stopAt(percent, (_job, pid) => process.kill(pid, 'SIGKILL'));
    expect(outcome).toMatchObject({
      status: 'ERROR',
      fault: { code: 1999, mediaFact: 'the engine process ended by signal SIGKILL', phase: 'TRANSCODING' },
    });
    expect([bench.scratch(), bench.outputs()]).toEqual([[], []]);
  });
});
