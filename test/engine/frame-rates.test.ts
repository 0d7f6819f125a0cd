/** Frame rates that are converted: as many pictures, and as much sound, as the length of the source makes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNumberedClip, readNumberedMedia } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const at = (num: number) => ({
  framerateControl: 'SPECIFIED' as const,
  framerateNumerator: num,
  framerateDenominator: 1,
});

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1, frameRate: { num: 25, den: 1 } });
  makeNumberedClip(workshop.inputPath('film.mov'), { frames: 24, frameRate: [24, 1] });
  makeNumberedClip(workshop.inputPath('pal.mov'), { frames: 25, frameRate: [25, 1] });
  await workshop.makeClip('film.mp4', { durationSeconds: 1, frameRate: { num: 24, den: 1 } });
});
afterAll(() => workshop.close());

it('sound follows slow PAL: faster, and no longer than the pictures, in each of two inputs', async () => {
  const slow = { ...at(25), slowPal: 'ENABLED' };
  for (const count of [1, 2]) {
    const inputs = Array.from({ length: count }, () => inputOf('film.mp4'));
    const { media } = await runSettings(workshop, oneOutput(inputs, { codec: slow }));
    expect(media.pictures).toHaveLength(24 * count);
    // 0.96 s for each second of film, to a frame of sound.
    expect(Math.abs(media.samples.length - 46_080 * count)).toBeLessThan(1100);
  }
});

it.each([
  ['film first', ['film.mov', 'pal.mov', 'film.mov'], [24, 25, 24]],
  ['film behind', ['pal.mov', 'film.mov'], [25, 24]],
] as const)(
  'slow PAL plays film faster among joined inputs, and nothing else: %s',
  async (_name, keys, counts) => {
    const slow = { ...at(25), slowPal: 'ENABLED' };
    const job = oneOutput(
      keys.map((key) => inputOf(key)),
      { codec: slow },
    );
    const { media, findings } = await runSettings(workshop, job);
    const pictures = counts.reduce<number>((sum, count) => sum + count, 0);
    expect(media.pictures).toHaveLength(pictures);
    // Sound of the length of the pictures, to a frame of it.
    expect(Math.abs(media.samples.length - pictures * 1920)).toBeLessThan(1100);
    expect(findings.filter(({ pointer }) => pointer.endsWith('/slowPal'))).toMatchObject([
      { reason: 'no-effect', message: 'the input is not 23.976 or 24 frames a second' },
    ]);
    // Each input is shown from its first picture, at 1/25 s a picture.
    const starts = counts.map((_, index) =>
      counts.slice(0, index).reduce<number>((sum, count) => sum + count, 0),
    );
    expect(starts.map((start) => media.pictures[start]?.number)).toEqual(starts.map(() => 0));
  },
);

describe('MAINTAIN_FRAME_COUNT keeps every picture and adds none', () => {
  const clips = (ranges: readonly (readonly [string, string])[]) => ({
    ...inputOf('pal.mov'),
    inputClippings: ranges.map(([startTimecode, endTimecode]) => ({ startTimecode, endTimecode })),
  });
  it.each([
    ['one input twice, slower', 15, [inputOf('pal.mov'), inputOf('pal.mov')], 50],
    ['one input twice, faster', 50, [inputOf('pal.mov'), inputOf('pal.mov')], 50],
    ['inputs of two rates', 30, [inputOf('pal.mov'), inputOf('film.mov')], 49],
    [
      'clips',
      20,
      [
        clips([
          ['00:00:00:00', '00:00:00:05'],
          ['00:00:00:07', '00:00:00:11'],
          ['00:00:00:20', '00:00:00:22'],
        ]),
      ],
      14,
    ],
  ] as const)('%s', async (_name, rate, inputs, count) => {
    const codec = { ...at(rate), framerateConversionAlgorithm: 'MAINTAIN_FRAME_COUNT' };
    const { media } = await runSettings(workshop, oneOutput(inputs, { codec }));
    expect(media.pictures).toHaveLength(count);
  });
});

it.each([
  ['FRAMEFORMER', 50, 50],
  ['FRAMEFORMER', 30, 30],
  ['FRAMEFORMER', 24, 24],
  ['INTERPOLATE', 30, 30],
  ['DUPLICATE_DROP', 30, 30],
] as const)('%s makes a second of %i pictures', async (framerateConversionAlgorithm, rate, pictures) => {
  const h264Settings = {
    ...at(rate),
    rateControlMode: 'QVBR',
    maxBitrate: 8_000_000,
    qualityTuningLevel: 'SINGLE_PASS',
    framerateConversionAlgorithm,
  } as const;
  const video = { codecSettings: { codec: 'H_264', h264Settings } } as const;
  const { path, output } = await runVideoJob(workshop, { key: 'clip.mp4', video });
  expect(watchPictures(path).times).toHaveLength(pictures);
  expect(output.durationMs).toBe(1000);
});

describe('pictures between others are as many as repeated ones, whatever part of a picture the input ends with', () => {
  it.each([
    [2, [25, 1], [15, 1], {}],
    [12, [25, 1], [15, 1], {}],
    [25, [25, 1], [15, 1], {}],
    [29, [25, 1], [24, 1], {}],
    [13, [60, 1], [24_000, 1001], {}],
    [60, [50, 1], [24_000, 1001], {}],
    [100, [100, 1], [30, 1], {}],
    [100, [100, 1], [24, 1], {}],
    [72, [120, 1], [25, 1], {}],
    [110, [50, 1], [1, 1], {}],
    [28, [25, 1], [30_000, 1001], {}],
    [13, [25, 1], [30_000, 1001], { telecine: 'SOFT', interlaceMode: 'TOP_FIELD' }],
  ] as const)('%i frames at %j become pictures at %j %o', async (frames, from, to, parts) => {
    const key = `part-${frames}-${from[0]}.mov`;
    makeNumberedClip(workshop.inputPath(key), { frames, frameRate: from });
    const counts: number[] = [];
    for (const framerateConversionAlgorithm of ['DUPLICATE_DROP', 'INTERPOLATE', 'FRAMEFORMER']) {
      const codec = {
        framerateControl: 'SPECIFIED',
        framerateNumerator: to[0],
        framerateDenominator: to[1],
        framerateConversionAlgorithm,
        ...parts,
      };
      const { media } = await runSettings(workshop, oneOutput([inputOf(key)], { codec }));
      counts.push(media.pictures.length);
    }
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
    // Coded pictures of soft telecine come at the rate of film.
    const rate = 'telecine' in parts ? 24_000 / 1001 : to[0] / to[1];
    expect(counts[0]).toBe(Math.max(1, Math.floor((frames * from[1] * rate) / from[0] + 0.5)));
  });
});

describe('frame capture takes the frame at or after each instant, and none behind the beginning of the last', () => {
  /** floor((length less a frame) × rate) + 1 (spec naming.md 9). */
  const captures = (
    frames: number,
    fps: readonly [number, number],
    rate: readonly [number, number],
  ): number => Math.floor(((frames - 1) * fps[1] * rate[0]) / (fps[0] * rate[1])) + 1;

  it.each([
    [144, [24_000, 1001], [1, 2]],
    [144, [24_000, 1001], [1, 6]],
    [144, [24_000, 1001], [24_000, 1001]],
    [50, [25, 1], [1, 1]],
    [51, [25, 1], [1, 1]],
    [52, [25, 1], [7, 3]],
    [24, [25, 1], [50, 1]],
    [25, [25, 1], [1, 60]],
  ] as const)('%i frames at %j, captured at %j', async (frames, fps, rate) => {
    const key = `capture-${frames}-${fps[0]}.mov`;
    makeNumberedClip(workshop.inputPath(key), { frames, frameRate: fps });
    const job = await planVideoJob(workshop, {
      key,
      container: 'RAW',
      video: {
        codecSettings: {
          codec: 'FRAME_CAPTURE',
          frameCaptureSettings: { framerateNumerator: rate[0], framerateDenominator: rate[1], quality: 100 },
        },
      },
    });
    await workshop.run(job.plan);
    const taken = workshop.outputKeys().filter((name) => name.startsWith(`${job.name}.`));
    expect(taken).toHaveLength(captures(frames, fps, rate));
    const shown = taken.map((name) => readNumberedMedia(workshop.outputPath(name)).pictures[0]?.number);
    const asked = taken.map((_, k) => Math.ceil((k * rate[1] * fps[0]) / (rate[0] * fps[1]) - 1e-9) + 0);
    expect(shown).toEqual(asked);
  });
});
