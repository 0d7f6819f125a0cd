/**
 * Tells H.265 streams of the profile and tier they were asked in. The encoder tells a High tier only where the rate
 * needs it, and groups of one picture as an intra profile of the format range extensions, which decoders of Main do
 * not take.
 */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import { escaped, joinUnits } from './nal-units.ts';

/** Bytes of a unit in front of profile_tier_level, by unit type: headers and what comes first (H.265 7.3.2.1, 7.3.2.2). */
const levelsAt: Readonly<Record<number, number>> = { 32: 2 + 4, 33: 2 + 1 };
/** `general_tier_flag`, in the byte of the profile. */
const tierFlag = 0x20;
/** The level stands behind profile, 32 compatibility flags and 48 bits of constraints. */
const levelOffset = 1 + 4 + 6;
/** Level 4, thirty times: the lower ones have no High tier (H.265 table A.8). */
const lowestLevel = 120;

/** Profiles of version 1: `general_profile_idc`, and the first byte of the compatibility flags (A.3.2, A.3.3). */
const versionOne = { main: { idc: 1, compatible: 0x60 }, main10: { idc: 2, compatible: 0x20 } } as const;
/** `general_intra_constraint_flag`, in the second byte of the constraints (7.3.3). */
const intraFlag = 0x20;

type Marks = Pick<StreamData, 'profile' | 'isHighTier'>;

/** Tells them in the parameter sets that a container keeps outside of the stream. */
export function withProfileInParameters(extraData: Buffer, marks: Marks): Buffer {
  return joinUnits([...nalUnits(extraData)].map((unit) => withProfile(unit, marks)));
}

/** Tells them in one unit; others than parameter sets come back as they are. The tier is told at levels that have two. */
export function withProfile(unit: Uint8Array, { profile, isHighTier }: Marks): Uint8Array {
  const at = levelsAt[nalType(unit, 'H_265')];
  if (at === undefined || (profile === undefined && isHighTier !== true)) return unit;
  // Constraint bits that are zero come with escapes, which the level stands behind.
  const told = Buffer.from(rawBytes(unit, unit.length));
  if (profile !== undefined) tellProfile(told.subarray(at, at + levelOffset), profile);
  if (isHighTier === true && (told[at + levelOffset] ?? 0) >= lowestLevel)
    told[at] = (told[at] ?? 0) | tierFlag;
  return escaped(told);
}

/** The scan and frame flags in front of the constraints, and the tier, stay what they are. */
function tellProfile(levels: Buffer, profile: NonNullable<StreamData['profile']>): void {
  const [first = 0] = levels;
  if (profile === 'main422-10') {
    levels[6] = (levels[6] ?? 0) & ~intraFlag;
    return;
  }
  const { idc, compatible } = versionOne[profile];
  levels[0] = (first & ~0x1f) | idc;
  levels.fill(0, 1, 5);
  levels[1] = compatible;
  levels[5] = (levels[5] ?? 0) & 0xf0;
  levels.fill(0, 6);
}
