/**
 * Common Encryption of samples (ISO/IEC 23001-7; spec drm.md 8): `cenc` counts, `cbcs` chains one block of ten. NAL unit
 * lengths, headers and slice headers stay clear, and so do all units that are no slices.
 */
import { createCipheriv } from 'node:crypto';
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { type NalCodec, nalType, nalUnits } from '../annex-b.ts';
import type { SampleProtection } from '../fmp4/fragment.ts';
import type { SampleProtector } from '../fmp4/fragment-lane.ts';
import type { ContentKey } from './content-keys.ts';
import { type CipherPlace, counterStart } from './counter-start.ts';
import { type H264Sets, h264SliceHeaderBytes, readH264Sets } from './slice-header.ts';

type Subsamples = SampleProtection['subsamples'];

const blockBytes = 16;
/** Pattern of cbcs video: one block encrypted, nine clear. */
const patternBytes = 10 * blockBytes;
/** Largest clear run that a subsample can name. */
const longestClear = 0xffff;
/** H.265 slice headers are not parsed: this much of each slice is clear, which no header of ours exceeds. */
const hevcClearBytes = 128;

/** Encrypts a track's samples with `key`. Throws TypeError for codecs that no scheme here covers. */
export function createSampleCipher(
  track: EncodedTrack,
  scheme: 'cenc' | 'cbcs',
  { key, iv }: ContentKey,
  place: CipherPlace,
): SampleProtector {
  const secret = Buffer.from(key, 'hex');
  const constantIv = Buffer.from(iv ?? '', 'hex');
  const { codec } = track.rendition.encoder;
  const isNal = codec === 'H_264' || codec === 'H_265';
  if (track.kind === 'video' && !isNal) throw new TypeError(`${codec} is not encrypted here`);
  let counter = scheme === 'cenc' ? counterStart(iv ?? '', place) : 0n;
  let sets: H264Sets | null =
    codec === 'H_264' ? readH264Sets(nalUnits(track.encoder.extraData ?? Buffer.alloc(0)), null) : null;

  return {
    protect(bytes, units) {
      if (codec === 'H_264' && units !== null) sets = readH264Sets(units.filter(isParameterSet), sets);
      const subsamples = units === null || !isNal ? [] : subsamplesOf(units, codec, scheme === 'cenc', sets);
      const isWhole = subsamples.length === 0;
      if (scheme === 'cbcs') {
        const encrypted = isWhole
          ? chainWhole(bytes, secret, constantIv)
          : chainPattern(bytes, subsamples, secret, constantIv);
        return { bytes: encrypted, protection: { iv: Buffer.alloc(0), subsamples } };
      }
      const start = Buffer.alloc(blockBytes);
      start.writeBigUInt64BE(BigInt.asUintN(64, counter), 0);
      counter += 1n;
      const encrypted = countThrough(bytes, subsamples, secret, start);
      return { bytes: encrypted, protection: { iv: start.subarray(0, 8), subsamples } };
    },
  };
}

function isParameterSet(unit: Uint8Array): boolean {
  const type = (unit[0] ?? 0) & 31;
  return type === 7 || type === 8;
}

/** Clear and protected runs; with cenc protected ones are whole blocks. */
function subsamplesOf(
  units: readonly Uint8Array[],
  codec: NalCodec,
  inBlocks: boolean,
  sets: H264Sets | null,
): Subsamples {
  const runs: { clearBytes: number; protectedBytes: number }[] = [];
  let clearBytes = 0;
  for (const unit of units) {
    const clear = clearBytesOf(unit, codec, sets);
    const rest = unit.length - clear;
    const protectedBytes = inBlocks ? rest - (rest % blockBytes) : rest < blockBytes ? 0 : rest;
    // With whole blocks the remainder stays clear in front of them.
    clearBytes += 4 + unit.length - protectedBytes;
    if (protectedBytes === 0) continue;
    for (; clearBytes > longestClear; clearBytes -= longestClear)
      runs.push({ clearBytes: longestClear, protectedBytes: 0 });
    runs.push({ clearBytes, protectedBytes });
    clearBytes = 0;
  }
  for (; clearBytes > longestClear; clearBytes -= longestClear)
    runs.push({ clearBytes: longestClear, protectedBytes: 0 });
  if (clearBytes > 0) runs.push({ clearBytes, protectedBytes: 0 });
  return runs;
}

function clearBytesOf(unit: Uint8Array, codec: NalCodec, sets: H264Sets | null): number {
  const type = nalType(unit, codec);
  if (codec === 'H_264') {
    if ((type !== 1 && type !== 5) || sets === null) return unit.length;
    return h264SliceHeaderBytes(unit, sets);
  }
  return type < 32 ? Math.min(unit.length, hevcClearBytes) : unit.length;
}

/** AES-CTR through all protected bytes of the sample, one key stream. */
function countThrough(bytes: Buffer, subsamples: Subsamples, key: Buffer, start: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ctr', key, start);
  if (subsamples.length === 0) return cipher.update(bytes);
  const encrypted = Buffer.from(bytes);
  let at = 0;
  for (const { clearBytes, protectedBytes } of subsamples) {
    at += clearBytes;
    cipher.update(bytes.subarray(at, at + protectedBytes)).copy(encrypted, at);
    at += protectedBytes;
  }
  return encrypted;
}

/** Every whole block; the rest stays clear. */
function chainWhole(bytes: Buffer, key: Buffer, iv: Buffer): Buffer {
  const whole = bytes.length - (bytes.length % blockBytes);
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes.subarray(0, whole)), bytes.subarray(whole)]);
}

/** One block of ten in each protected run; the chain begins anew with each run. */
function chainPattern(bytes: Buffer, subsamples: Subsamples, key: Buffer, iv: Buffer): Buffer {
  const encrypted = Buffer.from(bytes);
  let at = 0;
  for (const { clearBytes, protectedBytes } of subsamples) {
    at += clearBytes;
    const places: number[] = [];
    for (let block = at; block + blockBytes <= at + protectedBytes; block += patternBytes) places.push(block);
    if (places.length > 0) {
      const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
      const blocks = cipher.update(
        Buffer.concat(places.map((block) => bytes.subarray(block, block + blockBytes))),
      );
      for (const [index, block] of places.entries())
        blocks.copy(encrypted, block, index * blockBytes, (index + 1) * blockBytes);
    }
    at += protectedBytes;
  }
  return encrypted;
}
