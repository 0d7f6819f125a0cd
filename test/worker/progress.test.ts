/** Job progress: the weights of the phases, and that nothing ever goes back. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineProgress } from '../../src/engine/protocol.ts';
import { trackProgress } from '../../src/worker/progress.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const report: EngineProgress = {
  phase: 'TRANSCODING',
  framesDecoded: 0,
  outputTimeUs: 0,
  percent: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

describe('the percentage of a job', () => {
  test('is 5 % probing, 85 % transcoding and 10 % uploading', () => {
    const progress = trackProgress(() => 0);
    expect(progress.enter('PROBING').jobPercent).toBe(0);
    expect(progress.enter('TRANSCODING')).toMatchObject({
      jobPercent: 5,
      phasePercent: { PROBING: 100, TRANSCODING: 0 },
    });
    expect(progress.take({ ...report, percent: 50 }).jobPercent).toBe(47);
    expect(progress.take({ ...report, percent: 100 }).jobPercent).toBe(90);
    expect(progress.enter('UPLOADING').jobPercent).toBe(90);
    expect(progress.take({ ...report, phase: 'UPLOADING', percent: 50 }).jobPercent).toBe(95);
  });

  test('stays unknown where the duration is unknown, and is whole when the phase is over', () => {
    const progress = trackProgress(() => 0);
    progress.enter('TRANSCODING');
    expect(progress.take({ ...report, percent: null }).phasePercent.TRANSCODING).toBe(0);
    expect(progress.enter('UPLOADING').phasePercent.TRANSCODING).toBe(100);
  });

  test('never decreases, whatever the engine reports', () => {
    const phase = fc.constantFrom('TRANSCODING' as const, 'UPLOADING' as const);
    const percent = fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.record({ phase, percent, enters: fc.boolean() })), (steps) => {
        const progress = trackProgress(() => 0);
        let before = progress.current().jobPercent;
        for (const step of steps) {
          const { jobPercent } = step.enters
            ? progress.enter(step.phase)
            : progress.take({ ...report, phase: step.phase, percent: step.percent });
          expect(jobPercent).toBeGreaterThanOrEqual(before);
          expect(jobPercent).toBeLessThanOrEqual(100);
          before = jobPercent;
        }
      }),
    );
  });

  test('speed and time left follow the clock', () => {
    let nowMs = 0;
    const progress = trackProgress(() => nowMs);
    progress.enter('TRANSCODING');
    nowMs = 2000;
    expect(
      progress.take({ ...report, framesDecoded: 100, outputTimeUs: 4_000_000, percent: 25, bytesRead: 7000 }),
    ).toMatchObject({
      inputBytesRead: 7000,
      framesPerSecond: 50,
      speed: 2,
      etaMs: 6000,
    });
  });
});

describe('a real job', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench();
  }, 180_000);
  afterAll(() => bench?.[Symbol.asyncDispose]());

  test('goes through its phases in order, tells its first picture, and never goes back', async () => {
    const started = bench.start(mp4Settings('s3://out/progress'));
    expect(await started.outcome).toMatchObject({ status: 'COMPLETE' });
    const phases = started.progress.map(({ phase }) => phase);
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
      'PROBING',
      'TRANSCODING',
      'UPLOADING',
    ]);
    const percents = started.progress.map(({ jobPercent }) => jobPercent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(started.progress.map(({ framesDecoded }) => framesDecoded).find((frames) => frames > 0)).toBe(1);
  });
});
