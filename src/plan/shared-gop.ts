/**
 * One encode for groups whose segments differ in length (design D9): the key frames that one of them forces are there
 * for the others too. Cuts stay where they are, at the first key frame at or after each multiple of the length, so
 * more key frames move none; but they may not change the groups of pictures that a job asks for.
 */
import { commonDivisor, compareRational, equalRational, type Rational, rational } from '../exact-time.ts';
import type { Gop } from './gop.ts';

/**
 * Groups of pictures that serve both, at `frameRate`; null when the two need encodes of their own. Key frames are then
 * forced at the longest period that divides both, and that must be the pace of the groups of pictures: whole ones, or
 * less than a frame missing for each, as of groups of 60 frames where 29.97 frames a second are cut at whole seconds.
 */
export function sharedGop(a: Gop, b: Gop, frameRate: Rational): Gop | null {
  if (isSamePeriod(a.forcedKeyFrameSeconds, b.forcedKeyFrameSeconds))
    return { ...a, isExactLength: a.isExactLength || b.isExactLength };
  // Open groups are closed where a key frame is forced; a least distance holds for forced ones as well.
  if (a.isOpen || (a.minKeyInterval ?? 0) > 0) return null;
  const isExactLength = a.isExactLength || b.isExactLength;
  const period = commonPeriod([a, b].flatMap(({ forcedKeyFrameSeconds }) => forcedKeyFrameSeconds ?? []));
  if (period === null || !keepsPace(period, a.frames, frameRate, isExactLength)) return null;
  return { ...a, forcedKeyFrameSeconds: period, isExactLength };
}

/** Key frames at each `period` fall where a group of `frames` ends: early by less than a frame for each group in it. */
function keepsPace(period: Rational, frames: number, frameRate: Rational, isExact: boolean): boolean {
  const wanted = rational(period.num * frameRate.num, period.den * frameRate.den);
  const groups = Math.ceil(wanted.num / (wanted.den * frames));
  const ofGroup = rational(wanted.num, wanted.den * groups);
  return isExact
    ? equalRational(ofGroup, rational(frames))
    : compareRational(ofGroup, rational(frames - 1)) > 0;
}

function isSamePeriod(a: Rational | null, b: Rational | null): boolean {
  return a === null || b === null ? a === b : equalRational(a, b);
}

/** The longest period of which all are multiples; null of none. */
export function commonPeriod(periods: readonly Rational[]): Rational | null {
  const [first, ...others] = periods;
  if (first === undefined) return null;
  return others.reduce((common, next) => {
    const num = commonDivisor(BigInt(common.num) * BigInt(next.den), BigInt(next.num) * BigInt(common.den));
    return rational(Number(num), common.den * next.den);
  }, first);
}
