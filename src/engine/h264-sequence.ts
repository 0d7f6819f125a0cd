/** What the sequence parameter set says about picture timing messages (Rec. ITU-T H.264 7.3.2.1, E.1). */
import { type BitReader, readBits } from './bit-string.ts';

/** Lengths of the fields of a picture timing message. */
export interface TimingSyntax {
  /** null: the message holds no buffer delays. */
  readonly delayBits: { readonly removal: number; readonly output: number } | null;
  readonly hasPictureStructure: boolean;
  readonly timeOffsetBits: number;
  /** Bit at which the time scale stands, and its value; null: no timing is told. */
  readonly timeScale: { readonly at: number; readonly value: number } | null;
  /** Bit at which the buffer of the whole stream begins (`nal_hrd_parameters`); null: none is told. */
  readonly bufferAt: number | null;
}

const highProfiles: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138]);
const extendedAspect = 255;

/** Reads the set; `bytes` begin behind the NAL unit header, escapes removed. null: it has no usability information. */
export function readTimingSyntax(bytes: Uint8Array): TimingSyntax | null {
  const bits = readBits(bytes);
  const profile = bits.bits(8);
  bits.bits(16);
  bits.ue();
  if (highProfiles.has(profile)) skipFormat(bits);
  bits.ue();
  skipOrderCount(bits);
  bits.ue();
  bits.flag();
  bits.ue();
  bits.ue();
  if (!bits.flag()) bits.flag();
  bits.flag();
  if (bits.flag()) for (let edge = 0; edge < 4; edge += 1) bits.ue();
  return bits.flag() ? readUsability(bits) : null;
}

function skipFormat(bits: BitReader): void {
  const chroma = bits.ue();
  if (chroma === 3) bits.flag();
  bits.ue();
  bits.ue();
  bits.flag();
  if (!bits.flag()) return;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index += 1) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipOrderCount(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.flag();
  bits.se();
  bits.se();
  const count = bits.ue();
  for (let index = 0; index < count; index += 1) bits.se();
}

function readUsability(bits: BitReader): TimingSyntax {
  if (bits.flag() && bits.bits(8) === extendedAspect) bits.bits(32);
  if (bits.flag()) bits.flag();
  if (bits.flag()) {
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
  const timeScale = bits.flag() ? readTimeScale(bits) : null;
  const hasBuffer = bits.flag();
  const bufferAt = hasBuffer ? bits.position : null;
  const nal = hasBuffer ? readBufferModel(bits) : null;
  const vcl = bits.flag() ? readBufferModel(bits) : null;
  const model = nal ?? vcl;
  if (model !== null) bits.flag();
  return {
    delayBits: model === null ? null : { removal: model.removal, output: model.output },
    hasPictureStructure: bits.flag(),
    timeOffsetBits: model?.timeOffset ?? 24,
    timeScale,
    bufferAt,
  };
}

/** Units in a tick come before it, the mark of a fixed rate behind it. */
function readTimeScale(bits: BitReader): NonNullable<TimingSyntax['timeScale']> {
  bits.bits(32);
  const { position: at } = bits;
  const value = bits.bits(32);
  bits.flag();
  return { at, value };
}

function readBufferModel(bits: BitReader): {
  readonly removal: number;
  readonly output: number;
  readonly timeOffset: number;
} {
  const count = bits.ue() + 1;
  bits.bits(8);
  for (let index = 0; index < count; index += 1) {
    bits.ue();
    bits.ue();
    bits.flag();
  }
  bits.bits(5);
  return { removal: bits.bits(5) + 1, output: bits.bits(5) + 1, timeOffset: bits.bits(5) };
}
