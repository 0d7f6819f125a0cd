/** Input clips, counted in frames and samples (spec timecode-and-clipping.md 4, 9). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputClipping } from '../../src/contract/types.generated.ts';
import { makeNumberedClip, numbersOf, range, sampleNumber } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  makeNumberedClip(workshop.inputPath('25.mov'), {
    frames: 250,
    frameRate: [25, 1],
    video: { gopFrames: 48 },
  });
  makeNumberedClip(workshop.inputPath('hour.mov'), {
    frames: 1100,
    frameRate: [25, 1],
    timecode: '01:00:00:00',
    video: { gopFrames: 250 },
  });
  makeNumberedClip(workshop.inputPath('24.mov'), { frames: 240, frameRate: [24, 1] });
  makeNumberedClip(workshop.inputPath('drop.mov'), {
    frames: 1900,
    frameRate: [30000, 1001],
    timecode: '01:00:00;00',
    video: { gopFrames: 120 },
  });
  makeNumberedClip(workshop.inputPath('60.mov'), { frames: 200, frameRate: [60000, 1001] });
});
afterAll(() => workshop.close());

const clip = (start?: string, end?: string): InputClipping => ({
  ...(start === undefined ? {} : { startTimecode: start }),
  ...(end === undefined ? {} : { endTimecode: end }),
});

/** Where the first sample of the output lies in the source, modulo the cycle. */
const firstSample = (samples: Int16Array): number => sampleNumber(samples[0] ?? 0);

describe('worked examples', () => {
  it.each([
    [1, '25.mov', 'ZEROBASED', [clip('00:00:02:00', '00:00:05:00')], [[50, 125]]],
    [2, '25.mov', 'ZEROBASED', [clip('00:00:08:00')], [[200, 249]]],
    [3, '25.mov', 'ZEROBASED', [clip(undefined, '00:00:01:24')], [[0, 49]]],
    [4, 'hour.mov', 'EMBEDDED', [clip('01:00:30:00', '01:00:40:24')], [[750, 1024]]],
    [6, 'hour.mov', 'ZEROBASED', [clip('00:00:30:00', '00:00:40:24')], [[750, 1024]]],
    [9, '25.mov', 'ZEROBASED', [clip('00:00:09:00', '00:00:20:00')], [[225, 249]]],
    [11, 'drop.mov', 'EMBEDDED', [clip('01:00:10;00', '01:01:00;02')], [[300, 1800]]],
    [12, 'drop.mov', 'ZEROBASED', [clip('00:00:59;28', '00:01:00;03')], [[1798, 1801]]],
    [13, 'drop.mov', 'ZEROBASED', [clip('00:00:59:28', '00:01:00:03')], [[1798, 1803]]],
    [15, '60.mov', 'ZEROBASED', [clip('00:00:01:30', '00:00:01:59')], [[90, 119]]],
    [
      16,
      '24.mov',
      'ZEROBASED',
      [clip('00:00:01:00', '00:00:01:23'), clip('00:00:04:00', '00:00:04:23')],
      [
        [24, 47],
        [96, 119],
      ],
    ],
  ] as const)('number %i: %s', async (_number, key, timecodeSource, inputClippings, kept) => {
    const settings = oneOutput([inputOf(key, { timecodeSource, inputClippings })]);
    const { media, groups } = await runSettings(workshop, settings);
    const expected = kept.flatMap(([from, to]) => range(from, to));
    expect(numbersOf(media)).toEqual(expected);
    expect(groups[0]?.outputs[0]?.video?.frames).toBe(expected.length);
    const [num, den] = {
      '25.mov': [25, 1],
      'hour.mov': [25, 1],
      '24.mov': [24, 1],
      'drop.mov': [30000, 1001],
      '60.mov': [60000, 1001],
    }[key] as [number, number];
    expect(media.samples.length).toBe(Math.round((expected.length * den * 48_000) / num));
    const source = Math.round(((kept[0]?.[0] ?? 0) * den * 48_000) / num) % 60_000;
    expect(Math.abs(firstSample(media.samples) - source)).toBeLessThanOrEqual(1);
  });

  it('number 8: one frame', async () => {
    const input = inputOf('25.mov', {
      timecodeSource: 'SPECIFIEDSTART',
      timecodeStart: '10:00:00:00',
      inputClippings: [clip('10:00:01:00', '10:00:01:00')],
    });
    const { media } = await runSettings(workshop, oneOutput([input]));
    expect(numbersOf(media)).toEqual([25]);
    expect(media.samples.length).toBe(1920);
  });
});

it('the sound of each clip begins with its picture', async () => {
  const inputClippings = [clip('00:00:02:00', '00:00:02:24'), clip('00:00:06:10', '00:00:07:09')];
  const { media } = await runSettings(workshop, oneOutput([inputOf('25.mov', { inputClippings })]));
  const at = (seconds: number) => sampleNumber(media.samples[Math.round(seconds * 48_000)] ?? 0);
  expect(Math.abs(at(0) - ((2 * 48_000) % 60_000))).toBeLessThanOrEqual(1);
  expect(Math.abs(at(1) - ((6.4 * 48_000) % 60_000))).toBeLessThanOrEqual(1);
  expect(Math.abs(at(1.5) - ((6.9 * 48_000) % 60_000))).toBeLessThanOrEqual(1);
});

it('a clip is the same when the input is read in ranges, and reads little', async () => {
  const inputClippings = [clip('00:00:36:00', '00:00:37:24')];
  const { media, progress } = await runSettings(
    workshop,
    oneOutput([inputOf('hour.mov', { inputClippings })]),
    { byPath: false },
  );
  expect(numbersOf(media)).toEqual(range(900, 949));
  expect(progress.at(-1)?.bytesRead).toBeGreaterThan(0);
});

it('an output of another rate keeps first and last picture of the clip', async () => {
  const inputClippings = [clip('00:00:02:00', '00:00:03:24')];
  const codec = { framerateControl: 'SPECIFIED', framerateNumerator: 50, framerateDenominator: 1 };
  const { media } = await runSettings(
    workshop,
    oneOutput([inputOf('25.mov', { inputClippings })], { codec }),
  );
  expect(numbersOf(media)).toEqual(range(50, 99).flatMap((number) => [number, number]));
});
