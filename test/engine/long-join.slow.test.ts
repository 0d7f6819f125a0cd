/** Five unlike inputs of two minutes each become one recording of ten, exact in frames, picture and sound together. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeNumberedClip, type NumberedRecipe } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const seconds = 120;
/** A beep of a tenth of a second begins with each ten seconds. */
const markSeconds = 10;
const outputRate = 25;

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

/** Silence but for the marks; loud enough for any codec. */
const markedSound =
  (rateHz: number) =>
  (n: number): number => {
    const within = n % (markSeconds * rateHz);
    if (within >= rateHz / 10) return 0;
    return Math.round(20_000 * Math.sin((2 * Math.PI * 1000 * within) / rateHz));
  };

const inputs: readonly (readonly [string, Omit<NumberedRecipe, 'frames' | 'clip'>])[] = [
  ['one.mov', { frameRate: [25, 1], audio: { sampleAt: markedSound(48_000) } }],
  [
    'two.mp4',
    {
      frameRate: [24000, 1001],
      muxer: 'mp4',
      video: { size: { widthPx: 96, heightPx: 64 }, gopFrames: 48 },
      audio: { encoder: 'aac', channels: 1, sampleRateHz: 44_100, sampleAt: markedSound(44_100) },
    },
  ],
  [
    'three.ts',
    {
      frameRate: [30000, 1001],
      muxer: 'mpegts',
      video: { encoder: 'mpeg2video', options: {}, bitrateBps: 1_000_000 },
      audio: { encoder: 'mp2', sampleAt: markedSound(48_000) },
    },
  ],
  [
    'four.mkv',
    {
      frameRate: [50, 1],
      muxer: 'matroska',
      audio: { encoder: 'libopus', sampleAt: markedSound(48_000) },
    },
  ],
  [
    'five.mp4',
    {
      frameRate: [60000, 1001],
      muxer: 'mp4',
      video: { encoder: 'mpeg4', options: {}, bitrateBps: 1_000_000 },
      audio: { encoder: 'aac', sampleAt: markedSound(48_000) },
    },
  ],
];

test('frame count exact, and no mark further from its picture than a frame', async () => {
  const lengths = inputs.map(([key, recipe], index) => {
    const [num, den] = recipe.frameRate;
    const frames = Math.floor((seconds * num) / den);
    makeNumberedClip(workshop.inputPath(key), {
      ...recipe,
      frames,
      clip: index + 1,
      video: { size: { widthPx: 64, heightPx: 48 }, gopFrames: 50, ...recipe.video },
    });
    return (frames * den) / num;
  });
  const settings = oneOutput(inputs.map(([key]) => inputOf(key)));
  const { media } = await runSettings(workshop, settings);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  expect(media.pictures).toHaveLength(Math.round(total * outputRate));
  expect(media.pictures.every(({ seconds: at }, index) => Math.abs(at - index / outputRate) < 1e-6)).toBe(
    true,
  );
  expect(Math.abs(media.samples.length - total * 48_000)).toBeLessThanOrEqual(1);

  const marks = beepsOf(media.samples);
  expect(marks).toHaveLength((inputs.length * seconds) / markSeconds);
  let worst = 0;
  for (const [index, mark] of marks.entries()) {
    const input = Math.floor((index * markSeconds) / seconds);
    const within = (index * markSeconds) % seconds;
    const [num, den] = inputs[input]?.[1].frameRate ?? [25, 1];
    // The picture that is shown when the source reaches the mark.
    const shown = media.pictures.find(
      ({ clip, number }) => clip === input + 1 && number >= Math.round((within * num) / den),
    );
    if (shown === undefined) throw new Error(`no picture for mark ${index}`);
    worst = Math.max(worst, Math.abs(mark / 48_000 - shown.seconds));
  }
  console.log(`worst distance of picture and sound: ${(worst * 1000).toFixed(1)} ms`);
  expect(worst).toBeLessThan(1 / outputRate);
});

/** First samples of all beeps. */
function beepsOf(samples: Int16Array): number[] {
  const found: number[] = [];
  let quietSince = -48_000;
  for (const [at, value] of samples.entries()) {
    if (Math.abs(value) < 2_000) continue;
    if (at - quietSince > 24_000) found.push(at);
    quietSince = at;
  }
  return found;
}
