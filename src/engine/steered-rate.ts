/**
 * The rate that an encoder is asked for while it runs, where it keeps to no average in one run and hands no statistics on
 * (libvpx's VP8 through the binding): what it has made so far decides what the next stretch gets. A stretch is an encoder of
 * its own, which begins with a key frame.
 */
import { rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan, VideoRendition } from '../plan/plan.ts';
import { atConstantRate } from './rate-aim.ts';
import { initialFill } from './rate-bounds.ts';

/** Follows one encode, picture by picture. */
export interface SteeredRate {
  /** True when another encoder has to take over before the next frame is sent. */
  isDue(isKeyFrame: boolean): boolean;
  /** The encoder that takes over, when what was inside the one before is counted. */
  takeOver(): EncoderPlan;
  /** Counts a frame on its way into the encoder. */
  send(): void;
  /** Counts what a frame became. */
  add(bytes: number): void;
}

interface Stretch {
  readonly start: number;
  readonly encoder: EncoderPlan;
  readonly isConstant: boolean;
}

/** A change below this is not worth a key frame. */
const leastChange = 0.04;
/** What a stretch may be asked for, in averages of the job: one pass cannot know that the pictures will stay as they are. */
const askable = { least: 0.5, most: 2 } as const;
/** What is left or owed is made up for over so many stretches. */
const settlingStretches = 2;
/** A stretch that makes less of its rate than this is of pictures that need no more. */
const responses = { least: 0.8, most: 1.6 } as const;
/** Where the decoder's buffer is emptier, pictures are coded within it, until it is that full again. */
const scarce = 0.5;
const recovered = 0.85;
/** What is left then has to hold the picture that is under way, in pictures of the average: else all is coded within it. */
const largestPicture = 12;
/** The first picture of an encoder may take this share of a buffer. */
const firstPictureShare = 0.35;
/** Within less than this of its rate, libvpx overdraws a buffer (0.25 s of cuts: 7 of 250 pictures late). */
const leastBufferSeconds = 0.4;
/** 0 would be the encoder's default. */
const leastFill = 0.02;

/** The encoder that a rendition begins with. */
export function firstEncoder(rendition: VideoRendition): EncoderPlan {
  const { encoder } = rendition;
  const { steering, bounded } = encoder;
  if (steering === undefined) return encoder;
  if (bounded !== undefined && beginsConstant(rendition))
    return atConstantRate(rendition, bounded, encoder.bitrateBps, initialFill);
  return {
    ...encoder,
    options: {
      ...encoder.options,
      ...firstPictureOptions(rendition, encoder.bitrateBps, steering.firstPicturePercent),
    },
  };
}

function beginsConstant({ encoder, frameRate }: VideoRendition): boolean {
  const pictureBits = encoder.bitrateBps / rationalToNumber(frameRate);
  return encoder.bounded !== undefined && scarce * encoder.bufferSizeBits < largestPicture * pictureBits;
}

/** The most that is asked for, in averages: the peak, and what a small buffer holds for long enough. */
function mostShare({ bitrateBps, maxBitrateBps, bounded }: EncoderPlan): number {
  const held =
    bounded === undefined ? Number.POSITIVE_INFINITY : bounded.pacing.bufferBits / leastBufferSeconds;
  return Math.min(askable.most, maxBitrateBps / bitrateBps, Math.max(1, held / bitrateBps));
}

/** Bounds the first picture, in percents of a picture at that rate, where a buffer has to hold it. */
function firstPictureOptions(
  { encoder, frameRate }: VideoRendition,
  rateBps: number,
  mostPercent: number | null,
): Record<string, string> {
  const pictureBits = rateBps / rationalToNumber(frameRate);
  const fittingPercent =
    encoder.bounded === undefined
      ? Number.POSITIVE_INFINITY
      : (100 * firstPictureShare * encoder.bufferSizeBits) / pictureBits;
  const percent = Math.floor(Math.min(mostPercent ?? Number.POSITIVE_INFINITY, fittingPercent));
  return Number.isFinite(percent) ? { 'max-intra-rate': `${percent}` } : {};
}

/** null: the encoder keeps its rate itself. */
export function createSteeredRate(rendition: VideoRendition): SteeredRate | null {
  const { encoder, frameRate, forcedKeyFrameSeconds } = rendition;
  const { steering, bounded, bitrateBps } = encoder;
  if (steering === undefined) return null;
  const perFrame = bitrateBps / rationalToNumber(frameRate);
  const inflow = encoder.maxBitrateBps / rationalToNumber(frameRate);
  let [sent, coded, madeBits, stretchBits] = [0, 0, 0, 0];
  let fill = encoder.bufferSizeBits * initialFill;
  const share = { least: askable.least, most: mostShare(encoder) };
  const isAlwaysTight = beginsConstant(rendition);
  let stretch: Stretch = {
    start: 0,
    encoder: firstEncoder(rendition),
    isConstant: isAlwaysTight,
  };

  /** What brings the average to the target within some stretches, by what this one makes of its rate. */
  const wantedBps = (): number => {
    const settling = settlingStretches * steering.everyFrames;
    const needed = 1 + (perFrame * coded - madeBits) / (perFrame * settling);
    const asked = (stretch.encoder.bitrateBps / bitrateBps) * perFrame * (coded - stretch.start);
    const response = stretch.isConstant || asked <= 0 ? 1 : within(responses, stretchBits / asked);
    return Math.round(bitrateBps * within(share, needed / response));
  };
  /** True while the buffer has to be kept by the encoder itself. */
  const isTight = (): boolean =>
    bounded !== undefined &&
    (isAlwaysTight || fill < (stretch.isConstant ? recovered : scarce) * encoder.bufferSizeBits);
  const nextEncoder = (): EncoderPlan => {
    const wanted = wantedBps();
    if (bounded !== undefined && isTight()) {
      const filled = within({ least: leastFill, most: initialFill }, fill / encoder.bufferSizeBits);
      return atConstantRate(rendition, bounded, wanted, filled);
    }
    const firstPicture = firstPictureOptions(rendition, wanted, steering.takeOverPicturePercent);
    return { ...encoder, bitrateBps: wanted, options: { ...encoder.options, ...firstPicture } };
  };

  return {
    isDue(isKeyFrame) {
      if (sent === 0) return false;
      if (!stretch.isConstant && isTight()) return true;
      const frames = sent - stretch.start;
      // Where the job leaves key frames open, these are at whole groups of the encoder.
      const isPlace =
        forcedKeyFrameSeconds === null
          ? frames > 0 && frames % steering.everyFrames === 0
          : isKeyFrame && frames >= steering.everyFrames;
      if (!isPlace) return false;
      if (stretch.isConstant && !isTight()) return true;
      return Math.abs(nextEncoder().bitrateBps / stretch.encoder.bitrateBps - 1) >= leastChange;
    },
    takeOver() {
      stretch = { start: sent, encoder: nextEncoder(), isConstant: isTight() };
      stretchBits = 0;
      return stretch.encoder;
    },
    send() {
      sent += 1;
    },
    add(bytes) {
      coded += 1;
      madeBits += bytes * 8;
      stretchBits += bytes * 8;
      fill = Math.min(encoder.bufferSizeBits, fill - bytes * 8 + inflow);
    },
  };
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value));
}
