/**
 * Clips at random: at every constant rate, in four containers, on each kind of input timeline, exact in frame and count
 * (spec timecode-and-clipping.md 2–4). The codes of frames are counted here one by one, as a clock would show them, and
 * share no arithmetic with the product.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Input } from '../../src/contract/types.generated.ts';
import { makeNumberedClip, numbersOf, range, sampleNumber } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const seconds = 24;
const sources = [
  { name: '23.976', rate: [24000, 1001], isDrop: false, muxer: 'mov' },
  { name: '24', rate: [24, 1], isDrop: false, muxer: 'mp4' },
  { name: '25', rate: [25, 1], isDrop: false, muxer: 'mpegts' },
  { name: '29.97 drop-frame', rate: [30000, 1001], isDrop: true, muxer: 'mov' },
  { name: '29.97 non-drop', rate: [30000, 1001], isDrop: false, muxer: 'matroska' },
  { name: '30', rate: [30, 1], isDrop: false, muxer: 'mp4' },
  { name: '50', rate: [50, 1], isDrop: false, muxer: 'mov' },
  { name: '59.94 drop-frame', rate: [60000, 1001], isDrop: true, muxer: 'mpegts' },
  { name: '60', rate: [60, 1], isDrop: false, muxer: 'matroska' },
] as const;

/** Clips per source: eight jobs of one clip, five of three. */
const plan = [1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3];

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

test.each(sources)('$name frames a second, in $muxer', async ({ name, rate, isDrop, muxer }) => {
  const [num, den] = rate;
  const frames = Math.floor((seconds * num) / den);
  const key = `${name.replace(/\W/g, '-')}.${muxer}`;
  // Codes that drop-frame leaves out lie inside the recording.
  const start = isDrop ? '01:00:50;10' : '01:00:50:10';
  const hasSound = muxer === 'mov' || muxer === 'matroska';
  makeNumberedClip(workshop.inputPath(key), {
    frames,
    frameRate: [num, den],
    muxer,
    ...(muxer === 'mov' ? { timecode: start } : {}),
    video: { size: { widthPx: 64, heightPx: 48 }, gopFrames: 37 },
    ...(hasSound ? {} : { audio: null }),
  });
  const random = seeded(frames);
  let clips = 0;
  for (const count of plan) {
    const timeline =
      muxer === 'mov' && random() < 0.5 ? 'EMBEDDED' : random() < 0.5 ? 'ZEROBASED' : 'SPECIFIEDSTART';
    const codes = codesFrom(
      timeline === 'ZEROBASED' ? (isDrop ? '00:00:00;00' : '00:00:00:00') : start,
      num / den,
      frames,
    );
    const chosen = chooseClips(random, frames, count);
    const input: Partial<Input> = {
      timecodeSource: timeline,
      ...(timeline === 'SPECIFIEDSTART' ? { timecodeStart: start } : {}),
      inputClippings: chosen.map(([first, last]) => ({
        startTimecode: codes[first] ?? '',
        endTimecode: codes[last] ?? '',
      })),
    };
    const { media, groups } = await runSettings(
      workshop,
      oneOutput([inputOf(key, input)], { hasAudio: hasSound }),
      {
        byPath: random() < 0.5,
      },
    );
    const expected = chosen.flatMap(([first, last]) => range(first, last));
    expect(numbersOf(media), `${timeline} ${JSON.stringify(input.inputClippings)}`).toEqual(expected);
    expect(groups[0]?.outputs[0]?.video?.frames).toBe(expected.length);
    if (hasSound) {
      expect(media.samples.length).toBe(Math.round((expected.length * den * 48_000) / num));
      const first = Math.round(((chosen[0]?.[0] ?? 0) * den * 48_000) / num) % 60_000;
      // Matroska counts milliseconds.
      const away = Math.abs(sampleNumber(media.samples[0] ?? 0) - first);
      expect(Math.min(away, 60_000 - away)).toBeLessThanOrEqual(muxer === 'matroska' ? 48 : 1);
    }
    clips += count;
  }
  expect(clips).toBe(23);
});

/** Separate stretches of the recording, in order, one to sixty frames long. */
function chooseClips(
  random: () => number,
  frames: number,
  count: number,
): readonly (readonly [number, number])[] {
  const share = Math.floor(frames / count);
  return Array.from({ length: count }, (_, index) => {
    const length = 1 + Math.floor(random() * 60);
    const first = index * share + Math.floor(random() * (share - length));
    return [first, first + length - 1] as const;
  });
}

/** The codes of `frames` frames from `start` on. */
function codesFrom(start: string, rate: number, frames: number): readonly string[] {
  const base = Math.round(rate);
  const isDrop = start.includes(';');
  const dropped = base / 15;
  let [hour = 0, minute = 0, second = 0, frame = 0] = start.split(/[:;]/).map(Number);
  return Array.from({ length: frames }, () => {
    const two = (value: number): string => String(value).padStart(2, '0');
    const code = `${two(hour)}:${two(minute)}:${two(second)}${isDrop ? ';' : ':'}${two(frame)}`;
    frame += 1;
    if (frame === base) [frame, second] = [0, second + 1];
    if (second === 60) [second, minute] = [0, minute + 1];
    if (minute === 60) [minute, hour] = [0, hour + 1];
    if (isDrop && frame === 0 && second === 0 && minute % 10 !== 0) frame = dropped;
    return code;
  });
}

/** The same numbers on every machine (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
