/**
 * How many bytes of an H.265 slice segment are header (Rec. ITU-T H.265 7.3.6): they stay clear under Common Encryption,
 * because decoders read them before they decrypt (ISO/IEC 23001-7 10; spec drm.md 8). Entry points of rows and tiles make
 * them hundreds of bytes long.
 */
import { rawBytes } from '../annex-b.ts';
import {
  bitsFor,
  type H265Picture,
  type H265Sequence,
  type H265Sets,
  readShortTermSet,
} from './h265-sets.ts';
import { bytesWithEmulation, type HeaderBits, headerBits, UnreadableHeader } from './header-bits.ts';

/** More header than any slice has: an entry point for each row of 8K in the smallest blocks, 4 bytes each, and weights. */
const headerLimitBytes = 4096;
/** NAL unit types of pictures at which decoding may begin, and of those that refer to nothing (table 7-1). */
const [firstRandomAccess, lastRandomAccess] = [16, 23];
const instantRefreshes: ReadonlySet<number> = new Set([19, 20]);
/** `slice_type` (table 7-7). */
const [bipredicted, predicted] = [0, 1];

/**
 * Bytes from the start of the unit through the end of its header, alignment included. Throws UnreadableHeader for
 * parameter sets that are not known, and for other layers.
 */
export function h265SliceHeaderBytes(unit: Uint8Array, sets: H265Sets): number {
  const type = ((unit[0] ?? 0) >> 1) & 63;
  const layer = (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3);
  if (layer !== 0) throw new UnreadableHeader(`H.265 layer ${layer}`);
  const read = headerBits(rawBytes(unit, headerLimitBytes).subarray(2));
  skipSegmentHeader(read, type, sets);
  // `byte_alignment`: a one and zeros.
  return bytesWithEmulation(unit, 2 + Math.floor(read.position / 8) + 1);
}

function skipSegmentHeader(read: HeaderBits, type: number, sets: H265Sets): void {
  const isFirst = read(1) === 1;
  if (type >= firstRandomAccess && type <= lastRandomAccess) read(1);
  const picture = sets.picture.get(read.unsigned());
  const sequence = picture === undefined ? undefined : sets.sequence.get(picture.sequenceId);
  if (picture === undefined || sequence === undefined)
    throw new UnreadableHeader('a slice without its parameter sets');
  const isDependent = !isFirst && picture.hasDependentSegments && read(1) === 1;
  if (!isFirst) read(sequence.addressBits);
  if (!isDependent) skipSliceHeader(read, type, sequence, picture);
  if (picture.hasEntryPoints) {
    const points = read.unsigned();
    if (points > 0) read.skip(points * (read.unsigned() + 1));
  }
  if (picture.hasExtension) read.skip(8 * read.unsigned());
}

function skipSliceHeader(read: HeaderBits, type: number, sequence: H265Sequence, picture: H265Picture): void {
  read(picture.extraBits);
  const kind = read.unsigned();
  if (picture.hasOutputFlag) read(1);
  if (sequence.isSeparatePlanes) read(2);
  const { references, hasTemporalVectors } = instantRefreshes.has(type)
    ? { references: 0, hasTemporalVectors: false }
    : readReferenceSets(read, sequence);
  const hasChroma = sequence.chromaArrayType !== 0;
  let isOffset = false;
  if (sequence.hasAdaptiveOffset) {
    isOffset = read(1) === 1;
    if (hasChroma && read(1) === 1) isOffset = true;
  }
  if (kind === predicted || kind === bipredicted)
    skipPrediction(read, kind, references, hasTemporalVectors, hasChroma, picture);
  read.signed();
  if (picture.hasChromaOffsets) {
    read.signed();
    read.signed();
  }
  if (picture.hasChromaOffsetLists) read(1);
  let isDeblockingDisabled = picture.isDeblockingDisabled;
  if (picture.hasDeblockingOverride && read(1) === 1) {
    isDeblockingDisabled = read(1) === 1;
    if (!isDeblockingDisabled) {
      read.signed();
      read.signed();
    }
  }
  if (picture.crossesSlices && (isOffset || !isDeblockingDisabled)) read(1);
}

/** Pictures that this one may refer to (`NumPicTotalCurr`), and whether it takes vectors from one of them. */
function readReferenceSets(
  read: HeaderBits,
  sequence: H265Sequence,
): { readonly references: number; readonly hasTemporalVectors: boolean } {
  const { shortTermSets, longTermUsed, orderBits } = sequence;
  read(orderBits);
  const shortTerm =
    read(1) === 0
      ? readShortTermSet(read, shortTermSets, true)
      : (shortTermSets[read(bitsFor(shortTermSets.length))] ?? []);
  let references = shortTerm.filter(({ isUsed }) => isUsed).length;
  if (sequence.hasLongTerm) {
    const listed = longTermUsed.length > 0 ? read.unsigned() : 0;
    const count = listed + read.unsigned();
    for (let n = 0; n < count; n += 1) {
      if (n < listed) references += longTermUsed[read(bitsFor(longTermUsed.length))] === true ? 1 : 0;
      else {
        read(orderBits);
        references += read(1);
      }
      if (read(1) === 1) read.unsigned();
    }
  }
  return { references, hasTemporalVectors: sequence.hasTemporalVectors && read(1) === 1 };
}

function skipPrediction(
  read: HeaderBits,
  kind: number,
  references: number,
  hasTemporalVectors: boolean,
  hasChroma: boolean,
  picture: H265Picture,
): void {
  const isBipredicted = kind === bipredicted;
  let lists: number[] = picture.defaultReferences.slice(0, isBipredicted ? 2 : 1);
  if (read(1) === 1) lists = lists.map(() => read.unsigned() + 1);
  if (picture.hasListChanges && references > 1)
    for (const length of lists) if (read(1) === 1) read.skip(length * bitsFor(references));
  if (isBipredicted) read(1);
  if (picture.hasCabacInit) read(1);
  if (hasTemporalVectors) {
    const list = isBipredicted && read(1) === 0 ? 1 : 0;
    if ((lists[list] ?? 1) > 1) read.unsigned();
  }
  if (isBipredicted ? picture.isBipredWeighted : picture.isWeighted) skipWeights(read, hasChroma, lists);
  read.unsigned();
}

/** `pred_weight_table` (7.3.6.3): flags of a list come before its weights. */
function skipWeights(read: HeaderBits, hasChroma: boolean, lists: readonly number[]): void {
  read.unsigned();
  if (hasChroma) read.signed();
  for (const length of lists) {
    const luma = Array.from({ length }, () => read(1));
    const chroma = Array.from({ length }, () => (hasChroma ? read(1) : 0));
    for (let n = 0; n < length; n += 1) {
      const values = 2 * (luma[n] ?? 0) + 4 * (chroma[n] ?? 0);
      for (let value = 0; value < values; value += 1) read.signed();
    }
  }
}
