/**
 * Points on the output timeline with their own time base: video counts frames, audio counts samples, and both are
 * compared exactly (design D11). Playlists and measurements use whole microseconds.
 */
import { type Rational, rescaleTicks } from '../exact-time.ts';

/** `ticks` × `base` seconds after output time 0. */
export interface Instant {
  readonly ticks: bigint;
  readonly base: Rational;
}

/** Negative, zero or positive as a is earlier than, at or later than b. */
export function compareInstants(a: Instant, b: Instant): number {
  const left = a.ticks * BigInt(a.base.num) * BigInt(b.base.den);
  const right = b.ticks * BigInt(b.base.num) * BigInt(a.base.den);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Nearest whole microsecond. */
export function toMicroseconds({ ticks, base }: Instant): number {
  return Number(rescaleTicks(ticks, base, { num: 1, den: 1_000_000 }));
}

/** How many whole `step` seconds lie at or before the instant; negative before 0. */
export function wholeSteps({ ticks, base }: Instant, step: Rational): bigint {
  const numerator = ticks * BigInt(base.num) * BigInt(step.den);
  const denominator = BigInt(base.den) * BigInt(step.num);
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}
