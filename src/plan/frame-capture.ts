/** Frame capture → numbered JPEG pictures (spec video.md 14, naming.md 9). */

import type { FrameCaptureSettings } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { EncoderPlan, FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** How pictures are taken and coded. */
export interface FrameCapturePlan {
  readonly frameRate: Rational;
  readonly step: FilterStep;
  readonly frameLimit: number;
  readonly encoder: EncoderPlan;
}

/** Defaults where the job leaves a member out: one picture a second, quality 80, as many as there are (inferred). */
const defaults = { quality: 80, maxCaptures: 10_000_000 };

/** Plans the pictures: one every denominator/numerator seconds, the first frame always. */
export function planFrameCapture(settings: SettingsReader<FrameCaptureSettings>): FrameCapturePlan {
  const frameRate = rational(
    settings.read('framerateNumerator') ?? 1,
    settings.read('framerateDenominator') ?? 1,
  );
  const quality = settings.read('quality') ?? defaults.quality;
  // JPEG quantizers run from 31 (worst) to 2 (best); spec video.md 14.
  const quantizer = Math.max(2, Math.round(31 - 0.29 * (quality - 1)));
  return {
    frameRate,
    // Rounding up keeps the first frame at 0 and takes the frame at or after each later instant.
    step: {
      name: 'fps',
      options: { fps: `${frameRate.num}/${frameRate.den}`, start_time: '0', round: 'up' },
    },
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
