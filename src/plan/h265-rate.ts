/** A rate control in x265's own terms (spec video.md 5). */
import type { BufferFilling } from './picture-plan.ts';
import type { EncoderPacing } from './plan.ts';
import type { RateControl } from './rate-control.ts';
import { x265RateLookahead } from './rate-pacing.table.ts';
import { narrower, paceAverage, x265Average, x265Pacing } from './rate-pacing.ts';
import type { EncodedFrame } from './video-codec-settings.ts';

/** What follows from a rate control for the encoder and behind it. */
export interface X265Rate {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pacing: EncoderPacing;
  /** Pictures the encoder looks ahead. */
  readonly lookaheadFrames: number;
  /** A constant rate never pauses: what the pictures leave is filled. */
  readonly filling: BufferFilling | null;
}

/** What the place and the effort bring to it. */
export interface X265Place {
  readonly frameRate: EncodedFrame['frameRate'];
  readonly passes: 1 | 2;
  /** Of the preset. */
  readonly lookaheadFrames: number;
  readonly clipSeconds: number | null;
}

/** One pass that aims at a rate looks further ahead and is held nearer to it than two passes or a constant quality. */
export function x265Rate(rate: RateControl, place: X265Place): X265Rate {
  const { mode, bitrateBps, peakBps, bufferBits, initialFill } = rate;
  const isAimed = mode !== 'QVBR' && place.passes === 1;
  const asked =
    mode === 'VBR' && isAimed
      ? narrower(rate.pacing, paceAverage(bitrateBps, place.clipSeconds))
      : rate.pacing;
  const lookaheadFrames = isAimed
    ? Math.max(x265RateLookahead, place.lookaheadFrames)
    : place.lookaheadFrames;
  return {
    parameters: {
      hrd: '1',
      // The text of the settings would be repeated with every key frame, two kilobytes each time beside the rate.
      info: '0',
      ...(mode === 'QVBR'
        ? {}
        : { bitrate: `${Math.round(x265Average(bitrateBps, place.frameRate) / 1000)}` }),
      ...(mode === 'CBR' ? { 'strict-cbr': '1' } : {}),
      ...(isAimed ? { 'rc-lookahead': `${lookaheadFrames}` } : {}),
      'vbv-init': initialFill.toFixed(2),
      ...(rate.finalFill === null ? {} : { 'vbv-end': rate.finalFill.toFixed(2) }),
    },
    pacing: x265Pacing(asked, place.frameRate),
    lookaheadFrames,
    filling: mode === 'CBR' ? { rateBps: peakBps, bufferBits, initialFill } : null,
  };
}
