/**
 * The quantizer steps of pictures where the library hands no statistics from one pass to another (VP8, VP9 through the binding).
 * A fast look finds what the pictures take; the last pass spends the average on them at one step, corrected slowly, with
 * finer ones for key frames, at cuts, and for the picture of every group that the others of it are predicted from.
 */
import { rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan, VideoRendition } from '../plan/plan.ts';
import type { FrameQuantizers, FrameRole } from '../plan/rate-plan.ts';
import { scaleOf } from './vpx-quantizer.table.ts';

/** What a look found, in the order of the pictures. */
export interface LookedPictures {
  /** Bits of each at a step of 1, as if they went by a power of the step. */
  readonly complexities: number[];
  /** Places of the key frames. */
  readonly keys: number[];
  /** Where something is new in a picture, by what they take. */
  readonly news: number[];
}

/** The steps of one pass, picture by picture. */
export interface PictureSteps {
  next(isForcedKey: boolean): { readonly kind: FrameRole; readonly step: number };
  /** Counts what a picture became, in the order of `next`. `codedStep`: null where it is the one that it was given. */
  add(bits: number, isKey: boolean, codedStep: number | null): void;
}

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
  return { complexities: [], keys: [], news: [] };
}

/** A look adds to `looked` what it finds. It comes to the average by itself: what it finds is then near what is wanted. */
export function lookingSteps(
  { encoder, frameRate }: VideoRendition,
  { complexities, keys, news }: LookedPictures,
): PictureSteps {
  const target = encoder.bitrateBps / rationalToNumber(frameRate);
  const { steps, firstStep } = stepsOf(encoder);
  let step = firstStep;
  let ofOthers: number | null = null;
  return {
    next: () => ({ kind: 'plain', step }),
    add(bits, isKey, codedStep) {
      const complexity = bits * (codedStep ?? step);
      if (isKey) keys.push(complexities.length);
      complexities.push(complexity);
      // Those behind a picture tell, too, whether it is one.
      const place = complexities.length - 1 - reach;
      if (isNew(complexities, place)) news.push(place);
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
  const all = allWeights(rendition, quantizers, looked);
  const { steps, firstStep } = stepsOf(rendition.encoder);
  return all === 0 ? firstStep : within(steps, all / targetBits(rendition, looked));
}

/** The last pass: one step for all that is left, by what was expected of the pictures so far and what they took. */
export function spendingSteps(
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
  looked: LookedPictures,
): PictureSteps {
  const expected = expectedStep(rendition, quantizers, looked);
  const all = allWeights(rendition, quantizers, looked);
  const bits = targetBits(rendition, looked);
  const correctable = { least: expected / mostCorrection, most: expected * mostCorrection };
  const kinds = followKinds(rendition.encoder, quantizers, looked);
  const weightAt = weights(rendition, quantizers, looked);
  const { steps } = stepsOf(rendition.encoder);
  /** Pictures that are not counted yet. */
  const pending: { readonly step: number; readonly share: number }[] = [];
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
      pending.push({ step, share });
      section.next();
      return { kind, step };
    },
    add(made, _isKey, codedStep) {
      const { step, share } = pending.shift() ?? { step: expected, share: 1 };
      told += weightAt(coded);
      // As if it were plain.
      taken += (made * (codedStep ?? step)) / share;
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
  { gopSizeFrames }: EncoderPlan,
  { boostEvery, findsNew }: FrameQuantizers,
  looked: LookedPictures,
): { next(isForcedKey: boolean): FrameRole } {
  const { complexities, keys } = looked;
  const gopFrames = gopSizeFrames ?? Number.POSITIVE_INFINITY;
  const ofNew = findsNew ? newKinds(looked) : null;
  let [sent, sinceKey, sinceBoost, passedKeys] = [0, 0, 0, 0];
  const kindOf = (isForcedKey: boolean): FrameRole => {
    if (isForcedKey || sent === 0 || keys[passedKeys] === sent || sinceKey >= gopFrames) return 'key';
    const kind = ofNew?.get(sent);
    if (kind === 'cut' || kind === 'still') return kind;
    // In front of a key frame, and of the end, there is nothing left to predict.
    const end = sent < complexities.length ? complexities.length : Number.POSITIVE_INFINITY;
    const untilKey = (keys[passedKeys] ?? end) - sent;
    // Sources whose pictures take more and less in turns have something new all the time.
    const least = kind === 'boosted' ? boostEvery / 2 : boostEvery;
    return sinceBoost >= least && untilKey > boostEvery / 2 ? 'boosted' : 'plain';
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

/**
 * A picture takes so many times what is usual for those behind it, and in front of it, where something in it is new: a change of
 * light, a caption that comes. At a cut it takes more.
 */
const newFactors = { behind: 1.4, infront: 1.5 } as const;
const cutFactor = 3;
const reach = 5;
/** Where those behind take less than this of what plain pictures do, little changes. */
const stillShare = 0.65;

/** True where something is new in a picture, and stays. */
function isNew(complexities: readonly number[], place: number): boolean {
  // The first is a key frame.
  if (place <= reach) return false;
  const complexity = complexities[place] ?? 0;
  const infront = median(complexities.slice(place - reach, place));
  return (
    complexity > newFactors.behind * usualBehind(complexities, place) &&
    complexity > newFactors.infront * infront
  );
}

/** What the pictures are in which something is new, by their places. */
function newKinds({ complexities, keys, news }: LookedPictures): ReadonlyMap<number, FrameRole> {
  const others = new Set([...keys, ...news]);
  const plain = complexities.filter((_, place) => !others.has(place));
  const average = plain.reduce((sum, complexity) => sum + complexity, 0) / plain.length;
  const kindOf = (place: number): FrameRole => {
    const behind = usualBehind(complexities, place);
    if (behind < stillShare * average) return 'still';
    return (complexities[place] ?? 0) > cutFactor * behind ? 'cut' : 'boosted';
  };
  return new Map(news.map((place) => [place, kindOf(place)]));
}

/** The one behind a picture may be much itself. */
function usualBehind(complexities: readonly number[], place: number): number {
  const behind = complexities.slice(place + 1, place + 1 + reach);
  return Math.max(median(behind), behind[0] ?? 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}

/** Bits of the average for as many pictures as were looked at. */
function targetBits({ encoder, frameRate }: VideoRendition, { complexities }: LookedPictures): number {
  return (Math.max(1, complexities.length) * encoder.bitrateBps) / rationalToNumber(frameRate);
}

/** What the last pass is expected to take of all pictures at a step of 1. */
function allWeights(rendition: VideoRendition, quantizers: FrameQuantizers, looked: LookedPictures): number {
  const weightAt = weights(rendition, quantizers, looked);
  return looked.complexities.reduce((sum, _, place) => sum + weightAt(place), 0);
}

/** The same of one picture, as what it will be; 0 behind the last. */
function weights(
  { encoder }: Pick<VideoRendition, 'encoder'>,
  quantizers: FrameQuantizers,
  looked: LookedPictures,
): (place: number) => number {
  const kinds = followKinds(encoder, quantizers, looked);
  // Where the job wants key frames the look had them.
  const expected = looked.complexities.map(
    (complexity) => quantizers.lookResponses[kinds.next(false)] * complexity,
  );
  return (place) => expected[place] ?? 0;
}

/** Finest and coarsest step of the codec, and the one to begin with. */
function stepsOf({ codec }: EncoderPlan): {
  readonly steps: { readonly least: number; readonly most: number };
  readonly firstStep: number;
} {
  const { acSteps, quantizerIndexes, finestQuantizer, firstStep } = scaleOf(codec);
  const least = acSteps[quantizerIndexes[finestQuantizer] ?? 0] ?? 1;
  return { steps: { least, most: acSteps.at(-1) ?? 1 }, firstStep };
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value));
}
