/** What is wrong in the timing of a source and what becomes of it, counted in frames and samples. */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNumberedClip, type NumberedRecipe, numbersOf, range, sampleNumber } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

const make = (key: string, recipe: Partial<NumberedRecipe> = {}): string => {
  const file = workshop.inputPath(key);
  makeNumberedClip(file, { frames: 50, frameRate: [25, 1], ...recipe });
  return file;
};
const run = (key: string, input = {}, changes = {}) =>
  runSettings(workshop, oneOutput([inputOf(key, input)], changes));

describe('varying rates', () => {
  it('become the next constant rate, each picture at its place', async () => {
    // 40 pictures in 2.8 s: one every tenth, then one every twenty-fifth of a second; 14 a second become 15.
    const tickOf = (frame: number): number => (frame < 20 ? frame * 10 : 200 + (frame - 20) * 4);
    make('vfr.mp4', { frames: 40, muxer: 'mp4', audio: null, video: { tickOf, ticksPerFrame: 4 } });
    const { media, plan } = await run('vfr.mp4', { audioSelectors: {} }, { hasAudio: false });
    expect(plan.videoRenditions[0]?.frameRate).toEqual({ num: 15, den: 1 });
    for (const { number, seconds } of media.pictures) {
      const own = tickOf(number) / 100;
      expect(Math.abs(seconds - own)).toBeLessThanOrEqual(number < 20 ? 0.1 + 1 / 15 : 1 / 15);
    }
    expect(Math.abs(media.pictures.length - 15 * (tickOf(39) / 100 + 0.04))).toBeLessThanOrEqual(1.5);
  });
});

describe('gaps', () => {
  it('in the picture show the last one longer, and the sound goes on', async () => {
    const tickOf = (frame: number): number => (frame < 25 ? frame : frame + 25);
    make('gap.ts', { muxer: 'mpegts', video: { tickOf }, audio: { encoder: 'mp2', seconds: 3 } });
    const { media } = await run('gap.ts');
    expect(numbersOf(media)).toEqual([
      ...range(0, 24),
      ...Array.from({ length: 25 }, () => 24),
      ...range(25, 49),
    ]);
    expect(Math.abs(media.samples.length - 3 * 48_000)).toBeLessThan(1152);
  });
});

describe('clocks', () => {
  it('that wrap in the middle lose nothing', async () => {
    // 33 bits of 90 kHz are over after 95 443.7 s.
    make('wrap.ts', {
      muxer: 'mpegts',
      muxerOptions: { output_ts_offset: '95441.7' },
      audio: { encoder: 'mp2' },
    });
    const { media } = await run('wrap.ts');
    expect(numbersOf(media)).toEqual(range(0, 49));
    expect(media.pictures.at(-1)?.seconds).toBeCloseTo(49 / 25, 3);
    expect(Math.abs(media.samples.length - 2 * 48_000)).toBeLessThan(1152);
  });

  it('that start again in the middle lose nothing', async () => {
    const file = make('again.ts', { muxer: 'mpegts', audio: { encoder: 'mp2' } });
    appendFileSync(file, readFileSync(file));
    const { media } = await run('again.ts');
    expect(numbersOf(media).filter((number, at, all) => number !== all[at - 1])).toEqual([
      ...range(0, 49),
      ...range(0, 49),
    ]);
    expect(Math.abs(media.pictures.length - 100)).toBeLessThanOrEqual(2);
  });

  it.each([true, false])(
    'that start again do not lead a clip into the later recording (by path: %s)',
    async (byPath) => {
      const options = { frames: 250, muxer: 'mpegts', audio: null, video: { gopFrames: 25 } } as const;
      const file = make('first.ts', { ...options, clip: 1 });
      appendFileSync(file, readFileSync(make('second.ts', { ...options, clip: 2 })));
      for (const second of [1, 3, 6, 8]) {
        const code = (frame: string): string => `00:00:0${second}:${frame}`;
        const inputClippings = [{ startTimecode: code('05'), endTimecode: code('14') }];
        const settings = oneOutput([inputOf('first.ts', { audioSelectors: {}, inputClippings })], {
          hasAudio: false,
        });
        const { media } = await runSettings(workshop, settings, { byPath });
        expect(numbersOf(media)).toEqual(range(second * 25 + 5, second * 25 + 14));
        expect(media.pictures.every(({ clip }) => clip === 1)).toBe(true);
      }
    },
  );
});

describe('starts', () => {
  it('of sound that come later are filled with silence', async () => {
    make('late.mov', { audio: { startSeconds: 0.5, seconds: 1.5 } });
    const { media, warnings } = await run('late.mov');
    expect(media.samples.length).toBe(2 * 48_000);
    expect(media.samples.slice(0, 24_000).every((value) => value === 0)).toBe(true);
    expect(Math.abs(sampleNumber(media.samples[24_000] ?? 0))).toBeLessThanOrEqual(1);
    expect(warnings.get(240000)).toBe(1);
  });

  it('of pictures behind an empty edit cut the sound before them', async () => {
    make('edit.mp4', {
      muxer: 'mp4',
      video: { tickOf: (frame) => frame + 25 },
      audio: { encoder: 'aac', seconds: 3 },
    });
    const { media, warnings } = await run('edit.mp4');
    expect(numbersOf(media)).toEqual(range(0, 49));
    expect(Math.abs(media.samples.length - 2 * 48_000)).toBeLessThanOrEqual(1);
    expect(warnings.get(240001)).toBe(1);
  });

  it('below zero are starts like any other', async () => {
    make('negative.mkv', {
      muxer: 'matroska',
      muxerOptions: { avoid_negative_ts: 'disabled' },
      audio: { startSeconds: -0.4, seconds: 2.4 },
    });
    const { media } = await run('negative.mkv');
    expect(numbersOf(media)).toEqual(range(0, 49));
    // What lies before the first picture is cut.
    expect(Math.abs(media.samples.length - 2 * 48_000)).toBeLessThanOrEqual(48);
    expect(Math.abs(sampleNumber(media.samples[0] ?? 0) - 0.4 * 48_000)).toBeLessThanOrEqual(48);
  });
});

describe('program tables', () => {
  it.each([true, false])('that are not believed give the same pictures (by path: %s)', async (byPath) => {
    make('psi.ts', { muxer: 'mpegts', audio: { encoder: 'mp2' } });
    for (let time = 0; time < 3; time += 1) {
      const settings = oneOutput([inputOf('psi.ts', { psiControl: 'IGNORE_PSI' })]);
      const { media } = await runSettings(workshop, settings, { byPath });
      expect(numbersOf(media)).toEqual(range(0, 49));
    }
  });
});
