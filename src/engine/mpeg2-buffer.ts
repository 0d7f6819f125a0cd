/**
 * Writes the decoder's buffer of an MPEG-2 stream, where more is written into its pictures than the encoder knows of: rate and
 * size in sequence headers (Rec. ITU-T H.262 6.3.3), and at a constant rate the delay of each picture (6.3.9) and zeros
 * that keep the buffer from running over (5.2.3).
 */
import type { DecoderBuffer } from '../plan/picture-plan.ts';
import { overwriteBits } from './bit-string.ts';
import { followBuffer } from './followed-buffer.ts';

const startCode = Buffer.from([0, 0, 1]);
const codes = { picture: 0x00, sequence: 0xb3, extension: 0xb5, firstSlice: 0x01 };
const sequenceExtension = 1;
const rateUnitBps = 400;
const sizeUnitBits = 16 * 1024;
/** A delay that tells nothing, as at variable rates. */
const noDelay = 0xffff;

/** Writes pictures in coding order. */
export interface Mpeg2Buffer {
  /** The picture as it is to be sent. */
  write(coded: Buffer): Buffer;
}

/** Follows the buffer from the first picture on. */
export function createMpeg2Buffer(
  buffer: DecoderBuffer,
  frameRate: { readonly num: number; readonly den: number },
): Mpeg2Buffer {
  // Zeros have no shortest length.
  const followed = followBuffer(buffer, frameRate, 1);
  return {
    write(coded) {
      const bytes = Buffer.from(coded);
      const { delay } = followed.firstDelay();
      tell(bytes, buffer, delay);
      return Buffer.concat([bytes, Buffer.alloc(followed.take(bytes.length))]);
    },
  };
}

/** `delay`: from the arrival of the first bit of what is sent with the picture, in 1/90000 s. */
function tell(bytes: Buffer, { rateBps, bufferBits }: DecoderBuffer, delay: number): void {
  const rate = Math.ceil(rateBps / rateUnitBps);
  const size = Math.ceil(bufferBits / sizeUnitBits);
  for (let at = bytes.indexOf(startCode); at >= 0; at = bytes.indexOf(startCode, at + 4)) {
    const code = bytes[at + 3] ?? 0;
    const payload = (at + 4) * 8;
    if (code === codes.firstSlice) return;
    if (code === codes.sequence) {
      overwriteBits(bytes, payload + 32, rate % 2 ** 18, 18);
      overwriteBits(bytes, payload + 51, size % 2 ** 10, 10);
    } else if (code === codes.extension && (bytes[at + 4] ?? 0) >> 4 === sequenceExtension) {
      overwriteBits(bytes, payload + 19, Math.floor(rate / 2 ** 18), 12);
      overwriteBits(bytes, payload + 32, Math.floor(size / 2 ** 10), 8);
    } else if (code === codes.picture) {
      const told = (bytes.readUInt32BE(at + 4) >>> 3) & 0xffff;
      // The delay counts from the last byte of the picture's start code.
      const sent = Math.ceil((payload * 90_000) / rateBps);
      if (told !== noDelay)
        overwriteBits(bytes, payload + 13, Math.min(noDelay - 1, Math.max(0, delay - sent)), 16);
    }
  }
}
