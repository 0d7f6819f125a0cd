/**
 * Timecode arithmetic (SMPTE ST 12-1; spec timecode-and-clipping.md 1, 2): texts, frame numbers, drop-frame counting.
 * The one module that knows how `HH:MM:SS:FF` counts; everything else passes frame numbers.
 */
import { equalRational, type Rational, rational, rationalToNumber } from './exact-time.ts';

/** A timecode as written; nothing says yet at which rate its frames count. */
export interface Timecode {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly frames: number;
  /** A semicolon stands before the frames. */
  readonly isDropFrame: boolean;
  /** Rate behind `@`, in which `frames` counts; null when none is written. */
  readonly rate: Rational | null;
}

/** How frames are numbered at a rate: whole numbers per second, and numbers skipped in most minutes. */
interface Counting {
  readonly perSecond: number;
  readonly skipped: number;
}

const timecodePattern = /^(\d\d):(\d\d):(\d\d)([:;])(\d\d)(?:@(\d+(?:\.\d+)?)(?::(\d+))?)?$/;

/** Numbers skipped at the start of minutes, by drop-frame rate (ST 12-1 5.2.2; spec 2). */
const dropFrameRates: readonly { readonly rate: Rational; readonly skipped: number }[] = [
  { rate: rational(30000, 1001), skipped: 2 },
  { rate: rational(60000, 1001), skipped: 4 },
];

/** Reads a timecode text; null when it is none, or names a rate that is none. */
export function parseTimecode(text: string): Timecode | null {
  const match = timecodePattern.exec(text);
  if (match === null) return null;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1, 4).map(Number);
  const rate = match[6] === undefined ? null : suffixRate(match[6], match[7]);
  if (match[6] !== undefined && rate === null) return null;
  return {
    hours,
    minutes,
    seconds,
    frames: Number(match[5]),
    isDropFrame: match[4] === ';',
    rate,
  };
}

/** True for the two rates at which drop-frame counting exists. */
export function hasDropFrame(rate: Rational): boolean {
  return dropFrameRates.some((each) => equalRational(each.rate, rate));
}

/**
 * The number of the frame with this timecode, from `00:00:00:00` at 0. Null when the code does not exist: frames
 * beyond the rate, or a number that drop-frame counting skips. `isDropFrame` without a drop-frame rate counts plainly.
 */
export function frameNumberOf(
  { hours, minutes, seconds, frames }: Timecode,
  rate: Rational,
  isDropFrame: boolean,
): number | null {
  const { perSecond, skipped } = countingOf(rate, isDropFrame);
  if (frames >= perSecond) return null;
  const minute = 60 * hours + minutes;
  if (frames < skipped && seconds === 0 && minute % 10 !== 0) return null;
  return (minute * 60 + seconds) * perSecond + frames - skipped * (minute - Math.floor(minute / 10));
}

/** The timecode of a frame number; numbers go round at 24 hours, negative ones count back from midnight. */
export function formatTimecode(frameNumber: number, rate: Rational, isDropFrame: boolean): string {
  const { perSecond, skipped } = countingOf(rate, isDropFrame);
  const day = framesPerDay(rate, isDropFrame);
  const number = ((frameNumber % day) + day) % day;
  const perMinute = 60 * perSecond - skipped;
  const perTenMinutes = 600 * perSecond - 9 * skipped;
  const inTen = number % perTenMinutes;
  // The first minute of ten skips nothing; each later one began with `skipped` numbers that nobody carries.
  const minutesSkipped = inTen < skipped ? 0 : Math.floor((inTen - skipped) / perMinute);
  const plain = number + skipped * (9 * Math.floor(number / perTenMinutes) + minutesSkipped);
  const parts = [
    Math.floor(plain / (3600 * perSecond)),
    Math.floor(plain / (60 * perSecond)) % 60,
    Math.floor(plain / perSecond) % 60,
    plain % perSecond,
  ].map((part) => `${part}`.padStart(2, '0'));
  return `${parts.slice(0, 3).join(':')}${skipped > 0 ? ';' : ':'}${parts[3]}`;
}

/** Frames between two midnights. */
export function framesPerDay(rate: Rational, isDropFrame: boolean): number {
  const { perSecond, skipped } = countingOf(rate, isDropFrame);
  return 144 * (600 * perSecond - 9 * skipped);
}

function countingOf(rate: Rational, isDropFrame: boolean): Counting {
  const perSecond = Math.max(1, Math.round(rationalToNumber(rate)));
  const drop = isDropFrame ? dropFrameRates.find((each) => equalRational(each.rate, rate)) : undefined;
  return { perSecond, skipped: drop?.skipped ?? 0 };
}

/** `29.97` means 30000/1001, `30000:1001` is exact; other decimals are taken to the thousandth. */
function suffixRate(number: string, denominator: string | undefined): Rational | null {
  if (denominator !== undefined) {
    const [num, den] = [Math.round(Number(number)), Number(denominator)];
    return num > 0 && den > 0 ? rational(num, den) : null;
  }
  const value = Number(number);
  if (value <= 0) return null;
  const slowed = rational(Math.round(value) * 1000, 1001);
  const isSlowed = !Number.isInteger(value) && Math.abs(rationalToNumber(slowed) - value) < 0.006;
  return isSlowed ? slowed : rational(Math.round(value * 1000), 1000);
}
