/**
 * Filler data for a constant rate (Rec. ITU-T H.265 7.3.2.8, annex C.2): where a picture leaves more than the decoder's
 * buffer holds, the difference is sent as units that decoders throw away.
 */
import type { BufferFilling } from '../plan/picture-plan.ts';

/** Follows the decoder's buffer from picture to picture. */
export interface BufferFiller {
  /** Bytes to add to the next picture, which has that size without them. */
  missingBytes(pictureBytes: number): number;
}

/** A bit of arithmetic, exact in units of 1/(frame rate) of a bit: no drift over a long film. */
export function createBufferFiller(
  { rateBps, bufferBits, initialFill }: BufferFilling,
  frameRate: { readonly num: number; readonly den: number },
): BufferFiller {
  const perBit = frameRate.num;
  const inflow = rateBps * frameRate.den;
  const size = bufferBits * perBit;
  let fill = Math.round(size * initialFill);
  return {
    missingBytes(pictureBytes) {
      const rest = fill - pictureBytes * 8 * perBit + inflow;
      // A unit has a shortest length: what is missing of it comes off the next pictures.
      const bytes = rest > size ? Math.max(shortestUnitBytes, Math.ceil((rest - size) / (8 * perBit))) : 0;
      fill = rest - bytes * 8 * perBit;
      return bytes;
    },
  };
}

const startCodeBytes = 4;
const headerBytes = 2;
const trailingBytes = 1;
const shortestUnitBytes = startCodeBytes + headerBytes + trailingBytes;
const fillerType = 38;

/** A unit that takes so many bytes with its start code, in the layers of the picture whose slice is given. */
export function fillerUnit(bytes: number, slice: Uint8Array): Uint8Array {
  const unit = Buffer.alloc(bytes - startCodeBytes, 0xff);
  unit[0] = (fillerType << 1) | ((slice[0] ?? 0) & 1);
  unit[1] = slice[1] ?? 1;
  unit[unit.length - 1] = 0x80;
  return unit;
}
