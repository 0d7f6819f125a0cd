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

const quality = { RateControlMode: 'QVBR', MaxBitrate: 3_000_000 };
const constant = { RateControlMode: 'CBR', Bitrate: 1_000_000 };
const variable = { RateControlMode: 'VBR', Bitrate: 1_000_000 };

test.each([
  ['AV1-QVBR', { Codec: 'AV1', Av1Settings: quality }, 'MP4', 1.5],
  ['AV1-CBR', { Codec: 'AV1', Av1Settings: constant }, 'MP4', 2.6],
  ['VP8', { Codec: 'VP8', Vp8Settings: { ...variable, MaxBitrate: 2_000_000 } }, 'WEBM', 3],
  ['VP8-HQ', { Codec: 'VP8', Vp8Settings: { ...variable, QualityTuningLevel: 'MULTI_PASS_HQ' } }, 'WEBM', 3],
] as const)(
  '%s takes what was estimated, and not much less',
  async (name, CodecSettings, Container, most) => {
    const settings = structuredClone(mp4Settings(`s3://out/${name}`)) as unknown as {
      OutputGroups: { Outputs: { VideoDescription: object; ContainerSettings: object }[] }[];
    };
    const [output] = settings.OutputGroups[0]?.Outputs ?? [];
    if (output === undefined) throw new Error('no output');
    Object.assign(output, {
      ContainerSettings: { Container },
      VideoDescription: { Width: 1920, Height: 1080, CodecSettings },
      ...(Container === 'WEBM' ? { AudioDescriptions: [] } : {}),
    });
    const estimates: number[] = [];
    const outcome = await bench.run(settings, {
      limits: {
        memory(estimated, stackBytes) {
          estimates.push(estimated);
          return memoryLimitsFor(estimated, stackBytes);
        },
      },
    });
    expect(outcome).toMatchObject({ status: 'COMPLETE' });
    // Looked at five times a second: runs of a second would end between two looks.
    const taken = bench.taken.at(-1)?.peakMemoryBytes() ?? 0;
    // The looks at the input and at the outputs are estimated beside the run.
    const [, estimatedBytes = 0] = estimates;
    expect(estimates).toHaveLength(3);
    expect(estimatedBytes / taken).toBeGreaterThan(1);
    expect(estimatedBytes / taken).toBeLessThan(most);
  },
);

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
