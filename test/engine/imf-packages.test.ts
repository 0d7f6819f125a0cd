/** IMF compositions through real probe, plan and engine: which picture and which sample stands where (spec inputs.md 8). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeFramedSound,
  makePictures,
  makeSound,
  type ResourceRecipe,
  writeAssetMap,
  writePlaylist,
} from '../imf/make-package.ts';
import { numberedSample, range, sampleCycle } from './numbered-media.ts';
import { factsOf, inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const patient = { timeout: 120_000 };
const film = [24_000, 1001] as const;
const ntsc = [30_000, 1001] as const;
const samples = [48_000, 1] as const;

let workshop: Workshop;
let folder: string;
let other: string;

beforeAll(() => {
  workshop = openWorkshop();
  folder = workshop.inputPath('imp');
  other = workshop.inputPath('original version');
  makePictures(folder, 'one', { frames: 48, frameRate: film, clip: 1 });
  makePictures(folder, 'two', { frames: 30, frameRate: film, clip: 2 });
  makePictures(folder, 'ntsc', { frames: 31, frameRate: ntsc, clip: 3 });
  makePictures(folder, 'prores', { frames: 24, frameRate: film, clip: 4, video: { encoder: 'prores_ks' } });
  makeSound(folder, 'sound', 3);
  makeSound(folder, 'later', 3, 20_000);
  makeFramedSound(folder, 'stereo', 50);
  makePictures(other, 'elsewhere', { frames: 12, frameRate: film, clip: 5 });
  writeAssetMap(folder, ['one', 'two', 'ntsc', 'prores', 'sound', 'later', 'stereo']);
  writeAssetMap(other, ['elsewhere']);
}, 60_000);
afterAll(() => workshop?.close());

const picture = (file: string, intrinsic: number, changes: Partial<ResourceRecipe> = {}): ResourceRecipe => ({
  file,
  editRate: film,
  intrinsic,
  ...changes,
});
const sound = (file: string, changes: Partial<ResourceRecipe> = {}): ResourceRecipe => ({
  file,
  editRate: samples,
  intrinsic: 144_000,
  ...changes,
});
/** Samples of so many pictures of film: a whole number. */
const ofFilm = (frames: number): number => frames * 2002;

const playlist = (name: string, recipe: Omit<Parameters<typeof writePlaylist>[1], 'name'>): string =>
  `imp/${writePlaylist(folder, { name, ...recipe })}`;
const listed = (pictures: readonly { readonly clip: number; readonly number: number }[]): string[] =>
  pictures.map(({ clip, number }) => `${clip}:${number}`);
const of = (clip: number, from: number, to: number): string[] =>
  range(from, to).map((number) => `${clip}:${number}`);
/** Samples as a file holds them, from one on. */
const expected = (from: number, count: number): number[] => range(from, from + count - 1).map(numberedSample);

describe('a composition', patient, () => {
  test('plays the parts of its resources, repeats and segments, to the picture and the sample', async () => {
    const key = playlist('cut.xml', {
      editRate: film,
      segments: [
        {
          MainImageSequence: [
            picture('one', 48, { entry: 10, duration: 7 }),
            picture('two', 30, { entry: 28, duration: 2, repeat: 3 }),
          ],
          MainAudioSequence: [
            sound('sound', { entry: 1001, duration: 5005 }),
            sound('later', { entry: 17, duration: ofFilm(13) - 5005 }),
          ],
        },
        {
          MainImageSequence: [picture('one', 48, { entry: 3, duration: 5 })],
          MainAudioSequence: [sound('sound', { entry: 90_000, duration: ofFilm(5) })],
        },
      ],
    });
    const { media, plan } = await runSettings(workshop, oneOutput([inputOf(key)]));
    expect(listed(media.pictures)).toEqual([
      ...of(1, 10, 16),
      ...of(2, 28, 29),
      ...of(2, 28, 29),
      ...of(2, 28, 29),
      ...of(1, 3, 7),
    ]);
    expect([...media.samples]).toEqual([
      ...expected(1001, 5005),
      ...expected(20_017, ofFilm(13) - 5005),
      ...expected(90_000, ofFilm(5)),
    ]);
    expect(plan.inputs[0]?.video).toMatchObject({ frameCount: 18 });
  });

  test('is clipped by its own timecode, frames dropped or not', async () => {
    const key = playlist('timecode.xml', {
      editRate: ntsc,
      timecode: { start: '00:00:59:20', isDropFrame: true },
      segments: [
        {
          MainImageSequence: [{ file: 'ntsc', editRate: ntsc, intrinsic: 31 }],
          MainAudioSequence: [sound('sound', { duration: Math.round(31 * 1601.6) })],
        },
      ],
    });
    const clip = { startTimecode: '00:00:59;28', endTimecode: '00:01:00;05' };
    const { media } = await runSettings(
      workshop,
      oneOutput([inputOf(key, { timecodeSource: 'EMBEDDED', inputClippings: [clip] })]),
    );
    expect(listed(media.pictures)).toEqual(of(3, 8, 13));
    expect(media.samples[0]).toBe(numberedSample(Math.round(8 * 1601.6)));
    expect(media.samples).toHaveLength(Math.round(6 * 1601.6));
  });

  test('joins segments of 29.97 frames a second without losing a sample', async () => {
    // 7 frames are 11,211.2 samples: each border is rounded once.
    const part = (entry: number) => ({
      MainImageSequence: [{ file: 'ntsc', editRate: ntsc, intrinsic: 31, entry, duration: 7 }],
      MainAudioSequence: [sound('sound', { entry: Math.round(entry * 1601.6), duration: 11_211 })],
    });
    const key = playlist('ntsc.xml', { editRate: ntsc, segments: [part(0), part(7), part(14), part(21)] });
    const { media } = await runSettings(workshop, oneOutput([inputOf(key)]));
    expect(listed(media.pictures)).toEqual(of(3, 0, 27));
    expect(media.samples).toHaveLength(Math.round(28 * 1601.6));
    const borders = range(0, 3).map((index) => Math.round(index * 7 * 1601.6));
    expect(borders.map((at) => media.samples[at])).toEqual(
      range(0, 3).map((index) => numberedSample(Math.round(index * 7 * 1601.6))),
    );
  });

  test('of ProRes is read by asynchronous calls as by path, and joined to other inputs', async () => {
    const key = playlist('prores.xml', {
      editRate: film,
      segments: [
        {
          MainImageSequence: [picture('prores', 24, { entry: 2, duration: 20 })],
          MainAudioSequence: [sound('sound', { duration: ofFilm(20) })],
        },
      ],
    });
    const inputs = [inputOf(key), inputOf('imp/stereo.mxf'), inputOf(key)];
    const cut = (input: (typeof inputs)[number]) => ({
      ...input,
      inputClippings: [{ startTimecode: '00:00:00:05', endTimecode: '00:00:00:09' }],
    });
    const run = (byPath: boolean) => runSettings(workshop, oneOutput(inputs.map(cut)), { byPath });
    const [fromPath, fromObjects] = [await run(true), await run(false)];
    expect(listed(fromPath.media.pictures).slice(0, 5)).toEqual(of(4, 7, 11));
    expect(listed(fromPath.media.pictures).slice(-5)).toEqual(of(4, 7, 11));
    expect(fromObjects.media.pictures).toEqual(fromPath.media.pictures);
    expect(fromObjects.media.samples).toEqual(fromPath.media.samples);
    expect(fromPath.media.samples[0]).toBe(numberedSample(ofFilm(5)));
  });

  test('begins in the middle where a clip does, and reads little of what lies before', async () => {
    const parts = range(0, 5).map(() => picture('one', 48));
    const key = playlist('long.xml', {
      editRate: film,
      segments: [
        {
          MainImageSequence: parts,
          MainAudioSequence: range(0, 5).map(() => sound('sound', { duration: ofFilm(48) })),
        },
      ],
    });
    // Frame 250 is picture 10 of the sixth part.
    const inputClippings = [{ startTimecode: '00:00:10:10', endTimecode: '00:00:10:15' }];
    const { media, progress } = await runSettings(workshop, oneOutput([inputOf(key, { inputClippings })]));
    expect(listed(media.pictures)).toEqual(of(1, 10, 15));
    expect([...media.samples.subarray(0, 3)]).toEqual(expected(ofFilm(10), 3));
    expect(media.samples).toHaveLength(ofFilm(6));
    expect(progress.at(-1)?.framesDecoded ?? 0).toBeLessThan(30);
  });

  test('finds track files of another version in the packages that the job names', async () => {
    const key = playlist('version.xml', {
      editRate: film,
      segments: [
        {
          MainImageSequence: [
            picture('one', 48, { duration: 4 }),
            picture('elsewhere', 12, { entry: 3, duration: 6 }),
          ],
        },
      ],
    });
    const job = (supplementalImps: string[]) =>
      oneOutput([inputOf(key, { supplementalImps, audioSelectors: {} })], { hasAudio: false });
    for (const named of ['s3://inputs/original version/', 's3://inputs/original version/ASSETMAP.xml']) {
      const { media, plan } = await runSettings(workshop, job([named]));
      expect(listed(media.pictures)).toEqual([...of(1, 0, 3), ...of(5, 3, 8)]);
      expect(plan.inputs[0]?.supplements).toEqual([named]);
    }
    await expect(runSettings(workshop, job([]))).rejects.toMatchObject({
      record: {
        code: 1010,
        message: expect.stringContaining('supplementalImps'),
        location: `s3://inputs/${key}`,
      },
    });
  });

  test('tells what it is: tracks in the order of the playlist, exact lengths, timecode, colour', async () => {
    makePictures(folder, 'hdr', {
      frames: 6,
      frameRate: [25, 1],
      video: { encoder: 'jpeg2000', color: { primaries: 9, transfer: 16, matrix: 9 } },
    });
    writeAssetMap(folder, ['one', 'two', 'ntsc', 'prores', 'sound', 'later', 'stereo', 'hdr']);
    const key = playlist('facts.xml', {
      editRate: [25, 1],
      timecode: { start: '10:00:00:00', isDropFrame: false },
      segments: [
        {
          MarkerSequence: [],
          MainImageSequence: [{ file: 'hdr', editRate: [25, 1], intrinsic: 6 }],
          'MainAudioSequence#1': [sound('sound', { duration: 11_520 })],
          'MainAudioSequence#2': [{ file: 'stereo', editRate: [25, 1], intrinsic: 50, duration: 6 }],
          SubtitlesSequence: [],
        },
      ],
    });
    const [facts] = await factsOf(workshop, oneOutput([inputOf(key)]));
    expect(facts).toMatchObject({
      container: 'imf',
      durationUs: 240_000,
      startTimecode: '10:00:00:00',
      videoTracks: [
        {
          streamIndex: 1,
          codec: 'jpeg2000',
          widthPx: 160,
          heightPx: 96,
          frameRate: { num: 25, den: 1 },
          frameCount: 6,
          colorPrimaries: 'bt2020',
          colorTransfer: 'smpte2084',
        },
      ],
      audioTracks: [
        { streamIndex: 2, channels: 1, sampleRateHz: 48_000, durationTicks: 11_520, bitDepth: 24 },
        { streamIndex: 3, channels: 2, durationTicks: 11_520 },
      ],
      dataTracks: [{ codec: 'MarkerSequence' }, { codec: 'SubtitlesSequence' }],
    });
    expect(facts?.sizeBytes).toBeGreaterThan(100_000);
  });

  test('gives the second sound track to a selector that asks for it, cut within its frames', async () => {
    const key = playlist('stereo.xml', {
      editRate: [25, 1],
      segments: [
        {
          MainImageSequence: [{ file: 'hdr', editRate: [25, 1], intrinsic: 6 }],
          'MainAudioSequence#1': [sound('later', { duration: 11_520 })],
          'MainAudioSequence#2': [
            sound('stereo', { editRate: samples, intrinsic: 96_000, entry: 5, duration: 11_520 }),
          ],
        },
      ],
    });
    const audioSelectors = { 'Audio Selector 1': { tracks: [2] } };
    const { media } = await runSettings(workshop, oneOutput([inputOf(key, { audioSelectors })]));
    expect([...media.samples]).toEqual(expected(5, 11_520));
    expect(sampleCycle).toBeGreaterThan(11_525);
  });
});
