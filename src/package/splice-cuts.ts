/** The splice points of a group as its segments follow them (spec packaging.md 3.8). */
import { rescaleTicks } from '../exact-time.ts';
import type { SpliceConditions } from '../plan/signal-plan.ts';
import { type SignalTimeline, signalRate } from '../signals/signal-timeline.ts';
import type { Instant } from './instant.ts';

/** What the cuts of an output ask of the splice points. */
export interface SpliceCuts {
  /** A splice point lies behind `after` and not behind `until`. */
  isPointIn(after: Instant, until: Instant): boolean;
  /** A boundary at `at` would make a segment that is too short, because a splice point is near. */
  isTooNear(at: Instant): boolean;
}

/** Outputs of different rates have their frames at slightly different times. */
const sameBoundaryTicks = signalRate / 5;

/** Makes it for all outputs of a group; null for groups that know of no splices. */
export function createSpliceCuts(
  conditions: SpliceConditions | undefined,
  signals: SignalTimeline,
): SpliceCuts | null {
  if (conditions === undefined) return null;
  const within = conditions.minSegmentSeconds * signalRate;
  // The first output to come to a boundary decides: points that are told later would part the others from it.
  const decisions: { readonly at: number; readonly isTooNear: boolean }[] = [];
  return {
    isPointIn: (after, until) => signals.hasPointIn(signalTicks(after), signalTicks(until)),
    isTooNear(instant) {
      if (within === 0) return false;
      const at = signalTicks(instant);
      const known = decisions.find((one) => Math.abs(one.at - at) < sameBoundaryTicks);
      if (known !== undefined) return known.isTooNear;
      const isTooNear = signals.isNearPoint(at, within);
      decisions.push({ at, isTooNear });
      return isTooNear;
    },
  };
}

/** Nearest tick of 90 kHz. */
export function signalTicks({ ticks, base }: Instant): number {
  return Number(rescaleTicks(ticks, base, { num: 1, den: signalRate }));
}
