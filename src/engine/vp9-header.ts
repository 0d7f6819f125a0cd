/** What the header of a VP9 frame says of its quantizer (VP9 bitstream specification 6.2). */
import { type BitReader, readBits } from './bit-string.ts';

/** `frame_sync_code`. */
const syncCodeBits = 24;
/** A width and a height. */
const sizeBits = 32;
/** `color_space` CS_RGB. */
const srgb = 7;

/** Index of the quantizer of the only frame in a packet, 0 to 255; null where there is none (`show_existing_frame`). */
export function vp9QuantizerIndex(data: Uint8Array): number | null {
  const bits = readBits(data);
  bits.bits(2);
  const profile = bits.bits(1) + 2 * bits.bits(1);
  if (profile === 3) bits.bits(1);
  if (bits.flag()) return null;
  const isKey = bits.bits(1) === 0;
  const isShown = bits.flag();
  const isResilient = bits.flag();
  if (isKey) {
    bits.bits(syncCodeBits);
    skipColor(bits, profile);
    skipSize(bits);
  } else {
    const isIntra = !isShown && bits.flag();
    if (!isResilient) bits.bits(2);
    if (isIntra) skipIntraOnly(bits, profile);
    else skipReferences(bits);
  }
  if (!isResilient) bits.bits(2);
  bits.bits(2);
  skipLoopFilter(bits);
  return bits.bits(8);
}

function skipColor(bits: BitReader, profile: number): void {
  if (profile >= 2) bits.bits(1);
  const hasSubsampling = profile === 1 || profile === 3;
  if (bits.bits(3) !== srgb) bits.bits(hasSubsampling ? 4 : 1);
  else if (hasSubsampling) bits.bits(1);
}

function skipSize(bits: BitReader): void {
  bits.bits(sizeBits);
  skipRenderSize(bits);
}

function skipRenderSize(bits: BitReader): void {
  if (bits.flag()) bits.bits(sizeBits);
}

function skipIntraOnly(bits: BitReader, profile: number): void {
  bits.bits(syncCodeBits);
  if (profile > 0) skipColor(bits, profile);
  bits.bits(8);
  skipSize(bits);
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
