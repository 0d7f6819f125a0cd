/**
 * The quantizer steps of pictures where the library hands no statistics from one pass to another (VP8 through the binding).
 * A fast look finds what the pictures take; the last pass spends the average on them at one step, corrected slowly, with
 * finer ones for key frames and for the picture of every group that the others of it are predicted from.
 */
import { rationalToNumber } from '../exact-time.ts';
import type { FrameQuantizers, VideoRendition } from '../plan/plan.ts';

/** What a look found, in the order of the pictures. */
export interface LookedPictures {
  /** Bits of each at a step of 1, as if they went by a power of the step. */
  readonly complexities: number[];
  /** Places of the key frames. */
  readonly keys: number[];
}

/** `boosted`: others are predicted from it until the next of them. */
export type PictureKind = 'key' | 'boosted' | 'plain';

/** The steps of one pass, picture by picture. */
export interface PictureSteps {
  next(isForcedKey: boolean): { readonly kind: PictureKind; readonly step: number };
  /** Counts what a picture became, in the order of `next`. */
  add(bits: number, isKey: boolean): void;
}

/** Finest and coarsest step of AC coefficients (RFC 6386, section 14.1). */
const steps = { least: 4, most: 284 } as const;
/** Where nothing is known yet. */
export const lookStep = 45;
/** Pictures over which a look evens its own rate out. */
const lookWindow = 12;
/** What a look is worth as a witness, in shares of the clip: the first pictures tell little of how far it was off. */
const trust = 0.15;
/**
 * What is left or owed is made up for as if so much of the clip were still to come. A still that becomes cuts: 101.4 %, with
 * twice as much 102.5 %.
 */
const horizon = 0.015;
/** No section takes more than so many averages, however little the rest of the clip needs: as much as libvpx's own two passes. */
const sectionBound = { seconds: 2, most: 4 } as const;
/** Steps stay within this factor of what the look lets expect. */
const mostCorrection = 4;

/** Nothing yet. */
export function createLookedPictures(): LookedPictures {
  return { complexities: [], keys: [] };
}

/** A look adds to `looked` what it finds. It comes to the average by itself: what it finds is then near what is wanted. */
export function lookingSteps(
  { encoder, frameRate }: VideoRendition,
  { complexities, keys }: LookedPictures,
): PictureSteps {
  const target = encoder.bitrateBps / rationalToNumber(frameRate);
  let step = lookStep;
  let ofOthers: number | null = null;
  return {
    next: () => ({ kind: 'plain', step }),
    add(bits, isKey) {
      const complexity = bits * step;
      if (isKey) keys.push(complexities.length);
      complexities.push(complexity);
      if (isKey) return;
      const weight = 1 / Math.min(lookWindow, complexities.length);
      ofOthers = ofOthers === null ? complexity : ofOthers + weight * (complexity - ofOthers);
      step = within(steps, ofOthers / target);
    },
  };
}

/** The step that spends the average on all pictures, by what a look found of them. */
export function expectedStep(
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
  looked: LookedPictures,
): number {
  const all = allWeights(quantizers, looked);
  return all === 0 ? lookStep : within(steps, all / targetBits(rendition, looked));
}

/** The last pass: one step for all that is left, by what was expected of the pictures so far and what they took. */
export function spendingSteps(
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
  looked: LookedPictures,
): PictureSteps {
  const expected = expectedStep(rendition, quantizers, looked);
  const all = allWeights(quantizers, looked);
  const bits = targetBits(rendition, looked);
  const correctable = { least: expected / mostCorrection, most: expected * mostCorrection };
  const kinds = followKinds(rendition, quantizers, looked);
  const weightAt = weights(quantizers, looked);
  /** Steps of pictures that are not counted yet, as those would be if they were plain. */
  const pending: number[] = [];
  const section = followSection(rendition, looked, weightAt);
  let [coded, madeBits] = [0, 0];
  // Weights of the pictures so far: as the look told, and as they turned out. The look itself counts as a witness.
  let [told, taken] = [0, 0];

  const plainStep = (): number => {
    if (all === 0) return expected;
    const response = (trust * all + taken) / (trust * all + told);
    const bitsLeft = Math.max((1 + horizon) * bits - madeBits, (horizon * bits) / mostCorrection);
    const step = within(correctable, (response * (all - told + horizon * all)) / bitsLeft);
    return Math.max(step, response * section.finest());
  };
  return {
    next(isForcedKey) {
      const kind = kinds.next(isForcedKey);
      const share = quantizers.shares[kind];
      const step = within(steps, share * plainStep());
      pending.push(step / share);
      section.next();
      return { kind, step };
    },
    add(made) {
      told += weightAt(coded);
      taken += made * (pending.shift() ?? expected);
      madeBits += made;
      coded += 1;
    },
  };
}

/** The section that begins with the next picture, and the finest step it may have by what the look told. */
function followSection(
  { encoder, frameRate }: VideoRendition,
  { complexities }: LookedPictures,
  weightAt: (place: number) => number,
): { finest(): number; next(): void } {
  const pictures = Math.max(1, Math.round(sectionBound.seconds * rationalToNumber(frameRate)));
  const mostBits = (sectionBound.most * encoder.bitrateBps) / rationalToNumber(frameRate);
  let [place, weight] = [0, 0];
  for (let ahead = 0; ahead < pictures; ahead += 1) weight += weightAt(ahead);
  return {
    // At the end there are fewer.
    finest: () => weight / (mostBits * Math.max(1, Math.min(pictures, complexities.length - place))),
    next() {
      weight += weightAt(place + pictures) - weightAt(place);
      place += 1;
    },
  };
}

/** What each picture is: a key frame where the look had one, where the job wants one and where a group is full. */
function followKinds(
  { encoder }: VideoRendition,
  { boostEvery }: FrameQuantizers,
  { complexities, keys }: LookedPictures,
): { next(isForcedKey: boolean): PictureKind } {
  const gopFrames = encoder.gopSizeFrames ?? Number.POSITIVE_INFINITY;
  let [sent, sinceKey, sinceBoost, passedKeys] = [0, 0, 0, 0];
  const kindOf = (isForcedKey: boolean): PictureKind => {
    if (isForcedKey || sent === 0 || keys[passedKeys] === sent || sinceKey >= gopFrames) return 'key';
    // In front of a key frame, and of the end, there is nothing left to predict.
    const end = sent < complexities.length ? complexities.length : Number.POSITIVE_INFINITY;
    const untilKey = (keys[passedKeys] ?? end) - sent;
    return sinceBoost >= boostEvery && untilKey > boostEvery / 2 ? 'boosted' : 'plain';
  };
  return {
    next(isForcedKey) {
      const kind = kindOf(isForcedKey);
      if (keys[passedKeys] === sent) passedKeys += 1;
      sent += 1;
      sinceKey = kind === 'key' ? 1 : sinceKey + 1;
      sinceBoost = kind === 'plain' ? sinceBoost + 1 : 1;
      return kind;
    },
  };
}

/** Bits of the average for as many pictures as were looked at. */
function targetBits({ encoder, frameRate }: VideoRendition, { complexities }: LookedPictures): number {
  return (Math.max(1, complexities.length) * encoder.bitrateBps) / rationalToNumber(frameRate);
}

/** What the last pass is expected to take of all pictures at a step of 1. */
function allWeights(quantizers: FrameQuantizers, looked: LookedPictures): number {
  const weightAt = weights(quantizers, looked);
  return looked.complexities.reduce((sum, _, place) => sum + weightAt(place), 0);
}

/** The same of one picture; 0 behind the last. */
function weights(
  { lookResponse, keyWeight }: FrameQuantizers,
  { complexities, keys }: LookedPictures,
): (place: number) => number {
  const isKey = new Set(keys);
  return (place) => lookResponse * (complexities[place] ?? 0) * (isKey.has(place) ? keyWeight : 1);
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value));
}
