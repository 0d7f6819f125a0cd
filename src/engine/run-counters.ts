/** What a run counts while it goes on: the matter of progress messages and warnings. */

import type { LookedCoding } from './picture-allocation.ts';
import type { LookedPictures } from './picture-steps.ts';

/** Counters of one run; nodes add to them, `progress.ts` reads them. */
export interface RunCounters {
  framesDecoded: number;
  /** Called once, when the first picture has been decoded. */
  onFirstFrame: () => void;
  /** Video packets the decoder refused or repaired, MP4 inputs only (warning 230008). */
  videoPacketsDamaged: number;
  /** Audio packets the decoder refused (warning 230006). */
  audioPacketsDamaged: number;
  /** Places where at least 100 ms of silence was inserted (warning 240000). */
  silenceInserted: number;
  /** Places where at least 100 ms of sound was dropped (warning 240001). */
  soundDropped: number;
  /** Inputs whose end is missing although outputs were made (warning 220000). */
  inputsTruncated: number;
  /** Places where a transport stream had to run faster than the rate it was given (warning 260000). */
  transportRateExceeded: number;
  /** Inputs with splice messages of a kind that no output takes along, by their place in the job. */
  readonly splicesLeftOut: Set<number>;
  /** Output time reached, in microseconds, by rendition id. */
  readonly reachedUs: Map<string, number>;
  /** Bytes encoded in this pass, by rendition id. */
  readonly encodedBytes: Map<string, number>;
  /** Bytes by the frame they are shown at, of renditions whose buffer this pass looks at. */
  readonly pictureBytes: Map<string, number[]>;
  /** What the first look found of pictures whose quantizers follow from it, by rendition id. */
  readonly lookedPictures: Map<string, LookedPictures>;
  /** What the look found of pictures in coding order, where bits are spread by it, by rendition id. */
  readonly lookedCodings: Map<string, LookedCoding>;
}

/** Counters at zero. */
export function createRunCounters(): RunCounters {
  return {
    framesDecoded: 0,
    onFirstFrame: () => {},
    videoPacketsDamaged: 0,
    audioPacketsDamaged: 0,
    silenceInserted: 0,
    soundDropped: 0,
    inputsTruncated: 0,
    transportRateExceeded: 0,
    splicesLeftOut: new Set(),
    reachedUs: new Map(),
    encodedBytes: new Map(),
    pictureBytes: new Map(),
    lookedPictures: new Map(),
    lookedCodings: new Map(),
  };
}
