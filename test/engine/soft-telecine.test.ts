/** The buffer of soft telecine in H.264: pictures are taken out after two and three fields in turn (annex C, read apart). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessUnits } from '../../bench/coded-rate.ts';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { checkHrd } from '../../bench/hrd-check.ts';
import { type HrdStream, readHrd } from '../../bench/hrd-syntax.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import type { H264Settings } from '../../src/contract/types.generated.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(6, [movingClips.cuts]);
}, 60_000);
afterAll(() => bench.close());

async function encode(settings: H264Settings): Promise<HrdStream> {
  const h264Settings: H264Settings = {
    framerateControl: 'SPECIFIED',
    framerateNumerator: 30_000,
    framerateDenominator: 1001,
    telecine: 'SOFT',
    interlaceMode: 'TOP_FIELD',
    gopSizeUnits: 'FRAMES',
    hrdBufferSize: 400_000,
    qualityTuningLevel: 'SINGLE_PASS',
    ...settings,
  };
  const plan = await bench.plan('cuts.mp4', [
    {
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'H_264', h264Settings } },
    },
  ]);
  const [path = ''] = await bench.run(plan);
  const stream = readHrd('H.264', readAccessUnits(path));
  if (stream === null) throw new Error('the stream tells of no buffer');
  return stream;
}

/** When each picture is taken out, in fields behind the first. */
function removals({ pictures }: HrdStream): readonly number[] {
  let start = 0;
  return pictures.map(({ period, removalDelay }, index) => {
    const removal = index === 0 ? 0 : start + removalDelay;
    if (period !== null) start = removal;
    return removal;
  });
}

const constant = { rateControlMode: 'CBR', bitrate: 400_000 } as const;

describe('soft telecine', { timeout: 60_000 }, () => {
  test.each([
    [25, 0, constant],
    [25, 1, constant],
    [24, 1, constant],
    [15, 2, constant],
    [23, 2, { ...constant, hrdBufferInitialFillPercentage: 100 }],
  ] as const)(
    'groups of %i with %i B-frames, %o',
    async (gopSize, numberBFramesBetweenReferenceFrames, rate) => {
      const stream = await encode({ ...rate, gopSize, numberBFramesBetweenReferenceFrames });
      const { late, full, delayError } = checkHrd(stream);
      expect([late, full]).toEqual([0, 0]);
      // Delays are counted in 1/90000 s; half a field is 751 of them.
      expect(delayError).toBeLessThan(3 / 90_000);
      // No group adds to the length of the film: five fields for two pictures, to half a field.
      for (const [index, fields] of removals(stream).entries())
        expect(Math.abs(fields - index * 2.5)).toBeLessThanOrEqual(0.5);
    },
  );
});
