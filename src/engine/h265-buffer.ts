/**
 * Writes the decoder's buffer of an H.265 stream: the encoder tells of the narrower one that it is held to, and knows
 * nothing of filler that is added behind it (Rec. ITU-T H.265 E.2.2 hrd_parameters, D.2.2 buffering period).
 */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { DecoderBuffer } from '../plan/picture-plan.ts';
import { type BitReader, type BitWriter, copyBits, endOf, readBits, writeBits } from './bit-string.ts';
import { findTiming } from './h265-sequence.ts';
import { escaped, joinUnits } from './nal-units.ts';

/** Waits of a period's first picture, in 1/90000 s: until it is taken out, and from then up to a full buffer. */
export interface FirstDelay {
  readonly delay: number;
  readonly offset: number;
}

const unitTypes = { sequence: 33, message: 39 };
const headerBytes = 2;
const bufferingPeriod = 0;
/** Longest that the syntax has: delays of any buffer fit. */
const delayBits = 32;

/** The parameter sets that a container keeps outside of the stream. */
export function withBufferInParameters(extraData: Buffer, buffer: DecoderBuffer): Buffer {
  return joinUnits(
    [...nalUnits(extraData)].map((unit) => (isSequence(unit) ? withBuffer(unit, buffer) : unit)),
  );
}

/** True of a sequence parameter set. */
export function isSequence(unit: Uint8Array): boolean {
  return nalType(unit, 'H_265') === unitTypes.sequence;
}

/** True of a message that opens a buffering period. */
export function opensPeriod(unit: Uint8Array): boolean {
  return nalType(unit, 'H_265') === unitTypes.message && unit[headerBytes] === bufferingPeriod;
}

/** Bits of `au_cpb_removal_delay` in a sequence parameter set; null where it tells of no buffer. */
export function removalDelayBits(unit: Uint8Array): number | null {
  const bytes = rawBytes(unit.subarray(headerBytes), unit.length);
  const found = findBuffer(bytes);
  if (found === null) return null;
  found.bits.bits(scaleBits + lengthBits);
  return found.bits.bits(lengthBits) + 1;
}

const scaleBits = 4 + 4;
const lengthBits = 5;

/** A sequence parameter set that tells of `buffer`; one that tells of none comes back as it is. */
export function withBuffer(unit: Uint8Array, buffer: DecoderBuffer): Uint8Array {
  const bytes = rawBytes(unit.subarray(headerBytes), unit.length);
  const found = findBuffer(bytes);
  if (found === null) return unit;
  const { bits } = found;
  const written = writeBits();
  copyBits(readBits(bytes), written, bits.position);
  bits.bits(scaleBits + lengthBits);
  written.bits(0, scaleBits).bits(delayBits - 1, lengthBits);
  copyBits(bits, written, 2 * lengthBits);
  copyLayer(bits, written);
  for (let value = 0; value < 2; value += 1) bits.ue();
  bits.flag();
  written
    .ue(buffer.rateBps / 64 - 1)
    .ue(buffer.bufferBits / 16 - 1)
    .flag(buffer.isConstant);
  copyBits(bits, written, endOf(bytes) - bits.position);
  return Buffer.concat([unit.subarray(0, headerBytes), escaped(written.ended())]);
}

/** A message that opens a buffering period with these delays. */
export function withFirstDelay(unit: Uint8Array, removalBits: number, first: FirstDelay): Uint8Array {
  const [, , ...payload] = rawBytes(unit.subarray(headerBytes), unit.length);
  const bits = readBits(Uint8Array.from(payload));
  const written = writeBits();
  written.ue(bits.ue());
  if (bits.flag()) throw new RangeError('the encoder writes no alternative delays');
  written.flag(false);
  copyBits(bits, written, 1 + removalBits);
  const message = written.bits(first.delay, delayBits).bits(first.offset, delayBits).aligned();
  return Buffer.concat([
    unit.subarray(0, headerBytes),
    escaped(Buffer.concat([Buffer.from([bufferingPeriod, message.length]), message, Buffer.from([0x80])])),
  ]);
}

/** A reader at the scales of a buffer for whole pictures. Throws RangeError for forms that our encoder does not write. */
function findBuffer(bytes: Uint8Array): { readonly bits: BitReader } | null {
  const timing = findTiming(bytes);
  if (timing === null) return null;
  const bits = readBits(bytes);
  for (let left = timing.bufferFlagAt; left > 0; left -= 32) bits.bits(Math.min(32, left));
  if (!bits.flag()) return null;
  const [hasUnits, hasSlices, hasParts] = [bits.flag(), bits.flag(), bits.flag()];
  if (!hasUnits || hasSlices || hasParts)
    throw new RangeError('a buffer of another form than the encoder writes');
  return { bits };
}

/** What a sequence of one layer tells of the distance of its pictures. */
function copyLayer(bits: BitReader, written: BitWriter): void {
  const flag = (): boolean => {
    const value = bits.flag();
    written.flag(value);
    return value;
  };
  const isFixed = flag() || flag();
  if (isFixed) written.ue(bits.ue());
  if (isFixed || !flag()) written.ue(bits.ue());
}
