/** VP8 in two passes of our own, as it reads in the stream: quantizers, key frames, references, the average. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import { type CodedPacket, readPackets, shareOfRate } from './coded-packets.ts';
import { readVp8Header, type Vp8Header } from './vp8-header.ts';

const bitrate = 200_000;
const framesPerSecond = 25;
/** The pictures change altogether there. */
const cut = 40;
const frames = 100;

type Coded = CodedPacket & Vp8Header;

let bench: EngineBench;
let coded: readonly Coded[];
beforeAll(async () => {
  bench = await openEngine();
  const [before, after] = [cut / framesPerSecond, (frames - cut) / framesPerSecond];
  const clip = `mandelbrot=s=320x180:r=25:start_scale=0.3:end_scale=0.2,trim=duration=${before}[a];testsrc2=s=320x180:r=25:d=${after}[b];[a][b]concat`;
  await bench.makeClip('clip.mp4', clip, framesPerSecond);
  const vp8Settings = { bitrate, gopSize: 50, qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
  const plan = await bench.plan('clip.mp4', [
    {
      containerSettings: { container: 'WEBM' },
      videoDescription: { codecSettings: { codec: 'VP8', vp8Settings } },
    },
  ]);
  const [path = ''] = await bench.run(plan);
  coded = readPackets(path, readVp8Header);
}, 120_000);
afterAll(() => bench.close());

function placesOf(holds: (one: Coded) => boolean): number[] {
  return coded.flatMap((one, place) => (holds(one) ? [place] : []));
}

/** Every frame has one region, whose segment is the second. */
const offsetOf = ({ segmentOffsets }: Coded): number => segmentOffsets[1] ?? 0;

describe('VP8 in two passes of our own', () => {
  test('comes to the average, every picture in its place', () => {
    expect(coded.map(({ milliseconds }) => milliseconds)).toEqual(
      Array.from({ length: frames }, (_, place) => place * 40),
    );
    const average = shareOfRate(coded, framesPerSecond, bitrate);
    expect(average).toBeGreaterThan(0.9);
    expect(average).toBeLessThan(1.1);
  });

  test('has key frames at the cut, which the look found, and where a group is full', () => {
    expect(placesOf(({ isKey }) => isKey)).toEqual([0, cut, cut + 50]);
  });

  test('keeps a finer picture of every ten for the others to be predicted from', () => {
    const boosted = [10, 20, 30, 50, 60, 70, 80];
    expect(placesOf(({ isKey, renewsAlternate }) => renewsAlternate && !isKey)).toEqual(boosted);
    for (const place of boosted) {
      const [one, next] = [coded[place], coded[place + 1]];
      if (one === undefined || next === undefined) throw new RangeError(`${place}`);
      expect(offsetOf(one)).toBeLessThan(offsetOf(next) - 5);
      expect(one.renewsGolden).toBe(true);
    }
  });

  test('has one quantizer in the encoder all along', () => {
    expect(new Set(coded.map(({ quantizer }) => quantizer)).size).toBe(1);
  });
});
