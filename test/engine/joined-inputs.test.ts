/** Unlike inputs joined into one output, counted in frames and samples (spec inputs.md 9). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNumberedClip, numbersOf, type ReadMedia, range, sampleNumber } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  const make = (key: string, recipe: Parameters<typeof makeNumberedClip>[1]) =>
    makeNumberedClip(workshop.inputPath(key), recipe);
  make('a25.mov', { clip: 1, frames: 100, frameRate: [25, 1] });
  make('b25.mov', { clip: 2, frames: 75, frameRate: [25, 1] });
  make('film.mp4', {
    clip: 3,
    frames: 48,
    frameRate: [24000, 1001],
    muxer: 'mp4',
    video: { size: { widthPx: 320, heightPx: 240 } },
    audio: { encoder: 'aac', channels: 1, sampleRateHz: 44_100 },
  });
  make('old.ts', {
    clip: 4,
    frames: 60,
    frameRate: [30000, 1001],
    muxer: 'mpegts',
    video: { encoder: 'mpeg2video', options: {}, bitrateBps: 4_000_000 },
    audio: { encoder: 'mp2' },
  });
  make('fast.mkv', { clip: 5, frames: 120, frameRate: [60, 1], muxer: 'matroska', audio: null });
  make('short.mov', { clip: 6, frames: 50, frameRate: [25, 1], audio: { seconds: 0.5 } });
  make('long.mov', { clip: 7, frames: 50, frameRate: [25, 1], audio: { seconds: 3 } });
});
afterAll(() => workshop.close());

const at = (media: ReadMedia, seconds: number): number =>
  sampleNumber(media.samples[Math.round(seconds * 48_000)] ?? 0);
const clipsOf = (media: ReadMedia): string =>
  media.pictures
    .map(({ clip }) => clip)
    .join('')
    .replace(/(.)\1*/g, (run) => `${run[0]}×${run.length} `)
    .trim();

it('example 20: a whole input and a clip of another', async () => {
  const clipped = { inputClippings: [{ startTimecode: '00:00:01:00', endTimecode: '00:00:02:24' }] };
  const settings = oneOutput([inputOf('a25.mov'), inputOf('b25.mov', clipped)]);
  const { media, progress, groups } = await runSettings(workshop, settings);
  expect(numbersOf(media)).toEqual([...range(0, 99), ...range(25, 74)]);
  expect(clipsOf(media)).toBe('1×100 2×50');
  expect(media.samples.length).toBe(6 * 48_000);
  expect(Math.abs(at(media, 4) - 48_000)).toBeLessThanOrEqual(1);
  expect(progress.at(-1)).toMatchObject({ percent: 100 });
  expect(groups[0]?.outputs[0]?.durationMs).toBe(6000);
});

it('inputs of other size, rate, codec, container and channels become one recording', async () => {
  const inputs = [
    ...['a25.mov', 'film.mp4', 'old.ts'].map((key) => inputOf(key)),
    inputOf('fast.mkv', { audioSelectors: {} }),
  ];
  const { media } = await runSettings(workshop, oneOutput(inputs));
  // 4 s + 2.002 s + 2.002 s + 2 s at 25 per second: each begins at the nearest frame.
  expect(clipsOf(media)).toBe('1×100 3×50 4×50 5×50');
  expect(media.pictures.map(({ seconds }) => Math.round(seconds * 25))).toEqual(range(0, 249));
  expect(media.samples.length).toBe(Math.round((4 + 48 * (1001 / 24000) + 60 * (1001 / 30000) + 2) * 48_000));
  const film = media.pictures.filter(({ clip }) => clip === 3);
  for (const [index, { number }] of film.entries())
    expect(Math.abs(number - (index / 25) * 23.976)).toBeLessThan(1.1);
  // The last input has no sound.
  expect(media.samples.slice(8.1 * 48_000).every((sample) => sample === 0)).toBe(true);
});

it('many short clips at another rate do not drift from their sound', async () => {
  makeNumberedClip(workshop.inputPath('sixty.mov'), { frames: 200, frameRate: [60000, 1001] });
  const code = (frame: number): string =>
    `00:00:0${Math.floor(frame / 60)}:${String(frame % 60).padStart(2, '0')}`;
  // Seven frames are 2.92 of the output: each clip alone would get three.
  const inputClippings = range(0, 19).map((clip) => ({
    startTimecode: code(9 * clip),
    endTimecode: code(9 * clip + 6),
  }));
  const codec = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 };
  const { media } = await runSettings(
    workshop,
    oneOutput([inputOf('sixty.mov', { inputClippings })], { codec }),
  );
  const seconds = (20 * 7 * 1001) / 60000;
  expect(media.pictures).toHaveLength(Math.round(seconds * 25));
  expect(Math.abs(media.samples.length - seconds * 48_000)).toBeLessThanOrEqual(1);
  for (const { number, seconds: at } of media.pictures) {
    const clip = Math.floor(number / 9);
    const place = ((clip * 7 + (number - 9 * clip)) * 1001) / 60000;
    expect(Math.abs(place - at)).toBeLessThan(1 / 25);
  }
});

it('followSource chooses whose size and rate the output takes', async () => {
  const settings = oneOutput([inputOf('a25.mov'), inputOf('film.mp4')], { job: { followSource: 2 } });
  const { media, plan } = await runSettings(workshop, settings);
  expect(plan.videoRenditions[0]).toMatchObject({ widthPx: 320, heightPx: 240, inputIndex: 1 });
  expect(clipsOf(media)).toBe('1×96 3×48');
});

describe('sound and picture of one length', () => {
  it('sound that ends early is followed by silence, sound that is too long is cut', async () => {
    const keys = ['short.mov', 'long.mov', 'a25.mov'];
    const { media } = await runSettings(workshop, oneOutput(keys.map((key) => inputOf(key))));
    expect(clipsOf(media)).toBe('6×50 7×50 1×100');
    expect(media.samples.length).toBe(8 * 48_000);
    expect([at(media, 0.49), at(media, 0.51), at(media, 1.99)]).toEqual([
      Math.round(0.49 * 48_000),
      30_000,
      30_000,
    ]);
    expect(at(media, 2)).toBe(0);
    expect(at(media, 4)).toBe(0);
  });

  it('sound of the last input may outlast its picture, as that of a single input', async () => {
    const { media } = await runSettings(workshop, oneOutput([inputOf('a25.mov'), inputOf('long.mov')]));
    expect(clipsOf(media)).toBe('1×100 7×50');
    expect(media.samples.length).toBe(7 * 48_000);
  });

  it('a job of one input keeps sound that outlasts the picture, and fills sound that does not reach it', async () => {
    const long = await runSettings(workshop, oneOutput([inputOf('long.mov')]));
    expect(long.media.samples.length).toBe(3 * 48_000);
    const short = await runSettings(workshop, oneOutput([inputOf('short.mov')]));
    expect(short.media.samples.length).toBe(2 * 48_000);
  });
});

it('a selector that an input lacks is its default selector, or silence', async () => {
  const named = { audioSelectors: { Second: {} } } as const;
  const settings = oneOutput([inputOf('a25.mov'), inputOf('b25.mov', named)]);
  const { media } = await runSettings(workshop, settings);
  expect(at(media, 1)).toBe(48_000);
  expect(media.samples.slice(4 * 48_000 + 10).every((sample) => sample === 0)).toBe(true);
  const fallback = { audioSelectors: { Second: { defaultSelection: 'DEFAULT' } } } as const;
  const heard = await runSettings(workshop, oneOutput([inputOf('a25.mov'), inputOf('b25.mov', fallback)]));
  expect(at(heard.media, 5)).toBe(48_000);
});

it('settings of an input apply to that input', async () => {
  const settings = oneOutput(
    [
      inputOf('a25.mov'),
      inputOf('b25.mov', { position: { x: 0, y: 0, width: 64, height: 48 } }),
      inputOf('b25.mov', { crop: { x: 0, y: 0, width: 64, height: 96 } }),
    ],
    { hasAudio: false },
  );
  const { media, plan } = await runSettings(workshop, settings);
  expect(media.pictures).toHaveLength(250);
  const steps = plan.videoRenditions[0]?.otherInputs?.map(({ filters }) => filters.map(({ name }) => name));
  expect(steps?.[0]).toContain('pad');
  expect(plan.inputs[2]?.video?.sharedFilters.map(({ name }) => name)).toContain('crop');
  expect(clipsOf(media).startsWith('1×100')).toBe(true);
});
