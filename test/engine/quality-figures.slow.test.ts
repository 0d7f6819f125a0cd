/** The quality that a QVBR encode is told to have, against what was asked for and against the picture itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import type { VideoCodecSettings } from '../../src/contract/types.generated.ts';
import type { QualityFigures } from '../../src/engine/protocol.ts';

const unbounded = 50_000_000;
const seconds = 4;
let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(seconds, [movingClips.cuts]);
}, 60_000);
afterAll(() => bench.close());

type Codec = 'H_264' | 'H_265' | 'AV1';

function codecSettings(codec: Codec, maxBitrate: number, qvbrQualityLevel: number): VideoCodecSettings {
  const settings = { rateControlMode: 'QVBR', maxBitrate, qvbrSettings: { qvbrQualityLevel } } as const;
  switch (codec) {
    case 'H_264':
      return { codec, h264Settings: { ...settings, qualityTuningLevel: 'SINGLE_PASS' } };
    case 'H_265':
      return { codec, h265Settings: settings };
    case 'AV1':
      return { codec, av1Settings: settings };
  }
}

async function qualityOf(codec: Codec, maxBitrate: number, level: number): Promise<QualityFigures> {
  const videoDescription = { codecSettings: codecSettings(codec, maxBitrate, level) };
  const plan = await bench.plan('cuts.mp4', [{ containerSettings: { container: 'MP4' }, videoDescription }]);
  const [group] = await bench.tell(plan);
  const figures = group?.outputs[0]?.video?.quality;
  if (figures == null) throw new Error('no quality is told');
  return figures;
}

describe.each(['H_264', 'H_265', 'AV1'] as const)('%s', { timeout: 120_000 }, (codec) => {
  test.each([4, 7, 9])('an encode that nothing bounds has the level %d that was asked for', async (level) => {
    const { average, lowest, highest } = await qualityOf(codec, unbounded, level);
    expect(Math.abs(average - level)).toBeLessThan(0.45);
    expect(lowest).toBeLessThanOrEqual(average);
    expect(highest).toBeGreaterThanOrEqual(average);
  });

  test('a maximum that bites costs quality, and says so', async () => {
    const { average, lowest, lowestAtMs, highestAtMs } = await qualityOf(codec, 300_000, 9);
    expect(average).toBeLessThan(7);
    expect(lowest).toBeLessThan(average);
    for (const at of [lowestAtMs, highestAtMs]) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThan(seconds * 1000);
    }
  });
});
