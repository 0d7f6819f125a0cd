/** The part of AV1 frame headers behind the tiles: quantizers, segments, filters, motion, grain (specification 5.9.12 on). */
import type { Av1Reference, Av1References, FrameStart } from './av1-frame-header.ts';
import type { Av1Sequence } from './av1-sequence.ts';
import { readEven } from './av1-tile-layout.ts';
import { type HeaderBits, UnreadableHeader } from './header-bits.ts';

const segments = 8;
/** Bits of the features of a segment, and which of them have a sign (section 3, Segmentation_Feature_*). */
const featureBits = [8, 6, 6, 6, 6, 3, 0, 0] as const;
const signedFeatures = 5;
/** Bits of a number with a sign that replaces or moves a value (`su(1 + 6)`). */
const deltaBits = 7;

/** Reads from the quantizer to the choice of references; the differences by segment are what later frames take over. */
export function skipFilters(
  read: HeaderBits,
  sequence: Av1Sequence,
  start: FrameStart,
  previous: Av1Reference | null,
  known: Av1References,
): readonly (number | null)[] {
  const { isMonochrome } = sequence;
  const quantizer = read(8);
  const hasDeltas = readQuantizerDeltas(read, sequence);
  const segmentDeltas = readSegments(read, previous);
  const hasBlockDeltas = quantizer > 0 && read(1) === 1;
  if (hasBlockDeltas) {
    read(2);
    if (!start.allowsBlockCopy && read(1) === 1) read(3);
  }
  const isLossless =
    !hasDeltas && segmentDeltas.every((delta) => Math.min(255, Math.max(0, quantizer + (delta ?? 0))) === 0);
  const isFiltered = !isLossless && !start.allowsBlockCopy;
  if (isFiltered) skipDeblocking(read, isMonochrome);
  if (isFiltered && sequence.hasDirectionalFilter) skipDirectionalFilter(read, isMonochrome);
  const isExact = isLossless && !start.isUpscaled;
  if (!isExact && !start.allowsBlockCopy && sequence.hasRestoration) skipRestoration(read, sequence);
  if (!isLossless) read(1);
  const isCompound = !start.isIntra && read(1) === 1;
  if (isCompound && allowsSkipMode(sequence, start, known)) read(1);
  return segmentDeltas;
}

/** True when a plane's quantizer differs from the frame's. */
function readQuantizerDeltas(read: HeaderBits, { isMonochrome, hasSeparateDeltas }: Av1Sequence): boolean {
  const delta = (): boolean => read(1) === 1 && read(deltaBits) !== 0;
  const deltas = [delta()];
  if (!isMonochrome) {
    const isSeparate = hasSeparateDeltas && read(1) === 1;
    for (let n = 0; n < (isSeparate ? 4 : 2); n += 1) deltas.push(delta());
  }
  if (read(1) === 1) read(hasSeparateDeltas ? 12 : 8);
  return deltas.includes(true);
}

function readSegments(read: HeaderBits, previous: Av1Reference | null): readonly (number | null)[] {
  const none = Array.from({ length: segments }, () => null);
  if (read(1) === 0) return none;
  if (previous !== null) {
    if (read(1) === 1) read(1);
    if (read(1) === 0) return previous.segmentDeltas;
  }
  return none.map(() => {
    let delta: number | null = null;
    featureBits.forEach((bits, feature) => {
      if (read(1) === 0) return;
      const isNegative = feature < signedFeatures && read(1) === 1;
      const value = read(bits) - (isNegative ? 2 ** bits : 0);
      if (feature === 0) delta = value;
    });
    return delta;
  });
}

function skipDeblocking(read: HeaderBits, isMonochrome: boolean): void {
  const levels = read(6) + read(6);
  if (!isMonochrome && levels > 0) read(12);
  read(3);
  if (read(1) === 0 || read(1) === 0) return;
  // Differences of eight reference frames and two modes.
  for (let n = 0; n < 10; n += 1) if (read(1) === 1) read(deltaBits);
}

function skipDirectionalFilter(read: HeaderBits, isMonochrome: boolean): void {
  read(2);
  read.skip((isMonochrome ? 6 : 12) * 2 ** read(2));
}

function skipRestoration(read: HeaderBits, sequence: Av1Sequence): void {
  const planes = Array.from({ length: sequence.isMonochrome ? 1 : 3 }, () => read(2) !== 0);
  if (!planes.includes(true)) return;
  if (read(1) === 1 && !sequence.isLargeBlocks) read(1);
  if (sequence.isHalved && planes.slice(1).includes(true)) read(1);
}

/** Whether there are a nearest frame before and one after it, or two before (5.9.22). */
function allowsSkipMode({ orderBits }: Av1Sequence, start: FrameStart, known: Av1References): boolean {
  if (orderBits === 0) return false;
  const half = 2 ** (orderBits - 1);
  const distances = start.referenceIndexes.map((index) => {
    const reference = known[index] ?? null;
    if (reference === null) throw new UnreadableHeader('an AV1 frame without the frame it refers to');
    return ((reference.order - start.order + half) & (2 * half - 1)) - half;
  });
  const before = new Set(distances.filter((distance) => distance < 0));
  return before.size > 0 && (distances.some((distance) => distance > 0) || before.size > 1);
}

/** Kinds of motion by how many parameters they have; the first two move without turning. */
const preciseMotion = { turnBits: 12, moveBits: 12, plainMoveBits: 9 } as const;

/** `global_motion_params`: how much is read does not depend on what earlier frames said. */
export function skipGlobalMotion(read: HeaderBits, hasPreciseVectors: boolean): void {
  const { turnBits, moveBits, plainMoveBits } = preciseMotion;
  for (let reference = 0; reference < 7; reference += 1) {
    if (read(1) === 0) continue;
    const isTurned = read(1) === 1;
    const isMoved = !isTurned && read(1) === 1;
    const turns = isTurned ? 2 : isMoved ? 0 : 4;
    for (let n = 0; n < turns; n += 1) skipDifference(read, turnBits);
    for (let n = 0; n < 2; n += 1)
      skipDifference(read, isMoved ? plainMoveBits - (hasPreciseVectors ? 0 : 1) : moveBits);
  }
}

/** `decode_signed_subexp_with_ref` (5.9.26) of values up to 2^`bits`, from `decode_subexp`. */
function skipDifference(read: HeaderBits, bits: number): void {
  const values = 2 * 2 ** bits + 1;
  let least = 0;
  for (let step = 0; ; step += 1) {
    const width = step === 0 ? 3 : step + 2;
    if (values <= least + 3 * 2 ** width) {
      readEven(read, values - least);
      return;
    }
    if (read(1) === 0) {
      read(width);
      return;
    }
    least += 2 ** width;
  }
}

/** `film_grain_params`. */
export function skipFilmGrain(read: HeaderBits, sequence: Av1Sequence, isInter: boolean): void {
  if (read(1) === 0) return;
  read(16);
  if (isInter && read(1) === 0) {
    read(3);
    return;
  }
  const readPoints = (): number => {
    const points = read(4);
    read.skip(16 * points);
    return points;
  };
  const luma = readPoints();
  const followsLuma = !sequence.isMonochrome && read(1) === 1;
  const hasNoChroma = sequence.isMonochrome || followsLuma || (sequence.isHalved && luma === 0);
  const blue = hasNoChroma ? 0 : readPoints();
  const red = hasNoChroma ? 0 : readPoints();
  read(2);
  const lag = read(2);
  const lumaCoefficients = 2 * lag * (lag + 1);
  const chromaCoefficients = lumaCoefficients + (luma > 0 ? 1 : 0);
  if (luma > 0) read.skip(8 * lumaCoefficients);
  for (const points of [blue, red]) if (followsLuma || points > 0) read.skip(8 * chromaCoefficients);
  read(4);
  for (const points of [blue, red]) if (points > 0) read(25);
  read(2);
}
