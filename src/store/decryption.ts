/**
 * Client-side encrypted objects (spec inputs.md 15): a store in front of the stores, which opens an encrypted object as
 * what is in it. Every read decrypts just its range, so nothing clear is ever put on a disk, and a clip of a long
 * recording costs as much as without encryption. Only GCM has to see the whole object once, to know it is genuine.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import { gcmCounter, sumBlocks } from './gcm-counter.ts';
import type { ObjectReader, ReadableStore } from './store.ts';

/** How an object is encrypted. */
export interface ObjectCipher {
  readonly mode: 'AES_CTR' | 'AES_CBC' | 'AES_GCM';
  /** 16, 24 or 32 bytes; in memory only. */
  readonly key: Buffer;
  /** 16 bytes, or 12 for CTR and GCM. */
  readonly initializationVector: Buffer;
}

/** The cipher of an object; null when it is not encrypted. Rejects with the fault of a key that cannot be had. */
export type CipherOf = (location: string, signal: AbortSignal) => Promise<ObjectCipher | null>;

const blockBytes = 16;
const tagBytes = 16;
/** Bytes asked for at a time while a GCM object is examined. */
const examinedBytes = 4 * 1024 * 1024;

/** Wraps `store`. An object that does not decrypt is fault 1010 (spec README: bad key or tag). */
export function withDecryption(store: ReadableStore, cipherOf: CipherOf): ReadableStore {
  /** Versions of GCM objects that were found genuine. */
  const genuine = new Map<string, string>();
  return {
    async open(location, signal) {
      const cipher = await cipherOf(location, signal);
      const reader = await store.open(location, signal);
      if (cipher === null) return reader;
      try {
        switch (cipher.mode) {
          case 'AES_CTR':
            return openCtr(reader, cipher);
          case 'AES_CBC':
            return await openCbc(reader, cipher, location, signal);
          case 'AES_GCM': {
            const version = `${reader.head.sizeBytes} ${reader.head.eTag}`;
            if (genuine.get(location) !== version || reader.head.eTag === null)
              await examineGcm(reader, cipher, location, signal);
            genuine.set(location, version);
            return openGcm(reader, cipher);
          }
        }
      } catch (error) {
        await reader.close();
        throw error;
      }
    },
  };
}

function openCtr(reader: ObjectReader, { key, initializationVector }: ObjectCipher): ObjectReader {
  // Twelve bytes leave the counter to us: it begins at 1, as in GCM.
  const first =
    initializationVector.length === blockBytes
      ? initializationVector
      : Buffer.concat([initializationVector, Buffer.from([0, 0, 0, 1])]);
  return clear(reader, reader.head.sizeBytes, (bytes, block) =>
    decryptCounted(key, sumBlocks(first, BigInt(block)), bytes),
  );
}

/** The keystream is that of CTR behind the counter of the tag; only its last four bytes count. */
function openGcm(reader: ObjectReader, { key, initializationVector }: ObjectCipher): ObjectReader {
  const counter = gcmCounter(key, initializationVector);
  return clear(reader, reader.head.sizeBytes - tagBytes, (bytes, block) => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const { start, blocksToWrap } = counter(block + at / blockBytes);
      const end = Math.min(bytes.length, at + blocksToWrap * blockBytes);
      pieces.push(decryptCounted(key, start, bytes.subarray(at, end)));
      at = end;
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  });
}

function decryptCounted(key: Buffer, counter: Buffer, bytes: Uint8Array): Buffer {
  return createCipheriv(`aes-${key.length * 8}-ctr`, key, counter).update(bytes);
}

/** An object of which any range decrypts once it begins at a whole block. */
function clear(
  reader: ObjectReader,
  sizeBytes: number,
  decrypt: (bytes: Uint8Array, block: number) => Buffer,
): ObjectReader {
  return {
    head: { ...reader.head, sizeBytes, path: null },
    async read(offset, length, signal) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      if (wanted === 0) return Buffer.alloc(0);
      const within = offset % blockBytes;
      const bytes = await reader.read(offset - within, within + wanted, signal);
      return decrypt(bytes, (offset - within) / blockBytes).subarray(within, within + wanted);
    },
    close: () => reader.close(),
  };
}

/** Each block needs the one before it; the last one tells how much of it is padding (PKCS #7). */
async function openCbc(
  reader: ObjectReader,
  cipher: ObjectCipher,
  location: string,
  signal: AbortSignal,
): Promise<ObjectReader> {
  const { sizeBytes } = reader.head;
  if (sizeBytes === 0 || sizeBytes % blockBytes !== 0)
    throw undecryptable(
      location,
      `AES-CBC makes whole blocks of 16 bytes, the object has ${sizeBytes} bytes`,
    );
  const algorithm = `aes-${cipher.key.length * 8}-cbc`;
  const decrypt = async (first: number, end: number, limit: AbortSignal): Promise<Buffer> => {
    const from = Math.max(0, first - blockBytes);
    const bytes = Buffer.from(await reader.read(from, end - from, limit));
    const vector = first === 0 ? cipher.initializationVector : bytes.subarray(0, blockBytes);
    const decipher = createDecipheriv(algorithm, cipher.key, vector).setAutoPadding(false);
    return decipher.update(first === 0 ? bytes : bytes.subarray(blockBytes));
  };
  const last = await decrypt(sizeBytes - blockBytes, sizeBytes, signal);
  const padding = last[blockBytes - 1] ?? 0;
  const isPadded = padding >= 1 && padding <= blockBytes;
  if (!isPadded || last.subarray(blockBytes - padding).some((byte) => byte !== padding))
    throw undecryptable(
      location,
      'the last block has no valid padding: key or initialization vector are wrong',
    );
  const clearBytes = sizeBytes - padding;
  return {
    head: { ...reader.head, sizeBytes: clearBytes, path: null },
    async read(offset, length, limit) {
      const wanted = Math.max(0, Math.min(length, clearBytes - offset));
      if (wanted === 0) return Buffer.alloc(0);
      const first = offset - (offset % blockBytes);
      const end = Math.ceil((offset + wanted) / blockBytes) * blockBytes;
      const bytes = await decrypt(first, end, limit);
      return bytes.subarray(offset - first, offset - first + wanted);
    },
    close: () => reader.close(),
  };
}

/** Reads the whole object once: only then is it known that nobody has changed it. */
async function examineGcm(
  reader: ObjectReader,
  { key, initializationVector }: ObjectCipher,
  location: string,
  signal: AbortSignal,
): Promise<void> {
  const clearBytes = reader.head.sizeBytes - tagBytes;
  if (clearBytes <= 0) throw undecryptable(location, 'the object is shorter than the tag of AES-GCM');
  const algorithm = `aes-${key.length * 8}-gcm` as 'aes-256-gcm';
  const decipher = createDecipheriv(algorithm, key, initializationVector, { authTagLength: tagBytes });
  for (let at = 0; at < clearBytes; ) {
    const bytes = await reader.read(at, Math.min(examinedBytes, clearBytes - at), signal);
    decipher.update(bytes);
    at += bytes.length;
  }
  decipher.setAuthTag(Buffer.from(await reader.read(clearBytes, tagBytes, signal)));
  try {
    decipher.final();
  } catch {
    throw undecryptable(location, 'the tag at its end does not fit: key or object are not the right ones');
  }
}

function undecryptable(location: string, mediaFact: string): JobFault {
  const cause = `The object cannot be decrypted: ${mediaFact}`;
  return jobFault(
    1010,
    'open-failed',
    { url: location, cause },
    { component: 'gateway', location, mediaFact },
  );
}
