/**
 * Exact time: rationals for rates and time bases, integers for instants (design D11).
 * No module hands floating-point seconds to another.
 */

/** An exact fraction; `den` is positive. Rates are frames per second, time bases seconds per tick. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Builds a rational in lowest terms. Throws RangeError when `den` is 0 or a part is not a safe integer. */
export function rational(num: number, den = 1): Rational {
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den) || den === 0) {
    throw new RangeError(`not a fraction: ${num}/${den}`);
  }
  const sign = den < 0 ? -1 : 1;
  const divisor = greatestCommonDivisor(Math.abs(num), Math.abs(den)) || 1;
  return { num: (sign * num) / divisor, den: (sign * den) / divisor };
}

/** Exact comparison: negative, zero or positive as a <, =, > b. */
export function compareRational(a: Rational, b: Rational): number {
  const left = BigInt(a.num) * BigInt(b.den);
  const right = BigInt(b.num) * BigInt(a.den);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** True when both fractions have the same value, whatever their terms. */
export function equalRational(a: Rational, b: Rational): boolean {
  return compareRational(a, b) === 0;
}

/** `num/den`, as MediaConvert prints frame rates in messages. */
export function formatRational(value: Rational): string {
  return `${value.num}/${value.den}`;
}

/** A rational as a double, for display and for library options only. */
export function rationalToNumber(value: Rational): number {
  return value.num / value.den;
}

/** Rescales a tick count from one time base to another, rounding half away from zero (ISO/IEC 14496-12 media time rules leave rounding open). */
export function rescaleTicks(ticks: bigint, from: Rational, to: Rational): bigint {
  const numerator = ticks * BigInt(from.num) * BigInt(to.den);
  const denominator = BigInt(from.den) * BigInt(to.num);
  const half = denominator / 2n;
  return numerator >= 0n ? (numerator + half) / denominator : -((-numerator + half) / denominator);
}

/** A length of time, exactly, however many rates it is the sum of: `num`/`den` seconds, never negative. */
export interface Span {
  readonly num: bigint;
  readonly den: bigint;
}

/** No time at all. */
export const noTime: Span = { num: 0n, den: 1n };

/** The time that `count` frames or samples take at `rate` a second. */
export function spanOf(count: bigint, rate: Rational): Span {
  return { num: count * BigInt(rate.den), den: BigInt(rate.num) };
}

/** One after the other. */
export function addSpans(a: Span, b: Span): Span {
  const num = a.num * b.den + b.num * a.den;
  const den = a.den * b.den;
  const divisor = commonDivisor(num, den);
  return { num: num / divisor, den: den / divisor };
}

/** The longer of two. */
export function longerSpan(a: Span, b: Span): Span {
  return a.num * b.den >= b.num * a.den ? a : b;
}

/** How long something lasts that plays faster by `speed`; undefined: as it is. */
export function spanAtSpeed(span: Span, speed: Rational | undefined): Span {
  if (speed === undefined) return span;
  return { num: span.num * BigInt(speed.den), den: span.den * BigInt(speed.num) };
}

/** Frames or samples of `rate` a second that the span lasts, to the nearest; halves count as whole. */
export function countIn(span: Span, rate: Rational): bigint {
  const numerator = 2n * span.num * BigInt(rate.num);
  const denominator = span.den * BigInt(rate.den);
  return (numerator + denominator) / (2n * denominator);
}

/** Greatest common divisor; of 0 and n it is n. */
export function commonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
