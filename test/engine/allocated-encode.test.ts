/** Two passes of MPEG-2 as a job: the average, the buffer, and pictures of every kind, measured from what was written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  averageOf,
  type Bucket,
  type CodedPicture,
  readAccessUnits,
  runBucket,
} from '../../bench/coded-rate.ts';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import type { Mpeg2Settings, VideoDescription } from '../../src/contract/types.generated.ts';

const seconds = 8;
const framesPerSecond = 25;
const bitrate = 800_000;
const clips = [movingClips.cuts, movingClips.scroll];

let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(seconds, clips);
}, 60_000);
afterAll(() => bench.close());

interface Written {
  readonly pictures: readonly CodedPicture[];
  /** What the decoder has, by the plan. */
  readonly bucket: Bucket;
  /** `picture_coding_type` of each, in coding order: 1 I, 2 P, 3 B (H.262 table 6-12). */
  readonly kinds: readonly number[];
}

async function encode(
  clip: string,
  settings: Mpeg2Settings,
  video: Partial<VideoDescription> = {},
): Promise<Written> {
  const mpeg2Settings = { bitrate, qualityTuningLevel: 'MULTI_PASS', ...settings } as const;
  const plan = await bench.plan(`${clip}.mp4`, [
    {
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'MPEG2', mpeg2Settings }, ...video },
    },
  ]);
  const [rendition] = plan.videoRenditions;
  if (rendition === undefined) throw new TypeError('no video');
  const { passes, maxBitrateBps, bufferSizeBits, options } = rendition.encoder;
  expect(passes).toBe(2);
  const initialFill = Number(options['rc_init_occupancy']) / bufferSizeBits;
  const bucket = { rateBps: maxBitrateBps, sizeBits: bufferSizeBits, initialFill, isConstant: false };
  const [path = ''] = await bench.run(plan);
  const units = readAccessUnits(path);
  return {
    bucket,
    pictures: units.map((unit, place) => ({ bits: unit.length * 8, at: place / framesPerSecond })),
    kinds: units.map((unit) => {
      const at = Buffer.from(unit).indexOf(Buffer.from([0, 0, 1, 0]));
      return ((unit[at + 5] ?? 0) >> 3) & 7;
    }),
  };
}

const share = (pictures: readonly CodedPicture[]): number => averageOf(pictures, framesPerSecond) / bitrate;

describe('two passes of MPEG-2', { timeout: 120_000 }, () => {
  test.each(clips)('come to the average of $name, and nothing is late', async ({ name }) => {
    const { pictures, bucket } = await encode(name, {});
    expect(pictures).toHaveLength(seconds * framesPerSecond);
    expect(share(pictures)).toBeGreaterThan(0.97);
    expect(share(pictures)).toBeLessThan(1.03);
    expect(bucket).toMatchObject({ rateBps: 2 * bitrate, sizeBits: 475_136 });
    expect(runBucket(pictures, bucket, framesPerSecond).underflows).toBe(0);
  });

  test.each<[string, Mpeg2Settings & { readonly maxBitrate: number }]>([
    ['little above the average', { maxBitrate: 880_000, hrdBufferSize: 400_000 }],
    ['of a few pictures', { maxBitrate: 1_200_000, hrdBufferSize: 200_000 }],
    ['that is nearly empty at first', { maxBitrate: 1_200_000, hrdBufferInitialFillPercentage: 20 }],
  ])('keep a buffer %s', async (_name, settings) => {
    const { pictures, bucket } = await encode('cuts', settings);
    expect(bucket).toMatchObject({
      rateBps: settings.maxBitrate,
      ...(settings.hrdBufferSize === undefined ? {} : { sizeBits: settings.hrdBufferSize }),
      initialFill: expect.closeTo((settings.hrdBufferInitialFillPercentage ?? 90) / 100, 2),
    });
    expect(runBucket(pictures, bucket, framesPerSecond).underflows).toBe(0);
    expect(share(pictures)).toBeGreaterThan(0.95);
    expect(share(pictures)).toBeLessThan(1.03);
  });

  test.each<[string, Mpeg2Settings, readonly number[]]>([
    ['two between others', {}, [1, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3]],
    ['none', { numberBFramesBetweenReferenceFrames: 0 }, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    ['nothing but intra pictures', { gopSize: 1, numberBFramesBetweenReferenceFrames: 0 }, [1, 1, 1, 1]],
  ])('have as many B pictures as the job asks for: %s', async (_name, settings, kinds) => {
    const written = await encode('scroll', settings);
    expect(written.kinds.slice(0, kinds.length)).toEqual(kinds);
    expect(share(written.pictures)).toBeGreaterThan(0.95);
    expect(share(written.pictures)).toBeLessThan(1.03);
  });

  test('give B pictures less than those they are predicted from', async () => {
    const { pictures, kinds } = await encode('cuts', {});
    const mean = (kind: number): number => {
      const some = pictures.filter((_, place) => kinds[place] === kind).map(({ bits }) => bits);
      return some.reduce((sum, bits) => sum + bits, 0) / some.length;
    };
    expect(mean(3)).toBeLessThan(0.6 * mean(2));
    expect(mean(1)).toBeGreaterThan(1.5 * mean(2));
  });

  test.each<[string, Mpeg2Settings, (made: Written, plain: Written) => void]>([
    [
      'with as many B pictures as help',
      { dynamicSubGop: 'ADAPTIVE' },
      (made, plain) => expect(countOf(made, 3)).toBeLessThan(countOf(plain, 3)),
    ],
    [
      'with groups at scene changes',
      { sceneChangeDetect: 'ENABLED', minIInterval: 5 },
      (made, plain) => expect(countOf(made, 1)).toBeGreaterThan(countOf(plain, 1)),
    ],
    // What masks take from busy blocks goes to others.
    [
      'without masks',
      { adaptiveQuantization: 'OFF' },
      (made, plain) => expect(sizesOf(made)).not.toEqual(sizesOf(plain)),
    ],
    [
      'in fields',
      { interlaceMode: 'TOP_FIELD' },
      (made, plain) => {
        expect(made.pictures).toHaveLength(seconds * framesPerSecond);
        expect(sizesOf(made)).not.toEqual(sizesOf(plain));
      },
    ],
  ])('keep their average %s', async (_name, settings, look) => {
    const made = await encode('cuts', settings);
    expect(share(made.pictures)).toBeGreaterThan(0.96);
    expect(share(made.pictures)).toBeLessThan(1.04);
    look(made, await encode('cuts', {}));
  });
});

const countOf = ({ kinds }: Written, kind: number): number => kinds.filter((one) => one === kind).length;
const sizesOf = ({ pictures }: Written): number[] => pictures.map(({ bits }) => bits);
