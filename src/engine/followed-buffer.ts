/**
 * The buffer of the hypothetical decoder, followed from picture to picture (Rec. ITU-T H.265 annex C.2). A channel of a
 * constant rate never pauses: where a picture leaves more than the buffer holds, the difference is sent as filler, units
 * that decoders throw away (7.3.2.8).
 */
import type { DecoderBuffer } from '../plan/picture-plan.ts';
import type { FirstDelay } from './h265-buffer.ts';

/** Follows the decoder's buffer from picture to picture. */
export interface FollowedBuffer {
  /**
   * What a period that begins with the next picture waits, which is taken out `late` seconds (0: none) later than at the
   * frame rate.
   */
  firstDelay(late?: number): FirstDelay;
  /** Bytes to add to the next picture, which has that size without them. */
  take(pictureBytes: number): number;
}

const delayTicks = 90_000;

/**
 * A bit of arithmetic, exact in units of 1/(frame rate) of a bit: no drift over a long film. Pictures may be taken out up to
 * `latestSeconds` later than at the frame rate: a channel that never pauses has so much more in the buffer by then.
 */
export function followBuffer(
  { rateBps, bufferBits, initialFill, isConstant }: DecoderBuffer,
  frameRate: { readonly num: number; readonly den: number },
  shortestFillerBytes = shortestUnitBytes.H_265,
  latestSeconds = 0,
): FollowedBuffer {
  const perBit = frameRate.num;
  const inflow = rateBps * frameRate.den;
  const whole = bufferBits * perBit;
  const size = isConstant ? Math.ceil((bufferBits - rateBps * latestSeconds) * perBit) : whole;
  const ticksOf = (fill: number): number => Math.floor(((fill / perBit) * delayTicks) / rateBps);
  const longest = ticksOf(whole);
  let fill = Math.round(whole * initialFill);
  return {
    firstDelay(late = 0) {
      const delay = Math.min(longest, Math.max(1, ticksOf(fill) + Math.floor(late * delayTicks)));
      return { delay, offset: longest - delay };
    },
    take(pictureBytes) {
      const rest = fill - pictureBytes * 8 * perBit + inflow;
      if (!isConstant) {
        fill = Math.min(size, rest);
        return 0;
      }
      // A unit has a shortest length: what is missing of it comes off the next pictures.
      const bytes = rest > size ? Math.max(shortestFillerBytes, Math.ceil((rest - size) / (8 * perBit))) : 0;
      fill = rest - bytes * 8 * perBit;
      return bytes;
    },
  };
}

const startCodeBytes = 4;
const trailingBytes = 1;
const fillerTypes = { H_264: 12, H_265: 38 } as const;

/** The shortest filler of a codec: start code, header, end. */
export const shortestUnitBytes = {
  H_264: startCodeBytes + 1 + trailingBytes,
  H_265: startCodeBytes + 2 + trailingBytes,
} as const;

/** A unit that takes so many bytes with its start code, in the layers of the picture whose slice is given. */
export function fillerUnit(bytes: number, slice: Uint8Array): Uint8Array {
  const unit = Buffer.alloc(bytes - startCodeBytes, 0xff);
  unit[0] = (fillerTypes.H_265 << 1) | ((slice[0] ?? 0) & 1);
  unit[1] = slice[1] ?? 1;
  unit[unit.length - 1] = 0x80;
  return unit;
}

/** The same of H.264, which has no layers. */
export function h264FillerUnit(bytes: number): Uint8Array {
  const unit = Buffer.alloc(bytes - startCodeBytes, 0xff);
  unit[0] = fillerTypes.H_264;
  unit[unit.length - 1] = 0x80;
  return unit;
}
