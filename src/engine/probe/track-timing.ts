/** The frame rate of a video track, and whether it is one (spec inputs.md 20, 21). */
import type { Stream } from 'node-av/lib';
import { type Rational, rational, rationalToNumber } from '../../exact-time.ts';
import type { ContainerFormat } from '../../plan/facts.ts';
import {
  averageRate,
  durationsBetween,
  isStandardRate,
  isVariableRate,
  snapFrameRate,
} from './frame-rate.ts';
import type { IsoTrack } from './iso-tracks.ts';
import type { TrackSample } from './sample-packets.ts';

/** What timestamps say about a video track. */
export interface FrameTiming {
  /** Average rate; null when nothing tells one. */
  readonly frameRate: Rational | null;
  readonly isVariable: boolean;
}

/** Containers in which the service accepts variable frame rates (spec inputs.md 20); elsewhere uneven timestamps are jitter. */
export const variableContainers: ReadonlySet<ContainerFormat> = new Set([
  'mp4',
  'quicktime',
  'three_gp',
  'three_g2',
  'matroska',
  'webm',
]);

/** Reads the timing from the sample table where there is one, else from sampled packets. */
export function readFrameTiming(
  stream: Stream,
  container: ContainerFormat,
  sample: TrackSample | null,
  isoTrack: IsoTrack | null,
): FrameTiming {
  // The library assumes 25 fps for elementary streams: only the bit stream's own timing counts.
  if (container === 'elementary') return { frameRate: snapped(sample?.codedFrameRate), isVariable: false };
  const declared = validRate(stream.avgFrameRate);
  const table = isoTrack !== null && isoTrack.sampleCount > 1 ? isoTrack : null;
  const durations = table?.durations ?? durationsBetween(sample?.presentationTicks ?? []);
  const ticksPerSecond =
    table === null ? rational(stream.timeBase.den, stream.timeBase.num) : rational(table.timescale);
  const isVariable =
    variableContainers.has(container) && isVariableRate(durations, rationalToNumber(ticksPerSecond));
  const measured = averageRate(durations, ticksPerSecond);
  if (isVariable) return { frameRate: measured?.rate ?? snapped(declared), isVariable };
  const mean = measured === null ? null : snapFrameRate(measured.rate, measured.tolerance);
  return { frameRate: constantRate(stream, declared, mean), isVariable };
}

/**
 * The declared average when it is a standard rate, else what packets show when that is one; otherwise the declared
 * rate nearest to the packets. Containers with coarse clocks declare nonsense such as 1000 fps.
 */
function constantRate(stream: Stream, declared: Rational | null, measured: Rational | null): Rational | null {
  const standard = [snapped(declared), measured].find((rate) => rate !== null && isStandardRate(rate));
  if (standard != null) return standard;
  const candidates = [declared, validRate(stream.rFrameRate)].filter((rate) => rate !== null);
  if (measured === null) return snapped(candidates[0]);
  const agreeing = candidates.find(
    (rate) => Math.abs((rate.num * measured.den) / (rate.den * measured.num) - 1) < 0.01,
  );
  return snapped(agreeing ?? measured);
}

function validRate(rate: { readonly num: number; readonly den: number }): Rational | null {
  return rate.num > 0 && rate.den > 0 ? rational(rate.num, rate.den) : null;
}

function snapped(rate: Rational | null | undefined): Rational | null {
  return rate === null || rate === undefined ? null : snapFrameRate(rate);
}
