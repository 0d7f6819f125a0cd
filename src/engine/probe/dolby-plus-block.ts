/**
 * The way to the first block of an E-AC-3 frame (ATSC A/52:2018 E.2.3.2, tables E.1.3 and E.1.4): what stands in front of
 * its dynamic range control word has no fixed length.
 */
import type { BitReader } from '../bit-string.ts';

/** What the front of the frame has said. */
export interface PlusBlocks {
  readonly channelMode: number;
  /** Full-range channels. */
  readonly channels: number;
  readonly hasLowFrequency: boolean;
  readonly blocks: number;
  readonly isIndependent: boolean;
  /** Length of the frame in words of 16 bits. */
  readonly words: number;
}

const allBlocks = 6;

/** `dynrnge` of the first block; `bits` stands at the first bit of `audfrm`. */
export function readPlusBlockRange(bits: BitReader, frame: PlusBlocks): boolean {
  const { channels, blocks } = frame;
  const isWhole = blocks === allBlocks;
  const hasBlockStrategies = isWhole ? bits.flag() : true;
  const hasTransforms = isWhole && bits.flag();
  const hasFrameOffsets = bits.bits(2) === 0;
  const hasTransients = bits.flag();
  const hasSwitches = bits.flag();
  const hasDither = bits.flag();
  // Bit allocation, gains, delta allocation, skipped bytes.
  bits.bits(4);
  const hasAttenuation = bits.flag();
  const coupling = readCoupling(bits, frame);
  const isKept = readStrategies(bits, frame, coupling, hasBlockStrategies);
  if (frame.isIndependent && (isWhole || bits.flag())) bits.bits(5 * channels);
  if (hasTransforms) for (const kept of isKept) if (kept) bits.flag();
  if (hasFrameOffsets) bits.bits(10);
  if (hasTransients) eachChannel(channels, () => bits.flag() && bits.bits(18));
  if (hasAttenuation) eachChannel(channels, () => bits.flag() && bits.bits(5));
  if (blocks > 1 && bits.flag()) {
    const startBits = (blocks - 1) * (4 + Math.ceil(Math.log2(frame.words)));
    for (let bit = 0; bit < startBits; bit += 1) bits.flag();
  }
  if (hasSwitches) bits.bits(channels);
  if (hasDither) bits.bits(channels);
  return bits.flag();
}

interface Coupling {
  /** Of each block. */
  readonly isUsed: readonly boolean[];
  /** One strategy holds for all blocks, which all use it. */
  readonly isKept: boolean;
}

function readCoupling(bits: BitReader, { channelMode, blocks }: PlusBlocks): Coupling {
  if (channelMode <= 1) return { isUsed: Array.from({ length: blocks }, () => false), isKept: false };
  const isUsed = [bits.flag()];
  let isKept = true;
  for (let block = 1; block < blocks; block += 1) {
    const isTold = bits.flag();
    if (isTold) isKept = false;
    isUsed.push(isTold ? bits.flag() : (isUsed.at(-1) ?? false));
  }
  return { isUsed, isKept: isKept && blocks === allBlocks && isUsed.every((used) => used) };
}

/**
 * Exponent strategies. Returns of the coupling channel where it is used throughout, of each channel and of low
 * frequencies whether the first block's exponents hold for all: only they can have the longer transform.
 */
function readStrategies(
  bits: BitReader,
  { channels, blocks, hasLowFrequency }: PlusBlocks,
  { isUsed, isKept }: Coupling,
  isOfBlocks: boolean,
): readonly boolean[] {
  let isCouplingKept = true;
  const kept = Array.from({ length: channels }, () => true);
  if (isOfBlocks) {
    for (let block = 0; block < blocks; block += 1) {
      if (isUsed[block] === true && bits.bits(2) !== 0 && block > 0) isCouplingKept = false;
      for (let channel = 0; channel < channels; channel += 1)
        if (bits.bits(2) !== 0 && block > 0) kept[channel] = false;
    }
  } else {
    // Code 0 of a frame's strategies is the one without new exponents (table E.2.9).
    if (isUsed.includes(true)) isCouplingKept = bits.bits(5) === 0;
    for (let channel = 0; channel < channels; channel += 1) kept[channel] = bits.bits(5) === 0;
  }
  const all = [...(isKept ? [isCouplingKept] : []), ...kept];
  if (!hasLowFrequency) return all;
  let isLowKept = true;
  for (let block = 0; block < blocks; block += 1) if (bits.flag() && block > 0) isLowKept = false;
  return [...all, isLowKept];
}

function eachChannel(channels: number, read: () => void): void {
  for (let channel = 0; channel < channels; channel += 1) read();
}
