/** Options that change on the way: MPEG-2 begins no finer than it knows what pictures cost, and is finest where it is behind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessUnits } from '../../bench/coded-rate.ts';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import type { Mpeg2Settings, Output } from '../../src/contract/types.generated.ts';
import type { EncoderPlan, JobPlan, VideoRendition } from '../../src/plan/plan.ts';

const seconds = 4;
const bitrate = 1_500_000;
const framesPerSecond = 25;
/** Texture that takes all of the rate with the finest quantizer alone. */
const clip = movingClips.pan;

const outputOf = (mpeg2Settings: Mpeg2Settings, container: 'RAW' | 'MXF' = 'RAW'): Output => ({
  containerSettings: { container },
  videoDescription: { codecSettings: { codec: 'MPEG2', mpeg2Settings } },
});

let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(seconds, [clip]);
}, 60_000);
afterAll(() => bench.close());

async function planOf(output: Output): Promise<readonly [JobPlan, VideoRendition]> {
  const plan = await bench.plan(`${clip.name}.mp4`, [output]);
  const [rendition] = plan.videoRenditions;
  if (rendition === undefined) throw new TypeError('no video');
  return [plan, rendition];
}

/** Mean bits of a picture in the first second, and in those from the third on. */
async function picturesOf(plan: JobPlan): Promise<{ readonly first: number; readonly later: number }> {
  const [path = ''] = await bench.run(plan);
  const bits = readAccessUnits(path).map((unit) => unit.length * 8);
  expect(bits).toHaveLength(seconds * framesPerSecond);
  const mean = (some: readonly number[]): number => some.reduce((sum, each) => sum + each, 0) / some.length;
  return { first: mean(bits.slice(0, framesPerSecond)), later: mean(bits.slice(2 * framesPerSecond)) };
}

function withOpening(plan: JobPlan, opening: EncoderPlan['opening']): JobPlan {
  return withEncoder(plan, ({ opening: _, ...others }) =>
    opening === undefined ? others : { ...others, opening },
  );
}

function withSparing(plan: JobPlan, sparing: EncoderPlan['sparing']): JobPlan {
  return withEncoder(plan, ({ sparing: _, ...others }) =>
    sparing === undefined ? others : { ...others, sparing },
  );
}

function withEncoder(plan: JobPlan, change: (encoder: EncoderPlan) => EncoderPlan): JobPlan {
  const videoRenditions = plan.videoRenditions.map(({ encoder, ...rendition }) => ({
    ...rendition,
    encoder: change(encoder),
  }));
  return { ...plan, videoRenditions };
}

describe('the first second of MPEG-2', { timeout: 120_000 }, () => {
  test('is coarser, and no more than it', async () => {
    const [plan, { encoder }] = await planOf(outputOf({ bitrate }));
    expect(encoder.opening).toEqual({ frames: framesPerSecond, options: { lmin: '354', mblmin: '354' } });
    const finest = withSparing(plan, undefined);
    const planned = await picturesOf(finest);
    const without = await picturesOf(withOpening(finest, undefined));
    const throughout = await picturesOf(
      withOpening(finest, { frames: seconds * framesPerSecond, options: { lmin: '354', mblmin: '354' } }),
    );
    expect(planned.first).toBeLessThan(0.6 * without.first);
    expect(planned.later).toBeGreaterThan(1.3 * throughout.later);
  });

  test('is followed by the finest quantizer only where the average is behind', async () => {
    const [plan, { encoder }] = await planOf(outputOf({ bitrate }));
    const { sparing } = encoder;
    if (sparing === undefined) throw new TypeError('no sparing options');
    const spared = await picturesOf(withSparing(plan, { ...sparing, mostBehindBits: bitrate * seconds }));
    const behind = await picturesOf(withSparing(plan, { ...sparing, mostBehindBits: bitrate / 10 }));
    const pictureBits = bitrate / framesPerSecond;
    expect(spared.later).toBeLessThan(0.85 * pictureBits);
    expect(behind.later).toBeGreaterThan(1.15 * spared.later);
    expect(behind.later).toBeLessThan(1.1 * pictureBits);
  });

  test('an average may be off by two seconds of its rate; pictures of one size have neither', async () => {
    const [, { encoder }] = await planOf(outputOf({ bitrate: 8_000_000 }));
    expect(encoder.options['bt']).toBe('16000000');
    const d10 = { syntax: 'D_10', rateControlMode: 'CBR', codecProfile: 'PROFILE_422' } as const;
    const settings = { ...d10, bitrate: 50_000_000, gopSize: 1, numberBFramesBetweenReferenceFrames: 0 };
    const sized = outputOf(settings, 'MXF');
    const videoDescription = { ...sized.videoDescription, width: 720, height: 576 };
    const container = { container: 'MXF', mxfSettings: { profile: 'D_10' } } as const;
    const [, intra] = await planOf({ containerSettings: container, videoDescription });
    expect(intra.encoder.options['bt']).toBeUndefined();
    expect(intra.encoder.opening).toBeUndefined();
  });
});
