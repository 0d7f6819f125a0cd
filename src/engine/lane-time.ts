/**
 * Where an instant of the joined inputs lies on a lane. The two are the same unless the lane plays inputs faster than
 * they are (slow PAL), which it may do with some of them and not with others.
 */
import { addSpans, type Rational, type Span, spanAtSpeed } from '../exact-time.ts';

/** The time of one lane, clip behind clip. */
export interface LaneTime {
  /** A clip of an input begins, at an instant of the joined inputs. */
  enter(start: Span, inputIndex: number): void;
  /** Where an instant of this clip lies on the lane. */
  at(instant: Span): Span;
  /** How far into the clip an instant of the lane is; negative before its start. */
  elapsedAt(onLane: Span): Span;
}

/** What of a rendition says how fast its inputs play. */
interface Speeds {
  readonly inputIndex: number;
  readonly speed?: Rational;
  readonly otherInputs?: readonly { readonly inputIndex: number; readonly speed?: Rational }[];
}

/** Stands at the first instant of all. */
export function createLaneTime(rendition: Speeds): LaneTime {
  const others = rendition.otherInputs ?? [];
  let clipStart: Span = { num: 0n, den: 1n };
  let laneStart = clipStart;
  let { speed } = rendition;
  const at = (instant: Span): Span => addSpans(laneStart, spanAtSpeed(between(clipStart, instant), speed));
  return {
    enter(start, inputIndex) {
      laneStart = at(start);
      clipStart = start;
      const other = others.find((one) => one.inputIndex === inputIndex);
      speed = other === undefined ? rendition.speed : other.speed;
    },
    at,
    elapsedAt: (onLane) =>
      spanAtSpeed(between(laneStart, onLane), speed && { num: speed.den, den: speed.num }),
  };
}

function between(from: Span, to: Span): Span {
  return { num: to.num * from.den - from.num * to.den, den: to.den * from.den };
}
