/**
 * What one clip of an input means to the nodes that read it: which pictures are kept, where its first instant lies
 * in the input, and how long it is known to last. A whole input is a clip from its first picture to its end.
 */
import { countIn, type Rational, type Span, spanOf } from '../exact-time.ts';
import type { PlannedClip, PlannedInput } from '../plan/plan.ts';
import type { CodedCut } from './key-frame-cut.ts';

/** One clip, ready to be read. */
export interface ClipWindow {
  readonly input: PlannedInput;
  /** Null: the whole input. */
  readonly clip: PlannedClip | null;
  /** Ticks of the shared rate that are kept, counted from the input's first picture. */
  readonly firstTick: bigint;
  /** Null: to the end. */
  readonly lastTick: bigint | null;
  /** The clip's first instant, on the input's own clock, microseconds. */
  readonly originUs: number;
  /** Distance of that instant from the input's first picture or sound, microseconds. */
  readonly skippedUs: number;
  /** Null when only its end will tell. */
  readonly length: Span | null;
  /** Where its pictures begin and end when they are not decoded; absent: in a whole input, and where they are. */
  readonly cut?: CodedCut;
}

/** All clips of an input, in order. */
export function clipWindows(input: PlannedInput): readonly ClipWindow[] {
  const { video, originUs, clips } = input;
  if (clips === undefined) {
    const length =
      video === null || video.frameCount === null ? null : spanOf(BigInt(video.frameCount), video.frameRate);
    return [{ input, clip: null, firstTick: 0n, lastTick: null, originUs, skippedUs: 0, length }];
  }
  return clips.map((clip) => {
    const { firstFrame, lastFrame, frameRate } = clip;
    const skippedUs = microsecondsOf(firstFrame, frameRate);
    const length = lastFrame === null ? null : spanOf(BigInt(lastFrame + 1 - firstFrame), frameRate);
    return {
      input,
      clip,
      ...ticksOf(clip, length, video),
      originUs: originUs + skippedUs,
      skippedUs,
      length,
    };
  });
}

/** Made pictures begin with the clip, and their rate need not be that at which its sound is counted. */
function ticksOf(
  { firstFrame, lastFrame }: PlannedClip,
  length: Span | null,
  video: PlannedInput['video'],
): Pick<ClipWindow, 'firstTick' | 'lastTick'> {
  if (video?.generated !== undefined) {
    return { firstTick: 0n, lastTick: length === null ? null : countIn(length, video.frameRate) - 1n };
  }
  return { firstTick: BigInt(firstFrame), lastTick: lastFrame === null ? null : BigInt(lastFrame) };
}

function microsecondsOf(frames: number, rate: Rational): number {
  return Math.round((frames * rate.den * 1_000_000) / rate.num);
}
