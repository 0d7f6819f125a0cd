/** Gives the pictures of an encode their quantizers, by what a look found of them, where the library's own passes are out of reach. */
import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { EncoderPlan, VideoRendition } from '../plan/plan.ts';
import { allocatedEncoder, createAllocatedQuantizer } from './allocated-encoder.ts';
import { createFrameQuantizer, quantizedEncoder } from './frame-quantizer.ts';
import type { Pass } from './pass.ts';

/** Follows one encode. Its owner frees it. */
export interface PictureQuantizer {
  /** Marks the next frame on its way into the encoder. Throws LibraryError. */
  mark(frame: Frame): void;
  /** Told in front of each call in which the encoder may code a picture. Throws LibraryError. */
  prepare(encoder: CodecContext): void;
  /** Counts what a picture became, in coding order. */
  add(packet: Packet): void;
  free(): void;
}

type PassOfLooks = Pick<Pass, 'passNumber' | 'counters'>;

/** The encoder of a pass; null: its pictures are given no quantizers. */
export function encoderOfQuantizer(pass: PassOfLooks, rendition: VideoRendition): EncoderPlan | null {
  const { quantizers, allocation } = rendition.encoder;
  if (quantizers !== undefined) return quantizedEncoder(pass, rendition, quantizers);
  return allocation === undefined ? null : allocatedEncoder(pass, rendition.encoder, allocation);
}

/** null: the encoder chooses its quantizers. */
export function createPictureQuantizer(
  pass: PassOfLooks,
  rendition: VideoRendition,
): PictureQuantizer | null {
  const { quantizers, allocation } = rendition.encoder;
  if (quantizers !== undefined) return createFrameQuantizer(pass, rendition, quantizers);
  return allocation === undefined ? null : createAllocatedQuantizer(pass, rendition, allocation);
}
