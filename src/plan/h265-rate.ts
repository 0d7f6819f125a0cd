/** A rate control in x265's own terms (spec video.md 5). */
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { DecoderBuffer } from './picture-plan.ts';
import { fillText, type RateControl, toldBuffer } from './rate-control.ts';
import { x265RateLookahead } from './rate-pacing.table.ts';
import { narrower, paceAverage, toldBufferBits, x265Pacing } from './rate-pacing.ts';
import type { EncoderPacing } from './rate-plan.ts';

/** What follows from a rate control for the encoder and behind it. */
export interface X265Rate {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pacing: EncoderPacing;
  /** Pictures the encoder looks ahead. */
  readonly lookaheadFrames: number;
  /** What the job asks for: the encoder writes the narrower one that it is held to, and a constant rate it leaves unfilled. */
  readonly decoderBuffer: DecoderBuffer;
}

/** What the place and the effort bring to it. */
export interface X265Place {
  readonly passes: 1 | 2;
  /** Of the preset. */
  readonly lookaheadFrames: number;
  readonly bFrames: number;
  readonly frameRate: Rational;
  readonly clipSeconds: number | null;
  /** Film that decoders show as fields. */
  readonly hasPulldown: boolean;
}

/** One pass that aims at a rate looks further ahead and is held nearer to it than two passes or a constant quality. */
export function x265Rate(rate: RateControl, place: X265Place): X265Rate {
  const { mode, bitrateBps, peakBps, bufferBits, initialFill } = rate;
  const isConstant = mode === 'CBR';
  const isAimed = mode !== 'QVBR' && place.passes === 1;
  const asked =
    mode === 'VBR' && isAimed
      ? narrower(rate.pacing, paceAverage(bitrateBps, place.clipSeconds))
      : rate.pacing;
  const lookaheadFrames = isAimed ? aimedLookahead(rate, place) : place.lookaheadFrames;
  return {
    parameters: {
      // Its delays count frames, and pictures that are shown as fields count fields.
      hrd: place.hasPulldown ? '0' : '1',
      // The text of the settings would be repeated with every key frame, two kilobytes each time beside the rate.
      info: '0',
      ...(isConstant ? { 'strict-cbr': '1' } : {}),
      'rc-lookahead': `${lookaheadFrames}`,
      'vbv-init': fillText(initialFill),
      ...(rate.finalFill === null ? {} : { 'vbv-end': rate.finalFill.toFixed(2) }),
    },
    pacing: x265Pacing(asked),
    lookaheadFrames,
    decoderBuffer: toldBuffer({
      rateBps: peakBps,
      bufferBits: isConstant
        ? toldBufferBits({ rateBps: peakBps, bufferBits, clipSeconds: place.clipSeconds })
        : bufferBits,
      initialFill,
      isConstant,
    }),
  };
}

/** At a variable rate no further than the buffer lasts, and further than B-frames reach, as the encoder demands. */
function aimedLookahead(
  { mode, bitrateBps, bufferBits }: RateControl,
  { lookaheadFrames, bFrames, frameRate }: X265Place,
): number {
  const most = Math.max(x265RateLookahead, lookaheadFrames);
  if (mode !== 'VBR' || bitrateBps === 0) return most;
  const heldFrames = Math.floor((bufferBits / bitrateBps) * rationalToNumber(frameRate));
  return Math.min(most, Math.max(bFrames + 1, heldFrames));
}
