/**
 * What Dolby Digital and Dolby Digital Plus say of themselves: the bit stream information at the front of a frame
 * (ATSC A/52:2018 5.4.1, 5.4.2 and D.2.3 for AC-3, E.2.2 and E.2.3.1 for E-AC-3).
 */
import { ac3LegalBitrates } from '../../catalogue/ac3-bitrates.table.ts';
import type { DolbyFacts } from '../../plan/facts.ts';
import { type BitReader, readBits } from '../bit-string.ts';
import { readPlusBlockRange } from './dolby-plus-block.ts';

const syncWord = 0x0b77;
/** Five bits at the same place of both syntaxes; up to 10 it is AC-3, 11 to 16 are E-AC-3 (E.2.3.1.6). */
const bsidAt = 5;
const lastAc3Bsid = 10;
const lastEac3Bsid = 16;
/** AC-3 whose time codes gave way to further mix levels (annex D). */
const extendedBsid = 6;

/**
 * The information of the frame that `bytes` begin with; null when they begin with no whole frame, or with one whose
 * check sum says that it is damaged.
 */
export function readDolbyFrame(bytes: Uint8Array): DolbyFacts | null {
  if (bytes.length < 8 || readBits(bytes).bits(16) !== syncWord) return null;
  const bsid = (bytes[bsidAt] ?? 0) >> 3;
  if (bsid > lastEac3Bsid) return null;
  const isPlus = bsid > lastAc3Bsid;
  const sizeBytes = isPlus ? plusFrameBytes(bytes) : frameBytes(bytes);
  if (sizeBytes === null || sizeBytes > bytes.length || !isUndamaged(bytes, sizeBytes)) return null;
  const frame = bytes.subarray(0, sizeBytes);
  const bits = readBits(frame);
  const facts = isPlus ? readPlusFields(bits) : readFields(bits);
  // Fields that lead past the frame are no fields.
  return facts === null || bits.position > sizeBytes * 8 ? null : facts;
}

function frameBytes(bytes: Uint8Array): number | null {
  const rateCode = (bytes[4] ?? 0) >> 6;
  const sizeCode = (bytes[4] ?? 0) & 0x3f;
  const bitrateBps = ac3LegalBitrates[sizeCode >> 1];
  if (bitrateBps === undefined) return null;
  const words = wordsOf[rateCode as 0 | 1 | 2]?.(bitrateBps, sizeCode & 1);
  return words === undefined ? null : words * 2;
}

/** 1536 samples in words of 16 bits (table 5.18): at 44.1 kHz frames take turns with one word more. */
const wordsOf = {
  0: (bitrateBps: number) => (bitrateBps * 1536) / 48_000 / 16,
  1: (bitrateBps: number, longer: number) => Math.floor((bitrateBps * 1536) / 44_100 / 16) + longer,
  2: (bitrateBps: number) => (bitrateBps * 1536) / 32_000 / 16,
};

function plusFrameBytes(bytes: Uint8Array): number {
  return ((((bytes[2] ?? 0) & 7) << 8) + (bytes[3] ?? 0) + 1) * 2;
}

/** The check sum over the frame behind its sync word leaves nothing (7.10.1, E.2.3.4): x¹⁶ + x¹⁵ + x² + 1. */
function isUndamaged(bytes: Uint8Array, sizeBytes: number): boolean {
  let sum = 0;
  for (let at = 2; at < sizeBytes; at += 1) {
    sum ^= (bytes[at] ?? 0) << 8;
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum << 1) ^ ((sum & 0x8000) === 0 ? 0 : 0x8005)) & 0xffff;
  }
  return sum === 0;
}

/** Channel modes: what is in them decides which fields there are (table 5.8). */
const dualMono = 0;
const stereo = 2;
const hasCenterMix = (mode: number): boolean => (mode & 1) === 1 && mode > 1;
const hasSurround = (mode: number): boolean => (mode & 4) === 4;
const hasTwoSurrounds = (mode: number): boolean => mode >= 6;

function readFields(bits: BitReader): DolbyFacts {
  bits.bits(32);
  bits.bits(8);
  const bsid = bits.bits(5);
  const bitstreamMode = bits.bits(3);
  const channelMode = bits.bits(3);
  const centerMixLevel = hasCenterMix(channelMode) ? bits.bits(2) : null;
  const surroundMixLevel = hasSurround(channelMode) ? bits.bits(2) : null;
  const surroundMode = channelMode === stereo ? bits.bits(2) : null;
  bits.flag();
  const dialnorm = bits.bits(5);
  const compresses = readOptional(bits, 8) !== null;
  readOptional(bits, 8);
  const production = bits.flag() ? { mixingLevel: bits.bits(5), roomType: bits.bits(2) } : {};
  if (channelMode === dualMono) {
    bits.bits(5);
    for (const length of [8, 8, 7]) readOptional(bits, length);
  }
  const rights = { isCopyrighted: bits.flag(), isOriginal: bits.flag() };
  const extension = bsid === extendedBsid ? readExtension(bits) : skipTimeCodes(bits);
  if (bits.flag()) skip(bits, (bits.bits(6) + 1) * 8);
  const hasRangeControl = compresses || readFirstBlockRange(bits, channelMode);
  return {
    ...{ syntax: 'AC-3', channelMode, dialnorm: levelOf(dialnorm), hasRangeControl, bitstreamMode },
    ...(centerMixLevel === null ? {} : { centerMixLevel }),
    ...(surroundMixLevel === null ? {} : { surroundMixLevel }),
    ...(surroundMode === null ? {} : { surroundMode }),
    ...production,
    ...rights,
    ...extension,
  };
}

/** `xbsi1` and `xbsi2` (D.2.3.1). */
function readExtension(bits: BitReader): Partial<DolbyFacts> {
  const levels = bits.flag()
    ? {
        downmixMode: bits.bits(2),
        ltRtCenterMixLevel: bits.bits(3),
        ltRtSurroundMixLevel: bits.bits(3),
        loRoCenterMixLevel: bits.bits(3),
        loRoSurroundMixLevel: bits.bits(3),
      }
    : {};
  if (!bits.flag()) return levels;
  const modes = { surroundExMode: bits.bits(2), headphoneMode: bits.bits(2), converterType: bits.bits(1) };
  bits.bits(9);
  return { ...levels, ...modes };
}

function skipTimeCodes(bits: BitReader): Partial<DolbyFacts> {
  readOptional(bits, 14);
  readOptional(bits, 14);
  return {};
}

/** `dynrnge` of the first block, behind two flags of each channel (5.3.3). */
function readFirstBlockRange(bits: BitReader, channelMode: number): boolean {
  skip(bits, 2 * (channelCounts[channelMode] ?? 0));
  return bits.flag();
}

/** Full-range channels of each channel mode (table 5.8). */
const channelCounts = [2, 1, 2, 3, 3, 4, 4, 5];

/** Null for a dependent substream and for all but the first programme: they are not what is decoded alone. */
function readPlusFields(bits: BitReader): DolbyFacts | null {
  bits.bits(16);
  const streamType = bits.bits(2);
  const substream = bits.bits(3);
  if (streamType === 1 || streamType === 3 || substream !== 0) return null;
  const words = bits.bits(11) + 1;
  const rateCode = bits.bits(2);
  const blocksCode = bits.bits(2);
  // At half the sample rates the two bits are those of the rate, and there are six blocks.
  const blocks = rateCode === 3 ? 6 : ([1, 2, 3, 6][blocksCode] ?? 6);
  const channelMode = bits.bits(3);
  const hasLowFrequency = bits.flag();
  bits.bits(5);
  const dialnorm = bits.bits(5);
  let compresses = readOptional(bits, 8) !== null;
  if (channelMode === dualMono) {
    bits.bits(5);
    compresses = readOptional(bits, 8) !== null || compresses;
  }
  const place = { channelMode, hasLowFrequency, blocks, isIndependent: streamType === 0 };
  const mixing = bits.flag() ? readMixing(bits, place) : {};
  const information = bits.flag() ? readInformation(bits, channelMode, rateCode) : {};
  if (place.isIndependent && blocks !== 6) bits.flag();
  // A stream converted from AC-3 says in how long a frame it was.
  if (!place.isIndependent && (blocks === 6 || bits.flag())) bits.bits(6);
  if (bits.flag()) skip(bits, (bits.bits(6) + 1) * 8);
  const channels = channelCounts[channelMode] ?? 0;
  const hasRangeControl = compresses || readPlusBlockRange(bits, { ...place, channels, words });
  const common = { syntax: 'E-AC-3', channelMode, dialnorm: levelOf(dialnorm), hasRangeControl } as const;
  return { ...common, ...mixing, ...information };
}

interface PlusFrame {
  readonly channelMode: number;
  readonly hasLowFrequency: boolean;
  readonly blocks: number;
  readonly isIndependent: boolean;
}

/** What `mixmdate` announces (table E.1.2). */
function readMixing(bits: BitReader, frame: PlusFrame): Partial<DolbyFacts> {
  const { channelMode } = frame;
  const levels: Partial<DolbyFacts> = {
    ...(channelMode > stereo ? { downmixMode: bits.bits(2) } : {}),
    ...(hasCenterMix(channelMode)
      ? { ltRtCenterMixLevel: bits.bits(3), loRoCenterMixLevel: bits.bits(3) }
      : {}),
    ...(hasSurround(channelMode)
      ? { ltRtSurroundMixLevel: bits.bits(3), loRoSurroundMixLevel: bits.bits(3) }
      : {}),
  };
  if (frame.hasLowFrequency) readOptional(bits, 5);
  if (frame.isIndependent) skipProgramScaling(bits, frame);
  return levels;
}

function skipProgramScaling(bits: BitReader, { channelMode, blocks }: PlusFrame): void {
  readOptional(bits, 6);
  if (channelMode === dualMono) readOptional(bits, 6);
  readOptional(bits, 6);
  const definition = bits.bits(2);
  if (definition === 3) skip(bits, (bits.bits(5) + 2) * 8);
  else skip(bits, [0, 5, 12][definition] ?? 0);
  if (channelMode < stereo) readOptional(bits, 14);
  if (channelMode === dualMono) readOptional(bits, 14);
  if (!bits.flag()) return;
  for (let block = 0; block < blocks; block += 1) if (blocks === 1 || bits.flag()) bits.bits(5);
}

/** What `infomdate` announces (table E.1.2). */
function readInformation(bits: BitReader, channelMode: number, rateCode: number): Partial<DolbyFacts> {
  const all = { bitstreamMode: bits.bits(3), isCopyrighted: bits.flag(), isOriginal: bits.flag() };
  const modes = channelMode === stereo ? { surroundMode: bits.bits(2), headphoneMode: bits.bits(2) } : {};
  const surroundEx = hasTwoSurrounds(channelMode) ? { surroundExMode: bits.bits(2) } : {};
  const production = bits.flag()
    ? { mixingLevel: bits.bits(5), roomType: bits.bits(2), converterType: bits.bits(1) }
    : {};
  if (channelMode === dualMono) readOptional(bits, 8);
  if (rateCode < 3) bits.flag();
  return { ...all, ...modes, ...surroundEx, ...production };
}

/** 0 is reserved and taken for 31 (5.4.2.8). */
function levelOf(dialnorm: number): number {
  return dialnorm === 0 ? 31 : dialnorm;
}

/** A flag, and what it announces; null: it does not. */
function readOptional(bits: BitReader, length: number): number | null {
  return bits.flag() ? bits.bits(length) : null;
}

function skip(bits: BitReader, count: number): void {
  for (let index = 0; index < count; index += 1) bits.bits(1);
}
