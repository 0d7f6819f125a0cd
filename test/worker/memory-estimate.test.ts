/** The memory that a plan predicts against what an engine child took, as the kernel counts it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnginePool } from '../../src/worker/engine-pool.ts';
import { memoryLimitsFor } from '../../src/worker/memory-guard.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
}, 180_000);
afterAll(() => bench?.[Symbol.asyncDispose]());

test.each([
  ['QVBR', { RateControlMode: 'QVBR', MaxBitrate: 3_000_000 }, 1.5],
  ['CBR', { RateControlMode: 'CBR', Bitrate: 1_000_000 }, 2.6],
] as const)('AV1 %s takes what was estimated, and not much less', async (name, Av1Settings, most) => {
  const settings = structuredClone(mp4Settings(`s3://out/av1-${name}`)) as unknown as {
    OutputGroups: { Outputs: { VideoDescription: object }[] }[];
  };
  const [output] = settings.OutputGroups[0]?.Outputs ?? [];
  if (output === undefined) throw new Error('no output');
  output.VideoDescription = { Width: 1920, Height: 1080, CodecSettings: { Codec: 'AV1', Av1Settings } };
  let estimatedBytes = 0;
  const outcome = await bench.run(settings, {
    limits: {
      memory(estimated, stackBytes) {
        estimatedBytes = estimated;
        return memoryLimitsFor(estimated, stackBytes);
      },
    },
  });
  expect(outcome).toMatchObject({ status: 'COMPLETE' });
  // Looked at five times a second: runs of a second would end between two looks.
  const taken = bench.taken.at(-1)?.peakMemoryBytes() ?? 0;
  expect(estimatedBytes / taken).toBeGreaterThan(1);
  expect(estimatedBytes / taken).toBeLessThan(most);
});

test('the look at the outputs is not bounded below the run, whose freed memory stays with the child', async () => {
  const mebibyte = 1024 * 1024;
  const large = { residentBytes: 2048 * mebibyte, dataBytes: 4096 * mebibyte };
  const small = { residentBytes: 600 * mebibyte, dataBytes: 1056 * mebibyte };
  let asked = 0;
  const bounds: unknown[] = [];
  const engines: EnginePool = {
    ...bench.engines,
    take() {
      const engine = bench.engines.take();
      const runTask: typeof engine.runTask = (task, controls) => {
        bounds.push([task.kind, controls.memoryLimits]);
        return engine.runTask(task, controls);
      };
      return { ...engine, runTask };
    },
  };
  const outcome = await bench.run(mp4Settings('s3://out/looked-at'), {
    engines,
    limits: {
      memory() {
        asked += 1;
        return asked === 2 ? large : small;
      },
    },
  });
  expect(outcome).toMatchObject({ status: 'COMPLETE' });
  expect(bounds).toEqual([
    ['probe', small],
    ['run', large],
    ['probe', large],
  ]);
});
