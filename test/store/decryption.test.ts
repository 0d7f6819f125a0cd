/** Encrypted objects read as what is in them, whole and in any range (spec inputs.md 15). */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ObjectCipher, withDecryption } from '../../src/store/decryption.ts';
import { gcmCounter } from '../../src/store/gcm-counter.ts';
import type { ReadableStore } from '../../src/store/store.ts';

const signal = new AbortController().signal;
const modes = ['AES_CTR', 'AES_CBC', 'AES_GCM'] as const;
const text = Buffer.from(Array.from({ length: 100_003 }, (_, at) => (at * 7 + (at >> 8)) & 0xff));

/** Encrypts with the library's own modes; the reader under test has none of them but CTR and CBC blocks. */
function encrypt({ mode, key, initializationVector }: ObjectCipher, clear: Buffer): Buffer {
  const name = `aes-${key.length * 8}-${mode.slice(4).toLowerCase()}`;
  const counter =
    mode === 'AES_CTR' && initializationVector.length === 12
      ? Buffer.concat([initializationVector, Buffer.from([0, 0, 0, 1])])
      : initializationVector;
  const cipher = createCipheriv(name as 'aes-256-gcm', key, counter);
  const bytes = Buffer.concat([cipher.update(clear), cipher.final()]);
  return mode === 'AES_GCM' ? Buffer.concat([bytes, cipher.getAuthTag()]) : bytes;
}

function storeOf(bytes: Buffer, reads: [number, number][] = []): ReadableStore {
  return {
    open: async () => ({
      head: { sizeBytes: bytes.length, eTag: '"1"', lastModifiedMs: null, contentType: null, path: '/tmp/x' },
      read: async (offset, length) => {
        reads.push([offset, length]);
        return bytes.subarray(offset, offset + length);
      },
      close: async () => {},
    }),
  };
}

const openClear = (bytes: Buffer, cipher: ObjectCipher, reads?: [number, number][]) =>
  withDecryption(storeOf(bytes, reads), async () => cipher).open('s3://in/film', signal);

const ciphers = modes.flatMap((mode) =>
  [16, 24, 32].flatMap((keyBytes) =>
    (mode === 'AES_CBC' ? [16] : [12, 16]).map((vectorBytes) => ({ mode, keyBytes, vectorBytes })),
  ),
);

describe.each(ciphers)(
  '$mode, key of $keyBytes bytes, vector of $vectorBytes',
  ({ mode, keyBytes, vectorBytes }) => {
    const cipher: ObjectCipher = {
      mode,
      key: createHash('sha256').update(`key ${mode}`).digest().subarray(0, keyBytes),
      initializationVector: createHash('sha256').update(`iv ${mode}`).digest().subarray(0, vectorBytes),
    };

    test.each([0, 1, 15, 16, 17, 4096, text.length])('%i bytes come out as they went in', async (length) => {
      const clear = text.subarray(0, length);
      const opening = openClear(encrypt(cipher, clear), cipher);
      if (mode === 'AES_GCM' && length === 0) return expect(opening).rejects.toMatchObject({ code: 1010 });
      const reader = await opening;
      expect(reader.head).toMatchObject({ sizeBytes: length, path: null });
      expect(Buffer.from(await reader.read(0, length + 100, signal)).equals(clear)).toBe(true);
    });

    test('any range is the same as of the clear object, and reads little more', async () => {
      const reads: [number, number][] = [];
      const reader = await openClear(encrypt(cipher, text), cipher, reads);
      reads.length = 0;
      for (let at = 3; at < text.length + 50; at += 977) {
        const length = (at * 13) % 3000;
        const got = Buffer.from(await reader.read(at, length, signal));
        expect(got.equals(text.subarray(at, at + length))).toBe(true);
      }
      for (const [, length] of reads) expect(length).toBeLessThan(3000 + 64);
    });
  },
);

describe('what does not decrypt is 1010', () => {
  const key = randomBytes(32);
  const initializationVector = Buffer.alloc(16, 0x33);

  test('CBC with another key', async () => {
    const cipher: ObjectCipher = { mode: 'AES_CBC', key, initializationVector };
    // A wrong key gives a valid padding once in 256 times; this one does not.
    const other = { ...cipher, key: createHash('sha256').update('other').digest() };
    const bytes = encrypt({ ...cipher, key: createHash('sha256').update('one').digest() }, text);
    await expect(openClear(bytes, { ...other, initializationVector })).rejects.toMatchObject({
      code: 1010,
      record: { mediaFact: expect.stringContaining('padding') },
    });
  });

  test('CBC that was cut', async () => {
    const cipher: ObjectCipher = { mode: 'AES_CBC', key, initializationVector };
    await expect(openClear(encrypt(cipher, text).subarray(0, 1000), cipher)).rejects.toMatchObject({
      code: 1010,
      record: { mediaFact: expect.stringContaining('1000 bytes') },
    });
  });

  test.each(['a bit is changed', 'the tag is changed', 'the key is another'])(
    'GCM where %s',
    async (what) => {
      const cipher: ObjectCipher = { mode: 'AES_GCM', key, initializationVector };
      const bytes = encrypt(cipher, text);
      if (what === 'a bit is changed') bytes[500] = (bytes[500] ?? 0) ^ 1;
      if (what === 'the tag is changed') bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      const used = what === 'the key is another' ? { ...cipher, key: randomBytes(32) } : cipher;
      await expect(openClear(bytes, used)).rejects.toMatchObject({
        code: 1010,
        message: expect.stringContaining('cannot be decrypted'),
      });
    },
  );
});

test('a GCM object is examined once for each version', async () => {
  const cipher: ObjectCipher = {
    mode: 'AES_GCM',
    key: randomBytes(16),
    initializationVector: randomBytes(12),
  };
  const reads: [number, number][] = [];
  const store = withDecryption(storeOf(encrypt(cipher, text), reads), async () => cipher);
  await store.open('s3://in/film', signal);
  const examined = reads.length;
  await store.open('s3://in/film', signal);
  expect(examined).toBeGreaterThan(0);
  expect(reads).toHaveLength(examined);
});

test('the counter of GCM begins again after 2^32 blocks', () => {
  const vector = Buffer.alloc(12, 7);
  const { start, blocksToWrap } = gcmCounter(Buffer.alloc(16), vector)(2 ** 32 - 3);
  expect([start.readUInt32BE(12), blocksToWrap]).toEqual([2 ** 32 - 1, 1]);
  expect(gcmCounter(Buffer.alloc(16), vector)(2 ** 32 - 2).start.readUInt32BE(12)).toBe(0);
});
