/** VP9 in two passes of our own, as it reads in the stream: quantizers, key frames, the average. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import { vp9QuantizerIndex } from '../../src/engine/vp9-header.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { type CodedPacket, readPackets, shareOfRate } from './coded-packets.ts';

const bitrate = 200_000;
const framesPerSecond = 25;
/** The pictures change altogether there. */
const cut = 43;
const frames = 100;

type Coded = CodedPacket & { readonly index: number | null };

/** Black, whose pictures take nothing, and then noise in motion. */
const opening = 30;

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngine();
  const [before, after] = [cut / framesPerSecond, (frames - cut) / framesPerSecond];
  const clip = `mandelbrot=s=320x180:r=25:start_scale=0.3:end_scale=0.2,trim=duration=${before}[a];testsrc2=s=320x180:r=25:d=${after}[b];[a][b]concat`;
  await bench.makeClip('clip.mp4', clip, framesPerSecond);
  const noise = `testsrc2=s=320x180:r=25,noise=alls=30:all_seed=3:allf=t,trim=end_frame=${frames - opening}[b]`;
  await bench.makeClip(
    'opening.mp4',
    `color=black:s=320x180:r=25,trim=end_frame=${opening}[a];${noise};[a][b]concat`,
    framesPerSecond,
  );
}, 120_000);
afterAll(() => bench.close());

async function planOf(clip = 'clip.mp4', rateBps = bitrate): Promise<JobPlan> {
  const vp9Settings = { bitrate: rateBps, gopSize: 60, qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
  return bench.plan(clip, [
    {
      containerSettings: { container: 'WEBM' },
      videoDescription: { codecSettings: { codec: 'VP9', vp9Settings } },
    },
  ]);
}

async function codedBy(plan: JobPlan): Promise<readonly Coded[]> {
  const [path = ''] = await bench.run(plan);
  return readPackets(path, (data) => ({ index: vp9QuantizerIndex(data) }));
}

describe('VP9 in two passes of our own', { timeout: 120_000 }, () => {
  let coded: readonly Coded[];
  beforeAll(async () => {
    coded = await codedBy(await planOf());
  }, 120_000);

  test('comes to the average, every picture in its place', () => {
    expect(coded.map(({ milliseconds }) => milliseconds)).toEqual(
      Array.from({ length: frames }, (_, place) => place * 40),
    );
    const average = shareOfRate(coded, framesPerSecond, bitrate);
    expect(average).toBeGreaterThan(0.9);
    expect(average).toBeLessThan(1.1);
  });

  test('has key frames where a group is full', () => {
    expect(coded.flatMap(({ isKey }, place) => (isKey ? [place] : []))).toEqual([0, 60]);
  });

  test.each([10, 20, 30, cut, 53, 70, 80])(
    'has a finer picture, %d, for others to be predicted from',
    (place) => {
      const [one, next] = [coded[place]?.index ?? 0, coded[place + 2]?.index ?? 0];
      expect(one).toBeLessThan(next - 16);
    },
  );
});

test('a black opening does not mislead the look', { timeout: 120_000 }, async () => {
  const rateBps = 1_500_000;
  const coded = await codedBy(await planOf('opening.mp4', rateBps));
  const average = shareOfRate(coded, framesPerSecond, rateBps);
  expect(average).toBeGreaterThan(0.85);
  expect(average).toBeLessThan(1.1);
});

test('pictures too easy for their rate are coded with loss', { timeout: 120_000 }, async () => {
  const coded = await codedBy(await planOf('opening.mp4', 60_000_000));
  // Index 0 is another transform.
  expect(new Set(coded.map(({ index }) => index))).toEqual(new Set([4]));
});

test('the header of a frame tells its quantizer', { timeout: 60_000 }, async () => {
  const plan = await planOf();
  const [rendition] = plan.videoRenditions;
  if (rendition === undefined) throw new RangeError('no video');
  const { quantizers: _none, ...encoder } = rendition.encoder;
  const options = { ...encoder.options, qmin: '30', qmax: '30' };
  const fixed = { ...rendition, encoder: { ...encoder, passes: 1 as const, options } };
  const coded = await codedBy({ ...plan, videoRenditions: [fixed] });
  // The interface's 30 (libvpx `vp9_quantize.c`).
  expect(new Set(coded.map(({ index }) => index))).toEqual(new Set([120]));
});
