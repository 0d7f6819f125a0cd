/** Tells H.265 streams of a High tier profile as what they are: the encoder does so only where the rate needs it. */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import { joinUnits } from './nal-units.ts';

/** Bytes of a unit in front of profile_tier_level, by unit type: headers and what comes first (H.265 7.3.2.1, 7.3.2.2). */
const levelsAt: Readonly<Record<number, number>> = { 32: 2 + 4, 33: 2 + 1 };
/** `general_tier_flag`, in the byte of the profile. */
const tierFlag = 0x20;
/** The level stands behind profile, 32 compatibility flags and 48 bits of constraints. */
const levelOffset = 1 + 4 + 6;
/** Level 4, thirty times: the lower ones have no High tier (H.265 table A.8). */
const lowestLevel = 120;

/** Tells the tier in the parameter sets that a container keeps outside of the stream. */
export function withHighTierInParameters(extraData: Buffer): Buffer {
  return joinUnits([...nalUnits(extraData)].map(withHighTier));
}

/** Tells it in one unit; others than parameter sets of levels with a High tier come back as they are. */
export function withHighTier(unit: Uint8Array): Uint8Array {
  const at = levelsAt[nalType(unit, 'H_265')];
  if (at === undefined || levelOf(unit, at) < lowestLevel) return unit;
  const told = Buffer.from(unit);
  told[at] = (told[at] ?? 0) | tierFlag;
  return told;
}

/** Constraint bits that are zero come with escapes, which the level stands behind. */
function levelOf(unit: Uint8Array, at: number): number {
  return rawBytes(unit, at + levelOffset + 1)[at + levelOffset] ?? 0;
}
