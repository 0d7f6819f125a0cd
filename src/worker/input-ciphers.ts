/** Which inputs of a job are encrypted, and with what: its `decryptionSettings`, their keys unwrapped once per attempt. */
import { jobFault } from '../catalogue/fault.ts';
import type { InputDecryptionSettings, JobSettings } from '../contract/types.generated.ts';
import { createDataKeys, type DataKeys } from '../keys/data-keys.ts';
import type { SigningCredentials } from '../keys/sign-request.ts';
import type { CipherOf, ObjectCipher } from '../store/decryption.ts';

/** Without a source of keys every encrypted input is refused by name. */
export const noDataKeys: DataKeys = createDataKeys({ known: new Map(), kms: null });

/** Ciphers by location of the input. */
export function inputCiphers(
  { inputs = [] }: JobSettings,
  dataKeys: DataKeys,
  credentials: (() => Promise<SigningCredentials>) | null,
): CipherOf {
  const ciphers = new Map<string, Promise<ObjectCipher>>();
  return async (location, signal) => {
    const index = inputs.findIndex((input) => input.fileInput === location);
    const settings = inputs[index]?.decryptionSettings;
    const pointer = `/inputs/${index}/decryptionSettings`;
    const same = inputs.filter(({ fileInput }) => fileInput === location);
    if (same.some((input) => JSON.stringify(input.decryptionSettings) !== JSON.stringify(settings)))
      throw refused(pointer, 'inputs with one fileInput must have one way to decrypt it.');
    if (settings === undefined) return null;
    if (/\.(?:m3u8|xml)$/i.test(location))
      throw refused(pointer, 'only a media file is decrypted, not the files that a package names.');
    const known = ciphers.get(location);
    if (known !== undefined) return known;
    const cipher = openCipher(settings, location, pointer, dataKeys, credentials, signal);
    ciphers.set(location, cipher);
    // A denied key may be allowed at the next try of the job, which is another attempt.
    cipher.catch(() => {});
    return cipher;
  };
}

async function openCipher(
  { decryptionMode, encryptedDecryptionKey, initializationVector, kmsKeyRegion }: InputDecryptionSettings,
  location: string,
  pointer: string,
  dataKeys: DataKeys,
  credentials: (() => Promise<SigningCredentials>) | null,
  signal: AbortSignal,
): Promise<ObjectCipher> {
  if (decryptionMode === undefined) throw missing(pointer, 'decryptionMode');
  if (encryptedDecryptionKey === undefined) throw missing(pointer, 'encryptedDecryptionKey');
  if (initializationVector === undefined) throw missing(pointer, 'initializationVector');
  const vector = Buffer.from(initializationVector, 'base64');
  const wrapped = { ciphertext: encryptedDecryptionKey, region: kmsKeyRegion ?? null, location, pointer };
  const key = await dataKeys.unwrap(wrapped, credentials, signal);
  return { mode: decryptionMode, key, initializationVector: vector };
}

function missing(pointer: string, member: string): Error {
  return refused(`${pointer}/${member}`, 'it is required to decrypt the input.');
}

function refused(setting: string, reason: string): Error {
  return jobFault(1040, 'incompatible', { setting, reason }, { component: 'gateway', pointer: setting });
}
