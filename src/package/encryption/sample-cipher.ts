/** Common Encryption of samples (ISO/IEC 23001-7; spec drm.md 8): `cenc` counts, `cbcs` chains one block of ten. */
import { createCipheriv } from 'node:crypto';
import type { EncodedTrack } from '../../engine/output-writer.ts';
import type { SampleProtection } from '../fmp4/fragment.ts';
import type { SampleProtector } from '../fmp4/fragment-lane.ts';
import type { ContentKey } from './content-keys.ts';
import { type CipherPlace, counterStart } from './counter-start.ts';
import { type ByteRun, createRunFinder } from './protected-runs.ts';

type Subsamples = SampleProtection['subsamples'];

const blockBytes = 16;
/** Pattern of cbcs video: one block encrypted, nine clear. */
const patternBytes = 10 * blockBytes;
/** Largest clear run that a subsample can name. */
const longestClear = 0xffff;
/**
 * Most runs of one sample: tables of sizes count in one byte (`saiz`, ISO/IEC 14496-12 8.7.8), an IV of 8 bytes and two of
 * count come before six for each run.
 */
const mostRuns = Math.floor((255 - 8 - 2) / 6);

/** Encrypts a track's samples with `key`. Throws TypeError for codecs that no scheme here covers. */
export function createSampleCipher(
  track: EncodedTrack,
  scheme: 'cenc' | 'cbcs',
  { key, iv }: ContentKey,
  place: CipherPlace,
): SampleProtector {
  const secret = Buffer.from(key, 'hex');
  const constantIv = Buffer.from(iv ?? '', 'hex');
  const findRuns = track.kind === 'video' ? createRunFinder(track) : null;
  if (track.kind === 'video' && findRuns === null)
    throw new TypeError(`${track.rendition.encoder.codec} is not encrypted here`);
  let counter = scheme === 'cenc' ? counterStart(iv ?? '', place) : 0n;

  return {
    protect(bytes, units) {
      const subsamples =
        findRuns === null ? [] : subsamplesOf(bytes.length, findRuns(bytes, units), scheme === 'cenc');
      const isWhole = findRuns === null;
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

/** Clear and protected runs; with cenc protected ones are whole blocks, in front of which the remainder stays clear. */
function subsamplesOf(sampleBytes: number, runs: readonly ByteRun[], inBlocks: boolean): Subsamples {
  const encrypted = runs
    .map(({ start, end }) => ({ start: inBlocks ? start + ((end - start) % blockBytes) : start, end }))
    .filter(({ start, end }) => end - start >= blockBytes);
  for (let most = encrypted.length; ; most -= 1) {
    const subsamples = split(sampleBytes, longest(encrypted, most));
    if (subsamples.length <= mostRuns || most === 0) return subsamples;
  }
}

/** The `count` longest runs, in their order: where there are more than can be told, the shortest stay clear. */
function longest(runs: readonly ByteRun[], count: number): readonly ByteRun[] {
  if (runs.length === count) return runs;
  const kept = new Set([...runs].sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, count));
  return runs.filter((run) => kept.has(run));
}

function split(sampleBytes: number, runs: readonly ByteRun[]): Subsamples {
  const parts: { clearBytes: number; protectedBytes: number }[] = [];
  let at = 0;
  for (const { start, end } of [...runs, { start: sampleBytes, end: sampleBytes }]) {
    let clearBytes = start - at;
    for (; clearBytes > longestClear; clearBytes -= longestClear)
      parts.push({ clearBytes: longestClear, protectedBytes: 0 });
    if (clearBytes > 0 || end > start) parts.push({ clearBytes, protectedBytes: end - start });
    at = end;
  }
  return parts;
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
