/**
 * Where the frame header of AV1 ends and how its tiles are laid out (AV1 bitstream specification 5.9): headers stay clear
 * under Common Encryption, tiles do not. Headers depend on those of the frames they refer to, so frames are read in order.
 */

import { skipFilmGrain, skipFilters, skipGlobalMotion } from './av1-frame-tail.ts';
import type { Av1Sequence } from './av1-sequence.ts';
import { readTiles, type TileLayout } from './av1-tile-layout.ts';
import { type HeaderBits, UnreadableHeader } from './header-bits.ts';

/** What later headers take from a frame. */
export interface Av1Reference {
  readonly frameType: number;
  readonly order: number;
  readonly upscaledWidth: number;
  readonly height: number;
  /** Differences of the quantizer by segment; null where a segment has none. */
  readonly segmentDeltas: readonly (number | null)[];
}

/** The eight places frames are kept in. */
export type Av1References = readonly (Av1Reference | null)[];

/** A header, read. */
export interface Av1FrameHeader {
  /** Null for a header that only shows a frame of before. */
  readonly tiles: TileLayout | null;
  readonly references: Av1References;
}

/** `frame_type`. */
export const frameTypes = { key: 0, inter: 1, intraOnly: 2, switching: 3 } as const;
const noPrimaryReference = 7;
const referencesPerFrame = 7;
const allFrames = 0xff;

/** What the parts of a header know of its beginning. */
export interface FrameStart {
  readonly frameType: number;
  readonly isIntra: boolean;
  readonly isShown: boolean;
  readonly isShowable: boolean;
  readonly isResilient: boolean;
  readonly allowsBlockCopy: boolean;
  readonly hasPreciseVectors: boolean;
  readonly order: number;
  /** Places of the frames it refers to. */
  readonly referenceIndexes: readonly number[];
  readonly isUpscaled: boolean;
}

/** Reads a frame header from its first bit; `layers`: temporal and spatial layer of its unit. */
export function readAv1FrameHeader(
  read: HeaderBits,
  sequence: Av1Sequence,
  known: Av1References,
  layers: { readonly temporal: number; readonly spatial: number },
): Av1FrameHeader {
  if (!sequence.isReduced && read(1) === 1) return showKnown(read, sequence, known);
  const frameType = sequence.isReduced ? frameTypes.key : read(2);
  const isIntra = frameType === frameTypes.key || frameType === frameTypes.intraOnly;
  const isShown = sequence.isReduced || read(1) === 1;
  if (!sequence.isReduced && isShown) read(sequence.presentationTimeBits);
  const isShowable = isShown ? frameType !== frameTypes.key : read(1) === 1;
  const isFresh = frameType === frameTypes.key && isShown;
  const isResilient = frameType === frameTypes.switching || isFresh || read(1) === 1;
  const skipsAdaption = read(1) === 1;
  const isScreen = (sequence.screenContent === 2 ? read(1) : sequence.screenContent) === 1;
  const hasIntegerVectors =
    isScreen && (sequence.integerVectors === 2 ? read(1) : sequence.integerVectors) === 1;
  if (sequence.frameIds !== null) read(sequence.frameIds.idBits);
  const hasOwnSize = frameType === frameTypes.switching || (!sequence.isReduced && read(1) === 1);
  const order = read(sequence.orderBits);
  const primary = isIntra || isResilient ? noPrimaryReference : read(3);
  skipRemovalTimes(read, sequence, layers);
  const refreshed = frameType === frameTypes.switching || isFresh ? allFrames : read(8);
  if ((!isIntra || refreshed !== allFrames) && isResilient) read.skip(8 * sequence.orderBits);

  let size: FrameSize;
  let allowsBlockCopy = false;
  let hasPreciseVectors = false;
  let referenceIndexes: readonly number[] = [];
  if (isIntra) {
    size = readSize(read, sequence, hasOwnSize);
    skipRenderSize(read);
    allowsBlockCopy = isScreen && size.upscaledWidth === size.width && read(1) === 1;
  } else {
    referenceIndexes = readReferences(read, sequence);
    size =
      hasOwnSize && !isResilient
        ? readSizeOfReferences(read, sequence, referenceIndexes, known)
        : readOwnSize(read, sequence, hasOwnSize);
    hasPreciseVectors = !hasIntegerVectors && read(1) === 1;
    if (read(1) === 0) read(2);
    read(1);
    if (!isResilient && sequence.hasReferenceVectors) read(1);
  }
  if (!sequence.isReduced && !skipsAdaption) read(1);
  const tiles = readTiles(read, size, sequence.isLargeBlocks);
  const start: FrameStart = {
    frameType,
    isIntra,
    isShown,
    isShowable,
    isResilient,
    allowsBlockCopy,
    hasPreciseVectors,
    order,
    referenceIndexes,
    isUpscaled: size.upscaledWidth !== size.width,
  };
  const previous = primary === noPrimaryReference ? null : (known[referenceIndexes[primary] ?? -1] ?? null);
  const segmentDeltas = skipFilters(read, sequence, start, previous, known);
  if (!isIntra && !isResilient && sequence.hasWarpedMotion) read(1);
  read(1);
  if (!isIntra) skipGlobalMotion(read, hasPreciseVectors);
  if (sequence.hasFilmGrain && (isShown || isShowable))
    skipFilmGrain(read, sequence, frameType === frameTypes.inter);
  const { upscaledWidth, height } = size;
  const made: Av1Reference = { frameType, order, upscaledWidth, height, segmentDeltas };
  return { tiles, references: refresh(known, refreshed, made) };
}

function refresh(known: Av1References, places: number, made: Av1Reference | null): Av1References {
  return Array.from({ length: 8 }, (_, place) => ((places >> place) & 1 ? made : (known[place] ?? null)));
}

/** `show_existing_frame`: a key frame that is shown late fills all places. */
function showKnown(read: HeaderBits, sequence: Av1Sequence, known: Av1References): Av1FrameHeader {
  const shown = known[read(3)] ?? null;
  read(sequence.presentationTimeBits);
  if (sequence.frameIds !== null) read(sequence.frameIds.idBits);
  const places = shown?.frameType === frameTypes.key ? allFrames : 0;
  return { tiles: null, references: refresh(known, places, shown) };
}

function skipRemovalTimes(
  read: HeaderBits,
  { removalTimeBits, operatingPoints }: Av1Sequence,
  { temporal, spatial }: { readonly temporal: number; readonly spatial: number },
): void {
  if (removalTimeBits === null || read(1) === 0) return;
  for (const { layers, hasModel } of operatingPoints) {
    const isIn = layers === 0 || ((layers >> temporal) & 1 && (layers >> (spatial + 8)) & 1);
    if (hasModel && isIn) read.skip(removalTimeBits);
  }
}

function readReferences(read: HeaderBits, sequence: Av1Sequence): readonly number[] {
  // The short form leaves the places to be derived; encoders here do not write it.
  if (sequence.orderBits > 0 && read(1) === 1) throw new UnreadableHeader('AV1 short reference signalling');
  return Array.from({ length: referencesPerFrame }, () => {
    const place = read(3);
    if (sequence.frameIds !== null) read(sequence.frameIds.deltaBits);
    return place;
  });
}

/** Width and height in luma samples; `width` is coded, `upscaledWidth` shown. */
export interface FrameSize {
  readonly width: number;
  readonly upscaledWidth: number;
  readonly height: number;
}

function readOwnSize(read: HeaderBits, sequence: Av1Sequence, hasOwnSize: boolean): FrameSize {
  const size = readSize(read, sequence, hasOwnSize);
  skipRenderSize(read);
  return size;
}

function readSize(read: HeaderBits, sequence: Av1Sequence, hasOwnSize: boolean): FrameSize {
  const width = hasOwnSize ? read(sequence.widthBits) + 1 : sequence.maxWidth;
  const height = hasOwnSize ? read(sequence.heightBits) + 1 : sequence.maxHeight;
  return readSuperResolution(read, sequence, width, height);
}

function readSizeOfReferences(
  read: HeaderBits,
  sequence: Av1Sequence,
  indexes: readonly number[],
  known: Av1References,
): FrameSize {
  for (const index of indexes) {
    if (read(1) === 0) continue;
    const reference = known[index] ?? null;
    if (reference === null) throw new UnreadableHeader('an AV1 frame without the frame it refers to');
    return readSuperResolution(read, sequence, reference.upscaledWidth, reference.height);
  }
  return readOwnSize(read, sequence, true);
}

/** `superres_params` (5.9.8): eighths of the width. */
function readSuperResolution(
  read: HeaderBits,
  { hasSuperResolution }: Av1Sequence,
  upscaledWidth: number,
  height: number,
): FrameSize {
  const eighths = hasSuperResolution && read(1) === 1 ? read(3) + 9 : 8;
  const width = Math.floor((upscaledWidth * 8 + Math.floor(eighths / 2)) / eighths);
  return { width, upscaledWidth, height };
}

function skipRenderSize(read: HeaderBits): void {
  if (read(1) === 1) read.skip(32);
}
