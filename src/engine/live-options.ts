/** Options of an encoder that change while it runs: those of its first frames, and those that hold while its average is kept. */
import type { CodecContext } from 'node-av/lib';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan } from '../plan/plan.ts';
import { setLibraryOptions } from './library-options.ts';

/** Follows one encode. */
export interface LiveOptions {
  /** In front of each frame that is sent. Throws LibraryError. */
  prepare(encoder: CodecContext): void;
  /** Counts what a frame became. */
  add(bytes: number): void;
}

/** What the encoder is opened with. */
export function firstOptions({ options, sparing, opening }: EncoderPlan): Readonly<Record<string, string>> {
  return { ...options, ...sparing?.options, ...opening?.options };
}

/** `frameRate`: null for sound, none of whose options change. */
export function createLiveOptions(plan: EncoderPlan, frameRate: Rational | null): LiveOptions {
  const { opening, sparing, options, bitrateBps } = plan;
  const pictureBits = frameRate === null ? 0 : bitrateBps / rationalToNumber(frameRate);
  const told = new Map(Object.entries(firstOptions(plan)));
  let [sentFrames, behindBits] = [0, 0];
  return {
    prepare(encoder) {
      const isOpening = sentFrames < (opening?.frames ?? 0);
      const isSparing = sparing !== undefined && behindBits < sparing.mostBehindBits;
      sentFrames += 1;
      const wanted = {
        ...options,
        ...(isSparing ? sparing.options : {}),
        ...(isOpening ? opening?.options : {}),
      };
      const changed = Object.entries(wanted).filter(([name, value]) => told.get(name) !== value);
      if (changed.length === 0) return;
      setLibraryOptions(encoder, Object.fromEntries(changed));
      for (const [name, value] of changed) told.set(name, value);
    },
    add(bytes) {
      behindBits += pictureBits - 8 * bytes;
    },
  };
}
