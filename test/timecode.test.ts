/** Timecode arithmetic against the table of the specification, and by its laws (spec timecode-and-clipping.md 1, 2). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rational } from '../src/exact-time.ts';
import { formatTimecode, frameNumberOf, framesPerDay, parseTimecode } from '../src/timecode.ts';

const r2997 = rational(30000, 1001);
const r5994 = rational(60000, 1001);
const rates = [
  rational(24000, 1001),
  rational(24),
  rational(25),
  r2997,
  rational(30),
  rational(50),
  r5994,
  rational(60),
];

const numberOf = (text: string, rate: typeof r2997): number | null => {
  const timecode = parseTimecode(text);
  return timecode === null ? Number.NaN : frameNumberOf(timecode, rate, timecode.isDropFrame);
};

describe('frame numbers', () => {
  test.each([
    ['01:00:00;00', r2997, 107892],
    ['01:00:00:00', r2997, 108000],
    ['00:10:00;00', r2997, 17982],
    ['00:01:00;02', r2997, 1800],
    ['00:00:59;29', r2997, 1799],
    ['01:00:00;00', r5994, 215784],
    ['00:00:01:00', rational(24000, 1001), 24],
  ] as const)('%s is frame %#', (text, rate, number) => {
    expect(numberOf(text, rate)).toBe(number);
    expect(formatTimecode(number, rate, text.includes(';'))).toBe(text);
  });

  test.each(['00:01:00;00', '00:01:00;01', '00:09:00;01'])(
    '%s does not exist in 29.97 drop-frame',
    (text) => {
      expect(numberOf(text, r2997)).toBeNull();
    },
  );

  test.each(['00:01:00;00', '00:01:00;03'])('%s does not exist in 59.94 drop-frame', (text) => {
    expect(numberOf(text, r5994)).toBeNull();
  });

  test('numbers skipped in other minutes exist in every tenth', () => {
    expect([numberOf('00:10:00;00', r2997), numberOf('00:20:00;01', r2997)]).toEqual([17982, 35965]);
  });

  test('frames beyond the rate do not exist', () => {
    expect([numberOf('00:00:00:25', rational(25)), numberOf('00:00:00:24', rational(25))]).toEqual([
      null,
      24,
    ]);
  });

  test('a semicolon at a rate without drop-frame counts plainly', () => {
    expect(numberOf('00:01:00;00', rational(25))).toBe(1500);
  });
});

describe('laws', () => {
  const anyFrame = fc.record({
    rate: fc.constantFrom(...rates),
    isDropFrame: fc.boolean(),
    number: fc.integer({ min: 0, max: 24 * 3600 * 60 }),
  });

  test('a frame number survives being written and read', () => {
    fc.assert(
      fc.property(anyFrame, ({ rate, isDropFrame, number }) => {
        const inDay = number % framesPerDay(rate, isDropFrame);
        const written = parseTimecode(formatTimecode(inDay, rate, isDropFrame));
        expect(written).not.toBeNull();
        if (written !== null) expect(frameNumberOf(written, rate, isDropFrame)).toBe(inDay);
      }),
      { numRuns: 2000 },
    );
  });

  test('timecodes rise with their frames and go round at midnight', () => {
    fc.assert(
      fc.property(anyFrame, ({ rate, isDropFrame, number }) => {
        const day = framesPerDay(rate, isDropFrame);
        const [here, next] = [number % day, (number + 1) % day].map((n) =>
          formatTimecode(n, rate, isDropFrame),
        );
        if ((number + 1) % day === 0) expect(next).toMatch(/^00:00:00[:;]00$/);
        else expect((here ?? '') < (next ?? '')).toBe(true);
        expect(formatTimecode(number - day, rate, isDropFrame)).toBe(
          formatTimecode(number, rate, isDropFrame),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('drop-frame timecode stays within four frames of the clock, all day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_589_407 }), (number) => {
        const [hh = 0, mm = 0, ss = 0, ff = 0] = formatTimecode(number, r2997, true)
          .split(/[:;]/)
          .map(Number);
        const shown = hh * 3600 + mm * 60 + ss + (ff * 1001) / 30000;
        expect(Math.abs(shown - (number * 1001) / 30000)).toBeLessThan(0.15);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['01:02:03:04', null],
  ['01:02:03:04@29.97', r2997],
  ['01:02:03:04@30000:1001', r2997],
  ['01:02:03:04@23.976', rational(24000, 1001)],
  ['01:02:03:04@25', rational(25)],
] as const)('%s names its rate', (text, rate) => {
  expect(parseTimecode(text)).toMatchObject({ hours: 1, minutes: 2, seconds: 3, frames: 4, rate });
});

test.each(['', '1:2:3:4', '01:02:03.04', '01:02:03:04@'])('"%s" is no timecode', (text) => {
  expect(parseTimecode(text)).toBeNull();
});
