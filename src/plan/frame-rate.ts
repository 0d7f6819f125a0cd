/** Frame rates: what can be followed, what is asked for, and the filter that gets there (spec inputs.md 20, video.md 3). */

import type { H264Settings } from '../contract/types.generated.ts';
import { compareRational, equalRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The frame rate members that all codec blocks share. */
export type FrameRateSettings = Pick<
  H264Settings,
  'framerateControl' | 'framerateConversionAlgorithm' | 'framerateDenominator' | 'framerateNumerator'
>;

/** Constant rates that variable ones are rounded up to (spec inputs.md 20). */
const variableRateSteps = [1, 5, 10, 15, 24, 30, 50, 60];

/** Whole rates whose 1000/1001 neighbours exist (spec inputs.md 21). */
const ntscRates = [24, 30, 48, 60, 120];

/** Two rates closer than this part are the same rate written with less precision (29.97 and 30 differ by 0.001). */
const sameRateTolerance = 0.0004;

/** The rate that outputs follow; null when the input tells none. */
export function followableFrameRate(track: VideoTrackFacts): Rational | null {
  if (track.frameRate === null || track.frameRate.num <= 0) return null;
  const average = rationalToNumber(track.frameRate);
  if (track.isVariableFrameRate) {
    return rational(variableRateSteps.find((step) => average <= step * (1 + sameRateTolerance)) ?? 60);
  }
  const named = [
    ...ntscRates.map((rate) => rational(rate * 1000, 1001)),
    rational(Math.max(1, Math.round(average))),
  ];
  const close = named.find((rate) => Math.abs(rationalToNumber(rate) / average - 1) < sameRateTolerance);
  return close ?? rational(track.frameRate.num, track.frameRate.den);
}

/** How a rendition gets its rate. */
export interface FrameRateChoice {
  readonly frameRate: Rational;
  readonly interpolate: boolean;
}

/**
 * Reads the rate settings of a codec block. Returns null, with a finding, when there is nothing to follow or the
 * settings are incomplete.
 */
export function readFrameRate(
  settings: SettingsReader<FrameRateSettings>,
  followed: Rational | null,
  findings: FindingLog,
): FrameRateChoice | null {
  settings.accept(
    'framerateConversionAlgorithm',
    ['DUPLICATE_DROP', 'INTERPOLATE'],
    'frame rates are converted by repeating, dropping or blending frames only',
  );
  const interpolate = settings.read('framerateConversionAlgorithm') === 'INTERPOLATE';
  if (settings.read('framerateControl') === 'SPECIFIED') {
    const num = settings.require('framerateNumerator');
    const den = settings.require('framerateDenominator');
    return num === null || den === null ? null : { frameRate: rational(num, den), interpolate };
  }
  const ignored = 'the frame rate follows the source: the numbers count with framerateControl SPECIFIED only';
  settings.withoutEffect('framerateNumerator', ignored);
  settings.withoutEffect('framerateDenominator', ignored);
  if (followed !== null) return { frameRate: followed, interpolate };
  findings.jobError(1040, 'no-framerate-in-stream', {}, settings.pointer);
  return null;
}

/** Repeats and drops frames so that they come at exactly `rate`. */
export function constantRateStep(rate: Rational): FilterStep {
  return { name: 'fps', options: { fps: `${rate.num}/${rate.den}`, round: 'near' } };
}

/** The branch filter from the shared rate to the rendition's; null when they are equal. */
export function conversionStep(from: Rational, choice: FrameRateChoice): FilterStep | null {
  if (equalRational(from, choice.frameRate)) return null;
  if (!choice.interpolate) return constantRateStep(choice.frameRate);
  const fps = `${choice.frameRate.num}/${choice.frameRate.den}`;
  return { name: 'framerate', options: { fps, interp_start: '0', interp_end: '255', scene: '100' } };
}

/** The highest of some rates; null for none. */
export function highestRate(rates: readonly Rational[]): Rational | null {
  return rates.reduce<Rational | null>(
    (high, rate) => (high === null || compareRational(rate, high) > 0 ? rate : high),
    null,
  );
}
