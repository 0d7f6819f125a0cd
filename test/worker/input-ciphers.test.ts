/** Which inputs are decrypted: media files, not packages that name other files. */
import { expect, test } from 'vitest';
import { createDataKeys } from '../../src/keys/data-keys.ts';
import { inputCiphers } from '../../src/worker/input-ciphers.ts';

const ciphertext = Buffer.alloc(64, 1).toString('base64');
const dataKeys = createDataKeys({ known: new Map([[ciphertext, Buffer.alloc(32, 2)]]), kms: null });
const decryptionSettings = {
  decryptionMode: 'AES_CTR',
  encryptedDecryptionKey: ciphertext,
  initializationVector: Buffer.alloc(16, 3).toString('base64'),
} as const;

test.each(['s3://in/film.m3u8', 's3://in/CPL.xml'])(
  '%s with a key is refused by name, before it is opened',
  async (fileInput) => {
    const cipherOf = inputCiphers({ inputs: [{ fileInput, decryptionSettings }] }, dataKeys, null);
    await expect(cipherOf(fileInput, new AbortController().signal)).rejects.toMatchObject({
      code: 1040,
      record: { pointer: '/inputs/0/decryptionSettings' },
      message: expect.stringContaining('only a media file is decrypted'),
    });
  },
);

test('what a package names, and a file of any other name, is not concerned', async () => {
  const settings = { inputs: [{ fileInput: 's3://in/film.mp4', decryptionSettings }] };
  const cipherOf = inputCiphers(settings, dataKeys, null);
  const { signal } = new AbortController();
  expect(await cipherOf('s3://in/film.mp4', signal)).toMatchObject({ mode: 'AES_CTR' });
  expect(await cipherOf('s3://in/segment.ts', signal)).toBeNull();
});
