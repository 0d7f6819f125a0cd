/** Where sound ends: behind the encoder's delay, and behind inputs that have none. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { makeNumberedClip, sampleNumber } from './numbered-media.ts';
import { audioRendition, audioSource, encoderPlan, fileGroup, fileOutput, jobPlan } from './plans.ts';
import { readSound } from './read-sound.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';
import { writeWave } from './write-wave.ts';

let workshop: Workshop;

beforeAll(() => {
  workshop = openWorkshop();
  // Whole frames of both codecs: no room for what the encoder still holds is left in the last one.
  writeWave(workshop.inputPath('whole.wav'), [(time) => 0.2 * Math.sin(2 * Math.PI * 997 * time)], 1.536);
  makeNumberedClip(workshop.inputPath('a25.mov'), { clip: 1, frames: 50, frameRate: [25, 1] });
  const mute = { clip: 2, frames: 75, frameRate: [25, 1], audio: null } as const;
  makeNumberedClip(workshop.inputPath('mute.mov'), mute);
  // Its pictures are not counted before it is read.
  makeNumberedClip(workshop.inputPath('mute.ts'), { ...mute, muxer: 'mpegts' });
});
afterAll(() => workshop?.close());

test.each([
  { codec: 'AC3', encoder: 'ac3', sampleFormat: 'fltp', frames: 49, frameSamples: 1536, delay: 256 },
  { codec: 'EAC3', encoder: 'eac3', sampleFormat: 'fltp', frames: 49, frameSamples: 1536, delay: 256 },
  { codec: 'MP2', encoder: 'mp2', sampleFormat: 's16', frames: 65, frameSamples: 1152, delay: 481 },
] as const)('the last samples of $codec come out of its encoder', async (form) => {
  const { codec, encoder, sampleFormat, frames, frameSamples, delay } = form;
  const key = `whole.${encoder}`;
  const rendition = audioRendition('sound-1', {
    sampleFormat,
    channelLayout: 'mono',
    encoder: encoderPlan({
      codec,
      encoder,
      options: {},
      bitrateBps: 96_000,
      gopSizeFrames: null,
      maxBFrames: null,
    }),
    language: null,
  });
  const output = fileOutput(key, { container: 'RAW', muxer: encoder, audioRenditionIds: ['sound-1'] });
  await workshop.run(
    jobPlan({
      key: 'whole.wav',
      demuxer: 'wav',
      video: null,
      audio: [audioSource([0])],
      audioRenditions: [rendition],
      groups: [fileGroup([output])],
    }),
  );
  const [samples = new Float64Array()] = readSound(workshop.outputPath(key)).channels;
  expect(samples.length).toBe(frames * frameSamples);
  const end = delay + 73_728;
  expect(Math.max(...samples.slice(end - 96, end).map(Math.abs))).toBeGreaterThan(0.1);
});

/** The job's sound alone. */
function withoutPictures(settings: JobSettings): JobSettings {
  return {
    ...settings,
    outputGroups: (settings.outputGroups ?? []).map((group) => ({
      ...group,
      outputs: (group.outputs ?? []).map(({ videoDescription: _none, ...output }) => output),
    })),
  };
}

test('an input without sound is silence in a job of sound alone, as long as it lasts', async () => {
  const mute = inputOf('mute.mov', { audioSelectors: {} });
  const inputs = [inputOf('a25.mov'), mute, inputOf('a25.mov'), mute];
  const { media } = await runSettings(workshop, withoutPictures(oneOutput(inputs)));
  expect(media.samples.length).toBe(10 * 48_000);
  expect(media.samples.slice(2 * 48_000, 5 * 48_000).every((sample) => sample === 0)).toBe(true);
  expect(sampleNumber(media.samples[6 * 48_000] ?? 0)).toBe(48_000);
  expect(media.samples.slice(7 * 48_000).every((sample) => sample === 0)).toBe(true);
});

test('so is a clip of one that goes on to its end', async () => {
  const audioSelectors = {};
  const clips = [
    { startTimecode: '00:00:00:00', endTimecode: '00:00:00:24' },
    { startTimecode: '00:00:01:12' },
  ];
  const mute = inputOf('mute.ts', { audioSelectors, inputClippings: clips });
  const inputs = [inputOf('a25.mov'), mute, inputOf('a25.mov')];
  const { media } = await runSettings(workshop, withoutPictures(oneOutput(inputs)));
  // Two seconds, one with the frame that ends it, what is left from 1.48 s on, two seconds.
  expect(media.samples.length).toBe((2 + 1 + (3 - 1.48) + 2) * 48_000);
});
