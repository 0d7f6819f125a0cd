/**
 * The counter blocks of AES-GCM (NIST SP 800-38D 6.5, 7.1): with them any range of an object decrypts like CTR. The
 * library authenticates; it does not begin in the middle.
 */
import { createCipheriv } from 'node:crypto';

const blockBytes = 16;
const counterBlocks = 2 ** 32;

/** Counter of a block of the text, and how many blocks follow before the counter begins again at 0. */
export type GcmCounter = (block: number) => { readonly start: Buffer; readonly blocksToWrap: number };

/** Makes the counter for a key and a vector of 12 or 16 bytes. */
export function gcmCounter(key: Buffer, initializationVector: Buffer): GcmCounter {
  const first =
    initializationVector.length === 12
      ? Buffer.concat([initializationVector, Buffer.from([0, 0, 0, 1])])
      : hashedVector(key, initializationVector);
  const fixed = first.subarray(0, 12);
  const begin = first.readUInt32BE(12);
  return (block) => {
    // The first counter belongs to the tag.
    const counter = (begin + 1 + block) % counterBlocks;
    const start = Buffer.concat([fixed, Buffer.alloc(4)]);
    start.writeUInt32BE(counter, 12);
    return { start, blocksToWrap: counterBlocks - counter };
  };
}

/** A block as a number of 128 bits, so much further on. */
export function sumBlocks(block: Buffer, blocks: bigint): Buffer {
  const sum = BigInt.asUintN(128, BigInt(`0x${block.toString('hex')}`) + blocks);
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex');
}

/** Vectors of another length than 12 bytes are hashed with the key's GHASH. */
function hashedVector(key: Buffer, vector: Buffer): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  const subkey = toNumber(cipher.update(Buffer.alloc(blockBytes)));
  const lengths = Buffer.alloc(blockBytes);
  lengths.writeBigUInt64BE(BigInt(vector.length * 8), 8);
  const padded = Buffer.concat([
    vector,
    Buffer.alloc((blockBytes - (vector.length % blockBytes)) % blockBytes),
  ]);
  let hash = 0n;
  for (const block of [...blocksOf(padded), lengths]) hash = multiply(hash ^ toNumber(block), subkey);
  return Buffer.from(hash.toString(16).padStart(32, '0'), 'hex');
}

function* blocksOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
}

function toNumber(block: Buffer): bigint {
  return BigInt(`0x${block.toString('hex')}`);
}

/** Product in GF(2^128), most significant bit first (NIST SP 800-38D 6.3). */
function multiply(a: bigint, b: bigint): bigint {
  const polynomial = 0xe1n << 120n;
  let product = 0n;
  let shifted = b;
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((a >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
