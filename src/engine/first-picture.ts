/** The first picture of a clip that lasts less than half of an output's picture: rate conversions round it to none. */
import type { Frame } from 'node-av/lib';
import { assertDone } from './library-error.ts';
import type { NativePool } from './native-pool.ts';

/** A reference to the first picture, until one has come through. */
export interface FirstPicture {
  /** Before a picture goes on its way; `given`: whether one has come through. */
  see(frame: Frame, given: boolean): void;
  /**
   * At the end: the first picture again, `distance` later, for what waits for the next picture of the output; null when
   * one has come through.
   */
  again(given: boolean, distance: number): Frame | null;
}

/** Starts before the first picture. */
export function keepFirstPicture(frames: NativePool<Frame>): FirstPicture {
  let first: Frame | null = null;
  let isSeen = false;
  const drop = (): void => {
    if (first !== null) frames.give(first);
    first = null;
  };
  return {
    see(frame, given) {
      if (given) return drop();
      if (isSeen) return;
      isSeen = true;
      first = frames.take();
      assertDone(first.ref(frame), 'frame reference');
    },
    again(given, distance) {
      if (given) drop();
      const again = first;
      first = null;
      if (again !== null) again.pts += BigInt(Math.ceil(distance));
      return again;
    },
  };
}
