/**
 * Gives frames their quantizers in front of libvpx's encoders, by what a look found of them. What a frame renews is told by
 * its metadata (FFmpeg `libvpxenc.c`).
 */
import { AV_PICTURE_TYPE_I } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { EncoderPlan, VideoRendition } from '../plan/plan.ts';
import type { FrameQuantizers, FrameRole } from '../plan/rate-plan.ts';
import { type FilterChain, openFilterChain } from './filter-chain.ts';
import { createFrameSteps, stepOptions } from './frame-steps.ts';
import type { Pass } from './pass.ts';
import type { PictureQuantizer } from './picture-quantizer.ts';
import {
  createLookedPictures,
  expectedStep,
  type LookedPictures,
  lookingSteps,
  spendingSteps,
} from './picture-steps.ts';
import { frameFlags, scaleOf } from './vpx-quantizer.table.ts';

/**
 * The quantizer of VP8's encoder itself decides what bits are worth to it: one a little finer than most pictures get suits
 * the boosted ones too. At one rate two filmed clips had 0.0002 and 0.0004 of SSIM more by it, a third 0.0014 less.
 */
const ownShare = 0.8;
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
  const { options, ...rates } = stepOptions(encoder, ownStep(pass, rendition, quantizers));
  const ofPass = isLook(pass)
    ? // Threads that wait for one another cost more than they save where little is done.
      { threads: 1, options: { ...encoder.options, ...quantizers.lookOptions, ...options } }
    : {
        gopSizeFrames: neverFrames,
        options: { ...encoder.options, keyint_min: `${neverFrames}`, ...options },
      };
  return { ...encoder, ...rates, ...ofPass };
}

/** What the encoder has all along. */
function ownStep(pass: PassOfLooks, rendition: VideoRendition, quantizers: FrameQuantizers): number {
  return isLook(pass)
    ? scaleOf(rendition.encoder.codec).firstStep
    : ownShare * expectedStep(rendition, quantizers, lookedOf(pass, rendition));
}

/** Marks the frames of one encode. */
export function createFrameQuantizer(
  pass: PassOfLooks,
  rendition: VideoRendition,
  quantizers: FrameQuantizers,
): PictureQuantizer {
  const isLast = !isLook(pass);
  const looked = lookedOf(pass, rendition);
  const steps = isLast ? spendingSteps(rendition, quantizers, looked) : lookingSteps(rendition, looked);
  const given = createFrameSteps(rendition.encoder, ownStep(pass, rendition, quantizers));
  const flagging = createFlagging(rendition);
  return {
    mark(frame) {
      const { kind, step } = steps.next(frame.pictType === AV_PICTURE_TYPE_I);
      if (kind === 'key') frame.pictType = AV_PICTURE_TYPE_I;
      given.give(frame, step);
      if (isLast) flagging.mark(frame, flagsOf(rendition.encoder, kind));
    },
    prepare: given.prepare,
    add: (packet) => steps.add(packet.size * 8, packet.isKeyframe, given.codedStep(packet)),
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
 * Pictures may be predicted from a boosted one until the next. In VP8 it goes into both long references, as the library renews
 * the golden one by itself too, whatever a frame says; in VP9 the other one keeps the key frame.
 */
function flagsOf({ codec }: EncoderPlan, kind: FrameRole): number {
  if (kind === 'key') return 0;
  if (kind === 'plain') return frameFlags.keepGolden | frameFlags.keepAlternate;
  return codec === 'VP8' ? frameFlags.renewGolden | frameFlags.renewAlternate : frameFlags.keepAlternate;
}

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
