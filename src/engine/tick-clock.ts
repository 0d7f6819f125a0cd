/**
 * Output time of pictures: whole ticks of 1/frameRate from the origin (design D11). Container time bases only
 * round the true instant, so the nearest tick is it.
 */
import { type Rational, rescaleTicks } from '../exact-time.ts';

/** Gives each picture its tick; null when the picture has no place of its own and is dropped. */
export interface TickClock {
  tickOf(timestamp: bigint, timeBase: Rational): bigint | null;
  /** The tick after the last one given; 0 before the first. */
  readonly next: bigint;
}

/** A clock of a constant rate in frames per second. */
export function createTickClock(frameRate: Rational): TickClock {
  const tickBase: Rational = { num: frameRate.den, den: frameRate.num };
  let next = 0n;
  return {
    tickOf(timestamp, timeBase) {
      let tick = rescaleTicks(timestamp, timeBase, tickBase);
      if (tick < 0n) return null;
      // Rounded time bases let neighbours meet on one tick: the later one moves up by one. A picture that is
      // more than that behind repeats an instant that was already shown.
      if (tick === next - 1n) tick = next;
      if (tick < next) return null;
      next = tick + 1n;
      return tick;
    },
    get next() {
      return next;
    },
  };
}

/** Whether the picture at `tick` is the first one at or after the next multiple of `periodSeconds` (spec packaging.md 3.3). */
export function createKeyFrameSchedule(
  periodSeconds: Rational,
  frameRate: Rational,
): (tick: bigint) => boolean {
  // k periods begin at k × periodNumerator / periodDenominator ticks.
  const periodNumerator = BigInt(periodSeconds.num) * BigInt(frameRate.num);
  const periodDenominator = BigInt(periodSeconds.den) * BigInt(frameRate.den);
  let nextPeriod = 0n;
  return (tick) => {
    if (tick * periodDenominator < nextPeriod * periodNumerator) return false;
    nextPeriod = (tick * periodDenominator) / periodNumerator + 1n;
    return true;
  };
}
