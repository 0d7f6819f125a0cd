/** What the header of a VP9 frame says of its quantizer (VP9 bitstream specification 6.2). */
import { type BitReader, readBits } from './bit-string.ts';

/** `frame_sync_code`, `color_space` of anything but RGB, `color_range`. */
const keyFrameBits = 24 + 3 + 1;
/** A width and a height. */
const sizeBits = 32;

/** Index of the quantizer of the only frame in a packet, 0 to 255; null for what is not shown, or not of profile 0. */
export function vp9QuantizerIndex(data: Uint8Array): number | null {
  const bits = readBits(data);
  bits.bits(2);
  const profile = bits.bits(2);
  const showsExisting = bits.flag();
  const isKey = bits.bits(1) === 0;
  const isShown = bits.flag();
  const isResilient = bits.flag();
  if (profile !== 0 || showsExisting || !isShown) return null;
  if (isKey) {
    bits.bits(keyFrameBits + sizeBits);
    skipRenderSize(bits);
  } else {
    if (!isResilient) bits.bits(2);
    skipReferences(bits);
  }
  if (!isResilient) bits.bits(2);
  bits.bits(2);
  skipLoopFilter(bits);
  return bits.bits(8);
}

function skipRenderSize(bits: BitReader): void {
  if (bits.flag()) bits.bits(sizeBits);
}

/** What it refreshes and refers to, its size, and how it moves and filters what it refers to. */
function skipReferences(bits: BitReader): void {
  bits.bits(8);
  bits.bits(3 * 4);
  let reference = 0;
  while (reference < 3 && !bits.flag()) reference += 1;
  if (reference === 3) bits.bits(sizeBits);
  skipRenderSize(bits);
  bits.bits(1);
  if (!bits.flag()) bits.bits(2);
}

function skipLoopFilter(bits: BitReader): void {
  bits.bits(6 + 3);
  if (!bits.flag() || !bits.flag()) return;
  for (let delta = 0; delta < 4; delta += 1) if (bits.flag()) bits.bits(7);
  for (let delta = 0; delta < 2; delta += 1) if (bits.flag()) bits.bits(7);
}
