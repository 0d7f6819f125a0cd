/** AES-128 over whole segments (RFC 8216 4.3.2.4; spec drm.md 6.1). */
import { type Cipher, createCipheriv } from 'node:crypto';
import type { ContentKey } from './content-keys.ts';

/** Makes the cipher of each segment of an output; null for clear outputs. */
export function segmentCiphers(key: ContentKey | null): ((number: number) => Cipher) | null {
  if (key === null) return null;
  const secret = Buffer.from(key.key, 'hex');
  return (number) => createCipheriv('aes-128-cbc', secret, ivOf(key.iv, number));
}

/** Without a constant one the IV is the segment's media sequence number, which is its file number. */
function ivOf(constant: string | null, number: number): Buffer {
  if (constant !== null) return Buffer.from(constant, 'hex');
  const iv = Buffer.alloc(16);
  iv.writeBigUInt64BE(BigInt(number), 8);
  return iv;
}
