/** Frame rates: which standard rate is meant, and whether frames really come at one rate. */
import { equalRational, type Rational, rational, rationalToNumber } from '../../exact-time.ts';

/** A run of frames with equal duration. */
export interface DurationRun {
  readonly count: number;
  readonly ticks: number;
}

const nominalRates = [
  1, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 144, 240,
] as const;
/** Rates that also exist 0.1 % slower. */
const slowedRates = [12, 15, 24, 30, 48, 60, 90, 120, 240] as const;
const standardRates: readonly Rational[] = [
  ...nominalRates.map((rate) => rational(rate)),
  ...slowedRates.map((rate) => rational(rate * 1000, 1001)),
];

/** A fifth of the 0.1 % between a rate and its slowed twin: 23.98 means 24000/1001, 30 never means 29.97. */
const snapTolerance = 0.0002;

/**
 * Snaps a rate to the standard rate it means (23.98 → 24000/1001, spec inputs.md 21); other rates stay.
 * `tolerance` is relative: more than the default for rates measured over a short time with a coarse clock.
 */
export function snapFrameRate(rate: Rational, tolerance = snapTolerance): Rational {
  const value = rationalToNumber(rate);
  const distance = (standard: Rational) => Math.abs(rationalToNumber(standard) / value - 1);
  const nearest = standardRates.reduce((best, standard) =>
    distance(standard) < distance(best) ? standard : best,
  );
  return distance(nearest) < Math.max(tolerance, snapTolerance) ? nearest : rational(rate.num, rate.den);
}

/** True for a rate that is in common use, exactly. */
export function isStandardRate(rate: Rational): boolean {
  return standardRates.some((standard) => equalRational(standard, rate));
}

/** The average rate of a run of frames, and how far it may be off because instants are rounded to ticks. */
export function averageRate(
  durations: readonly DurationRun[],
  ticksPerSecond: Rational,
): { readonly rate: Rational; readonly tolerance: number } | null {
  const frames = countFrames(durations);
  const ticks = durations.reduce((sum, run) => sum + run.count * run.ticks, 0);
  if (frames < 1 || ticks <= 0) return null;
  // A run that misses a steady beat by one tick in all has that beat: the tick is rounding at one of its ends.
  const beat = medianDuration(durations);
  const total = Math.abs(frames * beat - ticks) <= 1 ? frames * beat : ticks;
  const num = frames * ticksPerSecond.num;
  const den = total * ticksPerSecond.den;
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den)) return null;
  return { rate: rational(num, den), tolerance: 1 / total };
}

/** Frame durations between sorted presentation times. */
export function durationsBetween(presentationTicks: readonly number[]): DurationRun[] {
  const runs: { count: number; ticks: number }[] = [];
  for (let index = 1; index < presentationTicks.length; index += 1) {
    const ticks = (presentationTicks[index] ?? 0) - (presentationTicks[index - 1] ?? 0);
    const last = runs.at(-1);
    if (last?.ticks === ticks) last.count += 1;
    else runs.push({ count: 1, ticks });
  }
  return runs;
}

/** Share of frames that may stray before a track counts as variable: a joint or a lost frame here and there. */
const strayShare = 0.02;

/**
 * True when frame durations vary by more than the rounding of the time base (spec inputs.md 20). The last frame
 * does not count: muxers write any duration there. `timescale` is ticks per second.
 */
export function isVariableRate(durations: readonly DurationRun[], timescale: number): boolean {
  const runs = withoutLastFrame(durations);
  const frames = countFrames(runs);
  if (frames < 4 || timescale <= 0) return false;
  const usual = usualDuration(runs);
  // Rounding moves each border by up to half a tick; 50 µs more cover a clock that is read a little late.
  const tolerance = Math.max(1.01, timescale / 20_000);
  const stray = runs.filter((run) => Math.abs(run.ticks - usual) > tolerance);
  return countFrames(stray) > frames * strayShare;
}

function withoutLastFrame(durations: readonly DurationRun[]): DurationRun[] {
  const last = durations.at(-1);
  if (last === undefined) return [];
  return [...durations.slice(0, -1), { ...last, count: last.count - 1 }].filter((run) => run.count > 0);
}

/** The mean of the durations next to the median: 33, 33, 34 ms mean 33.3. */
function usualDuration(runs: readonly DurationRun[]): number {
  const median = medianDuration(runs);
  const near = runs.filter((run) => Math.abs(run.ticks - median) <= 1);
  return near.reduce((sum, run) => sum + run.count * run.ticks, 0) / countFrames(near);
}

function medianDuration(runs: readonly DurationRun[]): number {
  const half = countFrames(runs) / 2;
  let seen = 0;
  let median = 0;
  for (const run of [...runs].sort((a, b) => a.ticks - b.ticks)) {
    median = run.ticks;
    seen += run.count;
    if (seen >= half) break;
  }
  return median;
}

function countFrames(runs: readonly DurationRun[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}
