/**
 * Gives frames their quantizers in front of libvpx's VP8 encoder, which has one all along here: what a frame gets is a region
 * of interest over the whole picture. What a frame renews is told by its metadata (FFmpeg `libvpxenc.c`).
 */
import { AV_FRAME_DATA_REGIONS_OF_INTEREST, AV_PICTURE_TYPE_I } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { EncoderPlan, FrameQuantizers, VideoRendition } from '../plan/plan.ts';
import { type FilterChain, openFilterChain } from './filter-chain.ts';
import type { Pass } from './pass.ts';
import type { PictureQuantizer } from './picture-quantizer.ts';
import {
  createLookedPictures,
  expectedStep,
  type LookedPictures,
  lookingSteps,
  lookStep,
  type PictureKind,
  spendingSteps,
} from './picture-steps.ts';
import { acSteps, frameFlags, quantizerIndexes } from './vp8-quantizer.table.ts';

/**
 * The quantizer of the encoder itself decides what bits are worth to it: one a little finer than most pictures get suits
 * the boosted ones too. At one rate two filmed clips had 0.0002 and 0.0004 of SSIM more by it, a third 0.0014 less.
 */
const ownShare = 0.8;
/** Far above any average: the library's rate control has nothing to decide. */
const openRateBps = 50_000_000;
/**
 * Equal bounds of groups leave the encoder no key frames of its own choice, and some at their multiples (libvpx
 * `fixed_kf_cntr`): in the last pass they are where the look had them, and where this says.
 */
const neverFrames = 1_000_000_000;

type PassOfLooks = Pick<Pass, 'passNumber' | 'counters'>;

/** The encoder of a pass. */
export function quantizedEncoder(
  pass: PassOfLooks,
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
): EncoderPlan {
  const { encoder } = rendition;
  const own = `${ownQuantizer(pass, rendition, quantizers)}`;
  const ofPass = isLook(pass)
    ? // Threads that wait for one another cost more than they save where little is done.
      { threads: 1, options: { ...encoder.options, ...quantizers.lookOptions, qmin: own, qmax: own } }
    : {
        gopSizeFrames: neverFrames,
        options: { ...encoder.options, keyint_min: `${neverFrames}`, qmin: own, qmax: own },
      };
  return { ...encoder, bitrateBps: openRateBps, maxBitrateBps: 0, bufferSizeBits: 0, ...ofPass };
}

/** What the encoder has all along, in the interface's quantizers. */
function ownQuantizer(pass: PassOfLooks, rendition: VideoRendition, quantizers: FrameQuantizers): number {
  const step = isLook(pass)
    ? lookStep
    : ownShare * expectedStep(rendition, quantizers, lookedOf(pass, rendition));
  return nearest(
    quantizerIndexes.map((index) => acSteps[index] ?? 0),
    step,
  );
}

/** Marks the frames of one encode. */
export function createFrameQuantizer(
  pass: PassOfLooks,
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
): PictureQuantizer {
  const isLast = !isLook(pass);
  const looked = lookedOf(pass, rendition);
  const ownIndex = quantizerIndexes[ownQuantizer(pass, rendition, quantizers)] ?? 0;
  const steps = isLast ? spendingSteps(rendition, quantizers, looked) : lookingSteps(rendition, looked);
  const flagging = createFlagging(rendition);
  return {
    mark(frame) {
      const { kind, step } = steps.next(frame.pictType === AV_PICTURE_TYPE_I);
      if (kind === 'key') frame.pictType = AV_PICTURE_TYPE_I;
      setOffset(frame, offsetOf(step, ownIndex));
      if (isLast) flagging.mark(frame, flagsOf[kind]);
    },
    prepare: () => {},
    add: ({ size, isKeyframe }) => steps.add(size * 8, isKeyframe),
    free: () => flagging.free(),
  };
}

function isLook({ passNumber }: PassOfLooks): boolean {
  return passNumber === 1;
}

/** What the look finds is kept for the last pass: a rendition is looked at once. */
function lookedOf({ counters: { lookedPictures } }: PassOfLooks, { id }: VideoRendition): LookedPictures {
  const looked = lookedPictures.get(id) ?? createLookedPictures();
  lookedPictures.set(id, looked);
  return looked;
}

/**
 * Pictures may be predicted from a boosted one until the next: it goes into both long references, as the library renews the
 * golden one by itself too, whatever a frame says.
 */
const flagsOf: Readonly<Record<PictureKind, number>> = {
  key: 0,
  boosted: frameFlags.renewGolden | frameFlags.renewAlternate,
  plain: frameFlags.keepGolden | frameFlags.keepAlternate,
};

interface Flagging {
  mark(frame: Frame, flags: number): void;
  free(): void;
}

/** The binding writes no metadata of frames: filters do. */
function createFlagging({ frameRate, sampleAspectRatio }: VideoRendition): Flagging {
  const chains = new Map<string, FilterChain>();
  const chainFor = (frame: Frame, flags: number): FilterChain => {
    const key = [flags, frame.colorSpace, frame.colorRange].join();
    const open = chains.get(key);
    if (open !== undefined) return open;
    const { width: widthPx, height: heightPx, format, colorSpace, colorRange } = frame;
    const shape = {
      kind: 'video',
      widthPx,
      heightPx,
      format,
      sampleAspectRatio,
      colorSpace,
      colorRange,
    } as const;
    const source = { ...shape, timeBase: { num: frameRate.den, den: frameRate.num } };
    const chain = openFilterChain([source], `[in0]metadata=mode=add:key=vp8-flags:value=${flags}[out]`, 1);
    chains.set(key, chain);
    return chain;
  };
  return {
    mark(frame, flags) {
      if (flags === 0) return;
      const chain = chainFor(frame, flags);
      chain.pushNow(0, frame);
      if (!chain.pull(frame)) throw new RangeError('a filter of metadata keeps no frames');
    },
    free() {
      for (const chain of chains.values()) chain.free();
    },
  };
}

/** `AVRegionOfInterest` in bytes. */
const regionBytes = 28;
/** What an offset of 1 means to the encoder. */
const mostOffset = 63;

/** Offsets are in the interface's quantizers, -63 to 63. */
function setOffset(frame: Frame, offset: number): void {
  frame.removeSideData(AV_FRAME_DATA_REGIONS_OF_INTEREST);
  const region = frame.newSideData(AV_FRAME_DATA_REGIONS_OF_INTEREST, regionBytes);
  // The encoder cuts fractions off: a tenth more stays the same whole number.
  const tenths = 10 * offset + Math.sign(offset);
  // Its size, top, bottom, left, right, and a rational number of -1 to 1.
  const members = [regionBytes, 0, frame.height, 0, frame.width, tenths, 10 * mostOffset];
  for (const [place, value] of members.entries()) region.writeInt32LE(value, 4 * place);
}

/** How far, in the interface's quantizers, a step is from a quantizer index. */
function offsetOf(step: number, ownIndex: number): number {
  const distance = nearest(acSteps, step) - ownIndex;
  return Math.sign(distance) * nearest(quantizerIndexes, Math.abs(distance));
}

function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  for (const [place, value] of values.entries())
    if (Math.abs(value - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = place;
  return best;
}
