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

/**
 * How pictures get from one rate to another: repeated and dropped, blended, made between by motion, or kept one by
 * one at another rate, which changes the duration.
 */
export type RateConversion = 'repeat' | 'blend' | 'motion' | 'relabel';

/** How a rendition gets its rate. */
export interface FrameRateChoice {
  readonly frameRate: Rational;
  readonly conversion: RateConversion;
}

/** FRAMEFORMER is a licensed library: the motion compensation of ours takes its place (specification video.md 3). */
const conversions = {
  DUPLICATE_DROP: 'repeat',
  INTERPOLATE: 'blend',
  FRAMEFORMER: 'motion',
  MAINTAIN_FRAME_COUNT: 'relabel',
} as const;

/** Smallest picture that FRAMEFORMER takes, and the largest (rule V-36). */
const motionLimits = { leastWidthPx: 128, leastHeightPx: 96, mostLongPx: 4096, mostShortPx: 2160 };

/**
 * Reads the rate settings of a codec block. Returns null, with a finding, when there is nothing to follow or the
 * settings are incomplete.
 */
export function readFrameRate(
  settings: SettingsReader<FrameRateSettings>,
  followed: Rational | null,
  source: { readonly widthPx: number; readonly heightPx: number },
  findings: FindingLog,
): FrameRateChoice | null {
  const conversion = conversions[settings.read('framerateConversionAlgorithm') ?? 'DUPLICATE_DROP'];
  if (conversion === 'motion') checkMotion(settings, source, findings);
  if (settings.read('framerateControl') === 'SPECIFIED') {
    const num = settings.require('framerateNumerator');
    const den = settings.require('framerateDenominator');
    return num === null || den === null ? null : { frameRate: rational(num, den), conversion };
  }
  const ignored = 'the frame rate follows the source: the numbers count with framerateControl SPECIFIED only';
  settings.withoutEffect('framerateNumerator', ignored);
  settings.withoutEffect('framerateDenominator', ignored);
  if (followed !== null) return { frameRate: followed, conversion };
  findings.jobError(1040, 'no-framerate-in-stream', {}, settings.pointer);
  return null;
}

function checkMotion(
  settings: SettingsReader<FrameRateSettings>,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  findings: FindingLog,
): void {
  const pointer = settings.at('framerateConversionAlgorithm');
  const { leastWidthPx, leastHeightPx, mostLongPx, mostShortPx } = motionLimits;
  const isTooSmall = widthPx < leastWidthPx || heightPx < leastHeightPx;
  const isTooLarge = Math.max(widthPx, heightPx) > mostLongPx || Math.min(widthPx, heightPx) > mostShortPx;
  if (isTooSmall || isTooLarge) {
    findings.incompatible(
      pointer,
      `FRAMEFORMER takes pictures from ${leastWidthPx} x ${leastHeightPx} to ${mostLongPx} x ${mostShortPx}; these are ${widthPx} x ${heightPx}`,
    );
  }
  findings.notice(
    'substituted',
    pointer,
    'FRAMEFORMER is a licensed library: motion-compensated interpolation of our own takes its place',
  );
}

/** Repeats and drops frames so that they come at exactly `rate`. */
export function constantRateStep(rate: Rational): FilterStep {
  return { name: 'fps', options: { fps: `${rate.num}/${rate.den}`, round: 'near' } };
}

/** The branch filters from one rate to the rendition's; none when they are equal. */
export function conversionSteps(from: Rational, choice: FrameRateChoice): readonly FilterStep[] {
  if (equalRational(from, choice.frameRate)) return [];
  const { num, den } = choice.frameRate;
  const fps = `${num}/${den}`;
  switch (choice.conversion) {
    case 'repeat':
      return [constantRateStep(choice.frameRate)];
    case 'blend':
      return [{ name: 'framerate', options: { fps, interp_start: '0', interp_end: '255', scene: '100' } }];
    case 'motion':
      // The search looks two pictures ahead and would end before the last ones.
      return [
        { name: 'tpad', options: { stop: '2', stop_mode: 'clone' } },
        { name: 'minterpolate', options: { fps, ...motionSearch } },
      ];
    case 'relabel':
      return [
        { name: 'settb', options: { expr: `${den}/${num}` } },
        { name: 'setpts', options: { expr: 'N' } },
      ];
  }
}

/** Overlapped block motion compensation in both directions, blocks split where motion differs (spec video.md 3). */
const motionSearch = { mi_mode: 'mci', mc_mode: 'aobmc', me_mode: 'bidir', vsbmc: '1' };

/** The highest of some rates; null for none. */
export function highestRate(rates: readonly Rational[]): Rational | null {
  return rates.reduce<Rational | null>(
    (high, rate) => (high === null || compareRational(rate, high) > 0 ? rate : high),
    null,
  );
}
