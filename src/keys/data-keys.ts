/**
 * Keys of client-side encrypted inputs (spec inputs.md 15): a job names a data key as KMS has wrapped it, and only who
 * may ask KMS, or was given the key in a file by the operator, gets it clear. Clear keys live in this process alone: they
 * stand in no plan, no log, no fault and no message to an engine.
 */
import { readFile } from 'node:fs/promises';
import { jobFault } from '../catalogue/fault.ts';
import { askKms, type KmsAccess } from './ask-kms.ts';
import type { SigningCredentials } from './sign-request.ts';
import { noKey, type WrappedKey } from './wrapped-key.ts';

/** Unwraps data keys. */
export interface DataKeys {
  /**
   * The key, 16, 24 or 32 bytes. Rejects with 1401 when it is denied, 1010 when the ciphertext is no key, 1040 where no
   * source of keys is configured. `credentials`: of the job's role; null: the deployment's own.
   */
  unwrap(
    wrapped: WrappedKey,
    credentials: (() => Promise<SigningCredentials>) | null,
    signal: AbortSignal,
  ): Promise<Buffer>;
}

/** Where a deployment's keys come from. */
export interface DataKeySources {
  /** Clear keys by the ciphertext that stands for them. */
  readonly known: ReadonlyMap<string, Buffer>;
  /** Null: KMS is not asked. */
  readonly kms: KmsAccess | null;
}

const keyLengths: ReadonlySet<number> = new Set([16, 24, 32]);

/** Makes the deployment's key source. */
export function createDataKeys({ known, kms }: DataKeySources): DataKeys {
  return {
    async unwrap(wrapped, credentials, signal) {
      const key = known.get(wrapped.ciphertext) ?? (await unwrapWithKms(kms, wrapped, credentials, signal));
      if (!keyLengths.has(key.length)) throw noKey(wrapped, `the data key has ${key.length * 8} bits`);
      return key;
    },
  };
}

async function unwrapWithKms(
  kms: KmsAccess | null,
  wrapped: WrappedKey,
  credentials: (() => Promise<SigningCredentials>) | null,
  signal: AbortSignal,
): Promise<Buffer> {
  if (kms === null) {
    const reason =
      'neither a file of keys (--decryption-keys) that holds this key nor KMS (--kms-endpoint) is configured.';
    const facts = { setting: `${wrapped.pointer}/encryptedDecryptionKey`, reason };
    throw jobFault(1040, 'incompatible', facts, { component: 'gateway', pointer: wrapped.pointer });
  }
  return askKms(wrapped, kms, credentials, signal);
}

/**
 * Reads a file of keys: `{"keys": [{"encryptedDecryptionKey": "…", "key": "…"}]}`, both base64. Rejects with an Error
 * that names the place, never a key.
 */
export async function readKeyFile(file: string): Promise<ReadonlyMap<string, Buffer>> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new Error(`the file of keys ${file} cannot be read: ${reason}`);
  }
  const entries = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(entries)) throw new Error(`the file of keys ${file} has no list "keys"`);
  return new Map(
    entries.map((entry: { encryptedDecryptionKey?: unknown; key?: unknown } | null, index) => {
      const { encryptedDecryptionKey, key } = entry ?? {};
      const place = `/keys/${index} of the file of keys ${file}`;
      if (typeof encryptedDecryptionKey !== 'string' || typeof key !== 'string')
        throw new Error(`${place} needs "encryptedDecryptionKey" and "key"`);
      const clear = Buffer.from(key, 'base64');
      if (!keyLengths.has(clear.length)) throw new Error(`${place} is no AES key of 128, 192 or 256 bits`);
      return [encryptedDecryptionKey, clear] as const;
    }),
  );
}
