/** A clip of sound alone that lies behind the end of its input (spec timecode-and-clipping.md 4, error 1060). */
import { jobFault } from '../catalogue/fault.ts';
import type { Span } from '../exact-time.ts';
import type { ClipWindow } from './clip-window.ts';

/** Throws 1060. Pictures that are missing are told where they are decoded; sound may be over before a clip of it begins. */
export function refuseEmptyClip({ clip, input }: ClipWindow, hasSound: boolean, length: Span): void {
  if (clip === null || input.video !== null || !hasSound || length.num > 0n) return;
  const mediaFact = `no sound was found between ${clip.startTimecode} and ${clip.endTimecode ?? 'the end'}`;
  throw jobFault(1060, 'no-sound', {}, { component: 'decoder', mediaFact });
}
