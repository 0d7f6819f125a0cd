/**
 * Writes the decoder's buffer of an H.264 stream: the encoder tells of the narrower one that it is held to, and knows
 * nothing of what is written behind it (Rec. ITU-T H.264 E.1.2 hrd_parameters, D.1.2 buffering period).
 */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { DecoderBuffer } from '../plan/picture-plan.ts';
import { copyBits, endOf, readBits, writeBits } from './bit-string.ts';
import { readTimingSyntax } from './h264-sequence.ts';
import type { FirstDelay } from './h265-buffer.ts';
import { escaped, joinUnits } from './nal-units.ts';

const unitTypes = { message: 6, sequence: 7 };
const headerBytes = 1;
const bufferingPeriod = 0;
/** Longest that the syntax has: delays of any buffer fit. */
const delayBits = 32;
const scaleBits = 4 + 4;
const lengthBits = 5;

/** The parameter sets that a container keeps outside of the stream. */
export function h264WithBufferInParameters(extraData: Buffer, buffer: DecoderBuffer): Buffer {
  return joinUnits([...nalUnits(extraData)].map((unit) => h264WithBuffer(unit, buffer)));
}

/** A sequence parameter set that tells of `buffer`; other units, and one that tells of none, come back as they are. */
export function h264WithBuffer(unit: Uint8Array, buffer: DecoderBuffer): Uint8Array {
  if (nalType(unit, 'H_264') !== unitTypes.sequence) return unit;
  const bytes = rawBytes(unit.subarray(headerBytes), unit.length);
  const at = readTimingSyntax(bytes)?.bufferAt ?? null;
  if (at === null) return unit;
  const bits = readBits(bytes);
  const written = writeBits();
  copyBits(bits, written, at);
  if (bits.ue() !== 0) throw new RangeError('the encoder writes one schedule');
  bits.bits(scaleBits);
  for (let value = 0; value < 2; value += 1) bits.ue();
  bits.flag();
  bits.bits(lengthBits);
  written
    .ue(0)
    .bits(0, scaleBits)
    .ue(buffer.rateBps / 64 - 1)
    .ue(buffer.bufferBits / 16 - 1)
    .flag(buffer.isConstant)
    .bits(delayBits - 1, lengthBits);
  copyBits(bits, written, endOf(bytes) - bits.position);
  return Buffer.concat([unit.subarray(0, headerBytes), escaped(written.ended())]);
}

/** True of a message that opens a buffering period. */
export function h264OpensPeriod(unit: Uint8Array): boolean {
  return (
    nalType(unit, 'H_264') === unitTypes.message && unit[headerBytes] === bufferingPeriod && unit.length > 2
  );
}

/** A message that opens a buffering period with these delays; other units come back as they are. */
export function h264WithFirstDelay(unit: Uint8Array, first: () => FirstDelay): Uint8Array {
  if (!h264OpensPeriod(unit)) return unit;
  const [, , ...payload] = rawBytes(unit.subarray(headerBytes), unit.length);
  const { delay, offset } = first();
  const message = writeBits()
    .ue(readBits(Uint8Array.from(payload)).ue())
    .bits(delay, delayBits)
    .bits(offset, delayBits)
    .aligned();
  return Buffer.concat([
    unit.subarray(0, headerBytes),
    escaped(Buffer.concat([Buffer.from([bufferingPeriod, message.length]), message, Buffer.from([0x80])])),
  ]);
}
