/**
 * Encryption of samples inside transport streams and packed audio (SAMPLE-AES; Apple, "MPEG-2 Stream Encryption Format for
 * HTTP Live Streaming"; spec drm.md 6.2). Every slice and every audio frame begins the cipher anew with the same IV.
 */
import { createCipheriv } from 'node:crypto';
import { nalType, nalUnits } from '../annex-b.ts';
import type { ContentKey } from '../encryption/content-keys.ts';

/** Encrypts what goes into one output. */
export interface SampleEncryption {
  /** An H.264 access unit as a byte stream. */
  picture(accessUnit: Uint8Array): Buffer;
  /** One audio frame, whose first `headerBytes` are the framing around it. */
  sound(frame: Uint8Array, headerBytes: number): Buffer;
}

const blockBytes = 16;
/** Slices no longer than this stay clear. */
const shortSliceBytes = 48;
const clearLeaderBytes = 32;
/** One block in ten. */
const patternBytes = 10 * blockBytes;
const startCode = Buffer.of(0, 0, 0, 1);

/** Throws TypeError for a key without IV: the plan of sample encryption always has one. */
export function createSampleEncryption({ key, iv }: ContentKey): SampleEncryption {
  if (iv === null) throw new TypeError('sample encryption has an IV');
  const secret = Buffer.from(key, 'hex');
  const initial = Buffer.from(iv, 'hex');
  const cipher = () => createCipheriv('aes-128-cbc', secret, initial).setAutoPadding(false);

  function slice(unit: Uint8Array): Buffer {
    const bytes = Buffer.from(unit);
    const chain = cipher();
    // A last block of which nothing follows stays clear.
    for (let at = clearLeaderBytes; bytes.length - at > blockBytes; at += patternBytes)
      chain.update(bytes.subarray(at, at + blockBytes)).copy(bytes, at);
    return withEmulationPrevention(bytes);
  }

  return {
    picture(accessUnit) {
      const parts: Uint8Array[] = [];
      for (const unit of nalUnits(accessUnit)) {
        const type = nalType(unit, 'H_264');
        const isSlice = (type === 1 || type === 5) && unit.length > shortSliceBytes;
        parts.push(startCode, isSlice ? slice(unit) : unit);
      }
      return Buffer.concat(parts);
    },
    sound(frame, headerBytes) {
      const bytes = Buffer.from(frame);
      const from = headerBytes + blockBytes;
      const whole = Math.max(0, bytes.length - from);
      const end = from + whole - (whole % blockBytes);
      if (end > from) cipher().update(bytes.subarray(from, end)).copy(bytes, from);
      return bytes;
    },
  };
}

/** A second layer over the one that the encoder wrote: decryptors take this one off first (H.264 7.4.1.1). */
function withEmulationPrevention(unit: Buffer): Buffer {
  const escaped: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte <= 3) {
      escaped.push(3);
      zeros = 0;
    }
    escaped.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(escaped);
}
