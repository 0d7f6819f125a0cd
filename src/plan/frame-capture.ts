/** Frame capture → numbered JPEG pictures (spec video.md 14, naming.md 9). */

import type { FrameCaptureSettings } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { EncoderPlan, FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** How pictures are taken and coded. */
export interface FrameCapturePlan {
  readonly frameRate: Rational;
  readonly steps: readonly FilterStep[];
  readonly frameLimit: number;
  readonly encoder: EncoderPlan;
}

/** Defaults where the job leaves a member out: one picture a second, quality 80, as many as there are (inferred). */
const defaults = { quality: 80, maxCaptures: 10_000_000 };

/** Plans the pictures: one every denominator/numerator seconds of a source at `sourceRate`, the first frame always. */
export function planFrameCapture(
  settings: SettingsReader<FrameCaptureSettings>,
  sourceRate: Rational,
): FrameCapturePlan {
  const frameRate = rational(
    settings.read('framerateNumerator') ?? 1,
    settings.read('framerateDenominator') ?? 1,
  );
  const quality = settings.read('quality') ?? defaults.quality;
  // JPEG quantizers run from 31 (worst) to 2 (best); spec video.md 14.
  const quantizer = Math.max(2, Math.round(31 - 0.29 * (quality - 1)));
  return {
    frameRate,
    steps: captureSteps(frameRate, sourceRate),
    frameLimit: settings.read('maxCaptures') ?? defaults.maxCaptures,
    encoder: {
      codec: 'FRAME_CAPTURE',
      encoder: 'mjpeg',
      options: { qmin: `${quantizer}`, qmax: `${quantizer}` },
      bitrateBps: 0,
      maxBitrateBps: 0,
      bufferSizeBits: 0,
      gopSizeFrames: null,
      maxBFrames: null,
      threads: 1,
      codecTag: null,
      passes: 1,
      color: null,
      endOfStreamMarkers: false,
    },
  };
}

/**
 * Takes the frame at or after each instant, and none for an instant behind the last frame's beginning (spec naming.md 9).
 * The filter gives each interval the last frame that begins in it: moved by an interval less a frame, that is the one asked
 * for, and as many intervals end in time as there are pictures.
 */
function captureSteps(rate: Rational, sourceRate: Rational): readonly FilterStep[] {
  const exact = rate.num * sourceRate.num;
  const ticksPerSecond =
    exact <= mostTicksPerSecond ? exact * Math.ceil(leastTicksPerSecond / exact) : 1_000_000;
  const seconds = rate.den / rate.num - sourceRate.den / sourceRate.num;
  // A thousandth of a tick is what the arithmetic may be off.
  const shift = Math.ceil(seconds * ticksPerSecond - 0.001);
  return [
    { name: 'settb', options: { expr: `1/${ticksPerSecond}` } },
    { name: 'setpts', options: { expr: `PTS+(${shift})` } },
    { name: 'fps', options: { fps: `${rate.num}/${rate.den}`, start_time: '0', round: 'down' } },
  ];
}

/** Sources whose frames do not come evenly keep their times. */
const leastTicksPerSecond = 90_000;

/** What a time base of the library can have as its denominator. */
const mostTicksPerSecond = 2 ** 31 - 1;
