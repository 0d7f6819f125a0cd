/** Frame rates: which standard rate is meant, and whether frames really come at one rate. */
import { type Rational, rational, rationalToNumber } from '../../exact-time.ts';

/** A run of frames with equal duration. */
export interface DurationRun {
  readonly count: number;
  readonly ticks: number;
}

const nominalRates = [1, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 144, 240] as const;
/** Rates that also exist 0.1 % slower. */
const slowedRates = [12, 15, 24, 30, 48, 60, 90, 120, 240] as const;
const standardRates: readonly Rational[] = [
  ...nominalRates.map((rate) => rational(rate)),
  ...slowedRates.map((rate) => rational(rate * 1000, 1001)),
];

/** A fifth of the 0.1 % between a rate and its slowed twin: 23.98 means 24000/1001, 30 never means 29.97. */
const snapTolerance = 0.0002;

/** Snaps a rate to the standard rate it means (23.98 → 24000/1001, spec inputs.md 21); other rates stay. */
export function snapFrameRate(rate: Rational): Rational {
  const value = rationalToNumber(rate);
  const nearest = standardRates.find((standard) => Math.abs(rationalToNumber(standard) / value - 1) < snapTolerance);
  return nearest ?? rational(rate.num, rate.den);
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
  const frames = runs.reduce((sum, run) => sum + run.count, 0);
  if (frames < 4 || timescale <= 0) return false;
  const usual = usualDuration(runs);
  // Rounding moves each border by up to half a tick; a tenth of a millisecond covers clocks read twice.
  const tolerance = Math.max(1.01, timescale / 10_000);
  const stray = runs.filter((run) => Math.abs(run.ticks - usual) > tolerance);
  return stray.reduce((sum, run) => sum + run.count, 0) > frames * strayShare;
}

function withoutLastFrame(durations: readonly DurationRun[]): DurationRun[] {
  const last = durations.at(-1);
  if (last === undefined) return [];
  return [...durations.slice(0, -1), { ...last, count: last.count - 1 }].filter((run) => run.count > 0);
}

/** The median duration, with the mean of the durations next to it: 33, 33, 34 ms mean 33.3. */
function usualDuration(runs: readonly DurationRun[]): number {
  const sorted = [...runs].sort((a, b) => a.ticks - b.ticks);
  const half = sorted.reduce((sum, run) => sum + run.count, 0) / 2;
  let seen = 0;
  const median = sorted.find((run) => (seen += run.count) >= half)?.ticks ?? 0;
  const near = sorted.filter((run) => Math.abs(run.ticks - median) <= 1);
  const count = near.reduce((sum, run) => sum + run.count, 0);
  return near.reduce((sum, run) => sum + run.count * run.ticks, 0) / count;
}
