/**
 * Where the IVs of `cenc` begin. Two samples under one key and one IV share a key stream, so that their cipher texts tell the
 * difference of their plain texts (ISO/IEC 23001-7 9.3): every track of a job counts through a range of its own, whoever
 * gave the IV.
 */

/** A track among all that one key may encrypt. */
export interface CipherPlace {
  readonly groupIndex: number;
  readonly outputIndex: number;
  /** The track of key frames beside the output whose pictures it repeats. */
  readonly isKeyFramesOnly: boolean;
  /** Its place in the output's files. */
  readonly trackIndex: number;
}

/** Bits of an IV that count the samples of a track (enough for two years of sound), its tracks, and its outputs. */
const sampleBits = 32n;
const trackBits = 6n;
const outputBits = 14n;

/** The first IV of a track, 64 bits; `iv` is that of the key in hexadecimal, which the first track takes as it is. */
export function counterStart(iv: string, place: CipherPlace): bigint {
  const { groupIndex, outputIndex, isKeyFramesOnly, trackIndex } = place;
  const output = (BigInt(groupIndex) << outputBits) + BigInt(outputIndex);
  const file = (output << 1n) + (isKeyFramesOnly ? 1n : 0n);
  const track = (file << trackBits) + BigInt(trackIndex);
  return BigInt.asUintN(64, BigInt(`0x${iv.slice(0, 16).padEnd(16, '0')}`) + (track << sampleBits));
}
