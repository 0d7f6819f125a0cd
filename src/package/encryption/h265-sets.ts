/** What slice segment headers of H.265 depend on: sequence and picture parameter sets (Rec. ITU-T H.265 7.3.2). */
import { rawBytes } from '../annex-b.ts';
import { type HeaderBits, headerBits, UnreadableHeader } from './header-bits.ts';

/** Known parameter sets by id. */
export interface H265Sets {
  readonly sequence: ReadonlyMap<number, H265Sequence>;
  readonly picture: ReadonlyMap<number, H265Picture>;
}

/** Pictures before and after that a picture refers to, by distance in output order; `isUsed`: by this picture itself. */
export type ShortTermSet = readonly { readonly delta: number; readonly isUsed: boolean }[];

/** Of a sequence parameter set. */
export interface H265Sequence {
  readonly isSeparatePlanes: boolean;
  /** 0: pictures have no chroma that is coded with the luma. */
  readonly chromaArrayType: number;
  readonly addressBits: number;
  readonly orderBits: number;
  readonly hasAdaptiveOffset: boolean;
  readonly shortTermSets: readonly ShortTermSet[];
  readonly hasLongTerm: boolean;
  /** Whether the current picture uses each long-term picture that the set lists. */
  readonly longTermUsed: readonly boolean[];
  readonly hasTemporalVectors: boolean;
}

/** Of a picture parameter set. */
export interface H265Picture {
  readonly sequenceId: number;
  readonly hasDependentSegments: boolean;
  readonly hasOutputFlag: boolean;
  readonly extraBits: number;
  readonly hasCabacInit: boolean;
  readonly defaultReferences: readonly [number, number];
  readonly hasChromaOffsets: boolean;
  readonly isWeighted: boolean;
  readonly isBipredWeighted: boolean;
  readonly hasEntryPoints: boolean;
  readonly crossesSlices: boolean;
  readonly hasDeblockingOverride: boolean;
  readonly isDeblockingDisabled: boolean;
  readonly hasListChanges: boolean;
  readonly hasExtension: boolean;
  readonly hasChromaOffsetLists: boolean;
}

/** NAL unit types of the sets (table 7-1). */
const [sequenceType, pictureType] = [33, 34];
/** Profiles whose slice headers have more: multiview, scalable, 3D, screen content (Annexes A.3.7, F to I). */
const otherProfiles: ReadonlySet<number> = new Set([6, 7, 8, 9, 10, 11]);

/** Reads the sets among NAL units, beside those of `known`. Throws UnreadableHeader for profiles with other headers. */
export function readH265Sets(units: Iterable<Uint8Array>, known: H265Sets | null): H265Sets {
  const sequence = new Map(known?.sequence);
  const picture = new Map(known?.picture);
  for (const unit of units) {
    const type = ((unit[0] ?? 0) >> 1) & 63;
    if (type !== sequenceType && type !== pictureType) continue;
    const read = headerBits(rawBytes(unit, unit.length).subarray(2));
    if (type === sequenceType) readSequence(read, sequence);
    else readPicture(read, picture);
  }
  return { sequence, picture };
}

function readSequence(read: HeaderBits, sets: Map<number, H265Sequence>): void {
  read(4);
  const subLayers = read(3);
  read(1);
  skipProfile(read, subLayers);
  const id = read.unsigned();
  const chromaFormat = read.unsigned();
  const isSeparatePlanes = chromaFormat === 3 && read(1) === 1;
  const [width, height] = [read.unsigned(), read.unsigned()];
  if (read(1) === 1) for (let edge = 0; edge < 4; edge += 1) read.unsigned();
  read.unsigned();
  read.unsigned();
  const orderBits = read.unsigned() + 4;
  for (let layer = read(1) === 1 ? 0 : subLayers; layer <= subLayers; layer += 1)
    for (let value = 0; value < 3; value += 1) read.unsigned();
  const smallest = read.unsigned() + 3;
  const blockBits = smallest + read.unsigned();
  for (let value = 0; value < 4; value += 1) read.unsigned();
  if (read(1) === 1 && read(1) === 1) skipScalingLists(read);
  read(1);
  const hasAdaptiveOffset = read(1) === 1;
  if (read(1) === 1) {
    read(8);
    read.unsigned();
    read.unsigned();
    read(1);
  }
  const shortTermSets: ShortTermSet[] = [];
  for (let count = read.unsigned(); shortTermSets.length < count; )
    shortTermSets.push(readShortTermSet(read, shortTermSets, false));
  const hasLongTerm = read(1) === 1;
  const longTermUsed = Array.from({ length: hasLongTerm ? read.unsigned() : 0 }, () => {
    read(orderBits);
    return read(1) === 1;
  });
  sets.set(id, {
    isSeparatePlanes,
    chromaArrayType: isSeparatePlanes ? 0 : chromaFormat,
    addressBits: bitsFor(blocks(width, blockBits) * blocks(height, blockBits)),
    orderBits,
    hasAdaptiveOffset,
    shortTermSets,
    hasLongTerm,
    longTermUsed,
    hasTemporalVectors: read(1) === 1,
  });
}

function blocks(samples: number, blockBits: number): number {
  return Math.ceil(samples / 2 ** blockBits);
}

/** Bits of a field that tells `count` values apart. */
export function bitsFor(count: number): number {
  return count <= 1 ? 0 : Math.ceil(Math.log2(count));
}

/** `profile_tier_level` (7.3.3). */
function skipProfile(read: HeaderBits, subLayers: number): void {
  read(3);
  const profile = read(5);
  if (otherProfiles.has(profile)) throw new UnreadableHeader(`H.265 profile ${profile}`);
  read.skip(80 + 8);
  const present = Array.from({ length: subLayers }, () => [read(1), read(1)] as const);
  if (subLayers > 0) read.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) read.skip(88 * hasProfile + 8 * hasLevel);
}

/** `scaling_list_data` (7.3.4). */
function skipScalingLists(read: HeaderBits): void {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (read(1) === 0) {
        read.unsigned();
        continue;
      }
      const count = Math.min(64, 2 ** (4 + 2 * size)) + (size > 1 ? 1 : 0);
      for (let value = 0; value < count; value += 1) read.signed();
    }
  }
}

/** `st_ref_pic_set` (7.3.7, 7.4.8) of a parameter set, or of a slice (`isInSlice`), which may name any of `sets`. */
export function readShortTermSet(
  read: HeaderBits,
  sets: readonly ShortTermSet[],
  isInSlice: boolean,
): ShortTermSet {
  if (sets.length > 0 && read(1) === 1) return readPredictedSet(read, sets, isInSlice);
  const [before, after] = [read.unsigned(), read.unsigned()];
  const run = (count: number, sign: number): ShortTermSet => {
    let delta = 0;
    return Array.from({ length: count }, () => {
      delta += sign * (read.unsigned() + 1);
      return { delta, isUsed: read(1) === 1 };
    });
  };
  return [...run(before, -1), ...run(after, 1)];
}

/** From another set, all of whose distances are moved (7-61, 7-62). */
function readPredictedSet(read: HeaderBits, sets: readonly ShortTermSet[], isInSlice: boolean): ShortTermSet {
  const back = isInSlice ? read.unsigned() + 1 : 1;
  const reference = sets[sets.length - back];
  if (reference === undefined) throw new UnreadableHeader('a reference picture set that is not there');
  const isNegative = read(1) === 1;
  const move = (read.unsigned() + 1) * (isNegative ? -1 : 1);
  const moved = [...reference.map(({ delta }) => delta + move), move].flatMap((delta) => {
    const isUsed = read(1) === 1;
    const isKept = isUsed || read(1) === 1;
    return isKept && delta !== 0 ? [{ delta, isUsed }] : [];
  });
  const before = moved.filter(({ delta }) => delta < 0).sort((a, b) => b.delta - a.delta);
  const after = moved.filter(({ delta }) => delta > 0).sort((a, b) => a.delta - b.delta);
  return [...before, ...after];
}

function readPicture(read: HeaderBits, sets: Map<number, H265Picture>): void {
  const id = read.unsigned();
  const sequenceId = read.unsigned();
  const hasDependentSegments = read(1) === 1;
  const hasOutputFlag = read(1) === 1;
  const extraBits = read(3);
  read(1);
  const hasCabacInit = read(1) === 1;
  const defaultReferences = [read.unsigned() + 1, read.unsigned() + 1] as const;
  read.signed();
  read(1);
  const hasTransformSkip = read(1) === 1;
  if (read(1) === 1) read.unsigned();
  read.signed();
  read.signed();
  const hasChromaOffsets = read(1) === 1;
  const isWeighted = read(1) === 1;
  const isBipredWeighted = read(1) === 1;
  read(1);
  const hasTiles = read(1) === 1;
  const isInRows = read(1) === 1;
  if (hasTiles) skipTiles(read);
  const crossesSlices = read(1) === 1;
  let hasDeblockingOverride = false;
  let isDeblockingDisabled = false;
  if (read(1) === 1) {
    hasDeblockingOverride = read(1) === 1;
    isDeblockingDisabled = read(1) === 1;
    if (!isDeblockingDisabled) {
      read.signed();
      read.signed();
    }
  }
  if (read(1) === 1) skipScalingLists(read);
  const hasListChanges = read(1) === 1;
  read.unsigned();
  const hasExtension = read(1) === 1;
  const hasChromaOffsetLists = read(1) === 1 && readRangeExtension(read, hasTransformSkip);
  sets.set(id, {
    sequenceId,
    hasDependentSegments,
    hasOutputFlag,
    extraBits,
    hasCabacInit,
    defaultReferences,
    hasChromaOffsets,
    isWeighted,
    isBipredWeighted,
    hasEntryPoints: hasTiles || isInRows,
    crossesSlices,
    hasDeblockingOverride,
    isDeblockingDisabled,
    hasListChanges,
    hasExtension,
    hasChromaOffsetLists,
  });
}

function skipTiles(read: HeaderBits): void {
  const [columns, rows] = [read.unsigned(), read.unsigned()];
  if (read(1) === 0) for (let border = 0; border < columns + rows; border += 1) read.unsigned();
  read(1);
}

/** `pps_range_extension` (7.3.2.3.2): whether slices choose among lists of chroma offsets. */
function readRangeExtension(read: HeaderBits, hasTransformSkip: boolean): boolean {
  const isRange = read(1) === 1;
  if (read(3) !== 0) throw new UnreadableHeader('H.265 picture parameters of layers or screen content');
  read(4);
  if (!isRange) return false;
  if (hasTransformSkip) read.unsigned();
  read(1);
  return read(1) === 1;
}
