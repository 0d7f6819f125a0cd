/** What the codec steps take and give. */
import type { ContainerType } from '../contract/types.generated.ts';
import type { Gop } from './gop.ts';
import type { EncoderPlan } from './plan.ts';

/** What of its surroundings a codec step needs to know. */
export interface VideoPlace {
  readonly container: ContainerType;
  /** `chromaPositionMode`; null leaves it unsaid. */
  readonly chromaLocation: 'center' | 'top-left' | null;
  /** Transfer characteristic of the output, FFmpeg name. */
  readonly transfer: string | null;
}

/** A planned encode and what follows from it outside the encoder. */
export interface EncodedVideo {
  readonly encoder: EncoderPlan;
  readonly pixelFormat: string;
  readonly gop: Gop;
  /** What `$rv$` shows: the average, or the peak with QVBR. */
  readonly nominalBitrateBps: number;
  /** Pictures the encoder holds at a time, for the memory estimate. */
  readonly codingFramesHeld: number;
}

/** True for containers whose sample entry is chosen by the output, so that one encode serves several of them. */
export function isFragmented(container: VideoPlace['container']): boolean {
  return container === 'CMFC' || container === 'MPD' || container === 'ISMV';
}
