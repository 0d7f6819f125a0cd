/**
 * How many bytes of a slice NAL unit are header (Rec. ITU-T H.264 7.3.3): cbcs and cenc leave exactly these clear, because
 * decoders read them before they decrypt (spec drm.md 8).
 */
import { rawBytes } from '../annex-b.ts';
import { bytesWithEmulation, type HeaderBits, headerBits, UnreadableHeader } from './header-bits.ts';

/** What slice headers depend on. */
export interface H264Sets {
  readonly sequence: ReadonlyMap<number, SequenceSet>;
  readonly picture: ReadonlyMap<number, PictureSet>;
}

interface SequenceSet {
  readonly isSeparatePlanes: boolean;
  readonly chromaFormat: number;
  readonly frameNumberBits: number;
  readonly orderType: number;
  readonly orderBits: number;
  readonly isDeltaOrderZero: boolean;
  readonly isFrameOnly: boolean;
}

interface PictureSet {
  readonly sequenceId: number;
  readonly isCabac: boolean;
  readonly hasBottomOrder: boolean;
  readonly defaultReferences: readonly [number, number];
  readonly isWeighted: boolean;
  readonly weightedBipredIdc: number;
  readonly hasDeblockingControl: boolean;
  readonly hasRedundantCount: boolean;
}

/** More header than any slice has; emulation prevention counts on top. */
const headerLimitBytes = 512;

/** Reads the parameter sets among NAL units, beside those of `known`. */
export function readH264Sets(units: Iterable<Uint8Array>, known: H264Sets | null): H264Sets {
  const sequence = new Map(known?.sequence);
  const picture = new Map(known?.picture);
  for (const unit of units) {
    const type = (unit[0] ?? 0) & 31;
    if (type !== 7 && type !== 8) continue;
    const read = headerBits(rawBytes(unit, unit.length).subarray(1));
    if (type === 7) readSequenceSet(read, sequence);
    else readPictureSet(read, picture);
  }
  return { sequence, picture };
}

/** Bytes from the start of the unit through the end of its slice header. Throws UnreadableHeader for a set that is not known. */
export function h264SliceHeaderBytes(unit: Uint8Array, sets: H264Sets): number {
  const raw = rawBytes(unit, headerLimitBytes);
  const read = headerBits(raw.subarray(1));
  const header = unit[0] ?? 0;
  skipSliceHeader(read, header & 31, (header >> 5) & 3, sets);
  return bytesWithEmulation(unit, 1 + Math.ceil(read.position / 8));
}

const profilesWithChroma: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138]);

function readSequenceSet(read: HeaderBits, sets: Map<number, SequenceSet>): void {
  const profile = read(8);
  read(16);
  const id = read.unsigned();
  let chromaFormat = 1;
  let isSeparatePlanes = false;
  if (profilesWithChroma.has(profile)) {
    chromaFormat = read.unsigned();
    if (chromaFormat === 3) isSeparatePlanes = read(1) === 1;
    read.unsigned();
    read.unsigned();
    read(1);
    if (read(1) === 1) skipScalingLists(read, chromaFormat === 3 ? 12 : 8);
  }
  const frameNumberBits = read.unsigned() + 4;
  const orderType = read.unsigned();
  let orderBits = 0;
  let isDeltaOrderZero = false;
  if (orderType === 0) orderBits = read.unsigned() + 4;
  else if (orderType === 1) {
    isDeltaOrderZero = read(1) === 1;
    read.signed();
    read.signed();
    for (let n = read.unsigned(); n > 0; n -= 1) read.signed();
  }
  read.unsigned();
  read(1);
  read.unsigned();
  read.unsigned();
  const isFrameOnly = read(1) === 1;
  sets.set(id, {
    isSeparatePlanes,
    chromaFormat,
    frameNumberBits,
    orderType,
    orderBits,
    isDeltaOrderZero,
    isFrameOnly,
  });
}

function skipScalingLists(read: HeaderBits, lists: number): void {
  for (let list = 0; list < lists; list += 1) {
    if (read(1) === 0) continue;
    let last = 8;
    let next = 8;
    for (let n = 0; n < (list < 6 ? 16 : 64); n += 1) {
      if (next !== 0) next = (last + read.signed() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}

function readPictureSet(read: HeaderBits, sets: Map<number, PictureSet>): void {
  const id = read.unsigned();
  const sequenceId = read.unsigned();
  const isCabac = read(1) === 1;
  const hasBottomOrder = read(1) === 1;
  // Slice groups are in no profile that is encoded here.
  if (read.unsigned() > 0) throw new UnreadableHeader('H.264 slice groups');
  const defaultReferences = [read.unsigned() + 1, read.unsigned() + 1] as const;
  const isWeighted = read(1) === 1;
  const weightedBipredIdc = read(2);
  read.signed();
  read.signed();
  read.signed();
  const hasDeblockingControl = read(1) === 1;
  read(1);
  const hasRedundantCount = read(1) === 1;
  sets.set(id, {
    sequenceId,
    isCabac,
    hasBottomOrder,
    defaultReferences,
    isWeighted,
    weightedBipredIdc,
    hasDeblockingControl,
    hasRedundantCount,
  });
}

/** Kinds of slices by `slice_type` modulo 5 (table 7-6). */
const [slicePredicted, sliceBipredicted, sliceIntra, sliceSwitchingPredicted] = [0, 1, 2, 3];

function skipSliceHeader(read: HeaderBits, unitType: number, referenceIdc: number, sets: H264Sets): void {
  read.unsigned();
  const kind = read.unsigned() % 5;
  const picture = sets.picture.get(read.unsigned());
  const sequence = picture === undefined ? undefined : sets.sequence.get(picture.sequenceId);
  if (picture === undefined || sequence === undefined)
    throw new UnreadableHeader('a slice without its parameter sets');
  const isInstant = unitType === 5;
  if (sequence.isSeparatePlanes) read(2);
  read(sequence.frameNumberBits);
  const isField = !sequence.isFrameOnly && read(1) === 1;
  if (isField) read(1);
  if (isInstant) read.unsigned();
  if (sequence.orderType === 0) {
    read(sequence.orderBits);
    if (picture.hasBottomOrder && !isField) read.signed();
  } else if (sequence.orderType === 1 && !sequence.isDeltaOrderZero) {
    read.signed();
    if (picture.hasBottomOrder && !isField) read.signed();
  }
  if (picture.hasRedundantCount) read.unsigned();
  const isBipredicted = kind === sliceBipredicted;
  const isPredicted = kind === slicePredicted || kind === sliceSwitchingPredicted;
  if (isBipredicted) read(1);
  let [references0, references1] = picture.defaultReferences;
  if ((isPredicted || isBipredicted) && read(1) === 1) {
    references0 = read.unsigned() + 1;
    if (isBipredicted) references1 = read.unsigned() + 1;
  }
  if (kind !== sliceIntra && kind !== 4) skipReferenceChanges(read);
  if (isBipredicted) skipReferenceChanges(read);
  if ((picture.isWeighted && isPredicted) || (picture.weightedBipredIdc === 1 && isBipredicted)) {
    const hasChroma = sequence.chromaFormat !== 0 && !sequence.isSeparatePlanes;
    skipWeights(read, hasChroma, isBipredicted ? [references0, references1] : [references0]);
  }
  if (referenceIdc !== 0) skipReferenceMarking(read, isInstant);
  if (picture.isCabac && kind !== sliceIntra && kind !== 4) read.unsigned();
  read.signed();
  if (kind === sliceSwitchingPredicted || kind === 4) {
    if (kind === sliceSwitchingPredicted) read(1);
    read.signed();
  }
  if (picture.hasDeblockingControl && read.unsigned() !== 1) {
    read.signed();
    read.signed();
  }
}

function skipReferenceChanges(read: HeaderBits): void {
  if (read(1) === 0) return;
  while (read.unsigned() !== 3) read.unsigned();
}

function skipWeights(read: HeaderBits, hasChroma: boolean, lists: readonly number[]): void {
  read.unsigned();
  if (hasChroma) read.unsigned();
  for (const references of lists) {
    for (let n = 0; n < references; n += 1) {
      if (read(1) === 1) {
        read.signed();
        read.signed();
      }
      if (!hasChroma || read(1) === 0) continue;
      for (let value = 0; value < 4; value += 1) read.signed();
    }
  }
}

function skipReferenceMarking(read: HeaderBits, isInstant: boolean): void {
  if (isInstant) {
    read(2);
    return;
  }
  if (read(1) === 0) return;
  for (let operation = read.unsigned(); operation !== 0; operation = read.unsigned()) {
    if (operation === 1 || operation === 3) read.unsigned();
    if (operation === 2) read.unsigned();
    if (operation === 3 || operation === 6) read.unsigned();
    if (operation === 4) read.unsigned();
  }
}
