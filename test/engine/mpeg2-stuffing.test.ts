/** MPEG-2 at a constant rate that is mostly stuffing: as much as the encoder has room for, refused beyond. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessUnits } from '../../bench/coded-rate.ts';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import type { Output } from '../../src/contract/types.generated.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngine(1);
  await bench.makeClip('still.mp4', 'color=c=gray:s=352x288:r=25:d=2', 25);
});
afterAll(() => bench.close());

function outputOf(bitrate: number, width = 352, height = 288): Output {
  const mpeg2Settings = { rateControlMode: 'CBR', bitrate, codecLevel: 'HIGH' } as const;
  return {
    containerSettings: { container: 'RAW' },
    videoDescription: { width, height, codecSettings: { codec: 'MPEG2', mpeg2Settings } },
  };
}

describe('a constant rate of a still picture', { timeout: 60_000 }, () => {
  test.each([
    [20_000_000, 352, 288],
    [2_000_000, 32, 32],
  ])('is kept at %i bit/s of %i x %i where one thread would be left', async (bitrate, width, height) => {
    // Beside a larger rendition one thread would be left of one core.
    const plan = await bench.plan('still.mp4', [
      outputOf(bitrate, width, height),
      { ...outputOf(4_000_000, 640, 480), nameModifier: '_large' },
    ]);
    const [path = ''] = await bench.run(plan);
    const bits = readAccessUnits(path).map((unit) => unit.length * 8);
    const mean = bits.reduce((sum, each) => sum + each, 0) / bits.length;
    expect((mean * 25) / bitrate).toBeGreaterThan(0.9);
  });

  test('is refused beyond what pictures can be filled to', async () => {
    await expect(bench.plan('still.mp4', [outputOf(9_000_000, 32, 32)])).rejects.toThrow(
      /mpeg2Settings\/bitrate: .*the most is 4480000/,
    );
  });
});
