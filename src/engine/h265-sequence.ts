/** Where the timing of an H.265 sequence parameter set stands (Rec. ITU-T H.265 7.3.2.2, E.2.1). */
import { type BitReader, readBits } from './bit-string.ts';

const extendedAspect = 255;

/** Bits of a set at which something stands, and the time scale. */
export interface SequenceTiming {
  /** `frame_field_info_present_flag`. */
  readonly fieldFlagAt: number;
  readonly scaleAt: number;
  readonly scale: number;
  /** Behind the timing: the flag that tells whether there is a buffer. */
  readonly bufferFlagAt: number;
}

/**
 * Finds the timing; `bytes` begin behind the unit header, escapes removed. null: none is told, or what comes before it
 * has forms that our encoder does not write (coded scaling lists, reference sets).
 */
export function findTiming(bytes: Uint8Array): SequenceTiming | null {
  const bits = readBits(bytes);
  bits.bits(4);
  const subLayers = bits.bits(3);
  bits.flag();
  skipProfiles(bits, subLayers);
  bits.ue();
  if (bits.ue() === 3) bits.flag();
  bits.ue();
  bits.ue();
  if (bits.flag()) skipNumbers(bits, 4);
  // Depths, and the length of the picture order count.
  skipNumbers(bits, 3);
  skipNumbers(bits, bits.flag() ? 3 * (subLayers + 1) : 3);
  // Block sizes and transform depths.
  skipNumbers(bits, 6);
  if (bits.flag() && bits.flag()) return null;
  bits.bits(2);
  if (bits.flag()) {
    bits.bits(8);
    skipNumbers(bits, 2);
    bits.flag();
  }
  if (bits.ue() > 0) return null;
  if (bits.flag()) return null;
  bits.bits(2);
  return bits.flag() ? findInUsability(bits) : null;
}

/** Profile, tier and level of the whole and of its sub-layers (7.3.3). */
function skipProfiles(bits: BitReader, subLayers: number): void {
  skipBytes(bits, 12);
  const told = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()] as const);
  if (subLayers > 0) for (let layer = subLayers; layer < 8; layer += 1) bits.bits(2);
  for (const [hasProfile, hasLevel] of told) skipBytes(bits, (hasProfile ? 11 : 0) + (hasLevel ? 1 : 0));
}

function skipBytes(bits: BitReader, count: number): void {
  for (let index = 0; index < count; index += 1) bits.bits(8);
}

function findInUsability(bits: BitReader): SequenceTiming | null {
  if (bits.flag() && bits.bits(8) === extendedAspect) bits.bits(32);
  if (bits.flag()) bits.flag();
  if (bits.flag()) {
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) skipNumbers(bits, 2);
  bits.bits(2);
  const { position: fieldFlagAt } = bits;
  bits.flag();
  if (bits.flag()) skipNumbers(bits, 4);
  if (!bits.flag()) return null;
  bits.bits(32);
  const { position: scaleAt } = bits;
  const scale = bits.bits(32);
  if (bits.flag()) bits.ue();
  return { fieldFlagAt, scaleAt, scale, bufferFlagAt: bits.position };
}

function skipNumbers(bits: BitReader, count: number): void {
  for (let index = 0; index < count; index += 1) bits.ue();
}
