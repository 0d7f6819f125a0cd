/** One data key unwrapped by AWS KMS, or by whatever speaks its protocol at the configured endpoint. */
import { jobFault } from '../catalogue/fault.ts';
import { type SigningCredentials, signRequest } from './sign-request.ts';
import { noKey, type WrappedKey } from './wrapped-key.ts';

/** How KMS is reached. */
export interface KmsAccess {
  /** Base URL; null: AWS's endpoint of the key's region. */
  readonly endpoint: string | null;
  readonly region: string;
  /** The deployment's own credentials, where the job's role has none. */
  readonly credentials: () => Promise<SigningCredentials>;
  readonly timeoutMs: number;
  /** Waits before the second and the third try. */
  readonly retryDelaysMs: readonly number[];
}

/** The service binds each key to itself (spec inputs.md 15). */
const encryptionContext = { service: 'mediaconvert.amazonaws.com' };

/** Answers that say who asks may not. */
const denials: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'NotFoundException',
  'DisabledException',
  'KMSInvalidStateException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
]);
/** Answers that say the ciphertext is no key of theirs; a key that is not wrapped at all is one of them. */
const wrongKeys: ReadonlySet<string> = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'InvalidKeyUsageException',
  'ValidationException',
]);

/** Asks. Rejects with 1401, 1010, or 1999 (tried again with the job) when KMS does not answer. */
export async function askKms(
  wrapped: WrappedKey,
  kms: KmsAccess,
  credentials: (() => Promise<SigningCredentials>) | null,
  signal: AbortSignal,
): Promise<Buffer> {
  const region = wrapped.region ?? kms.region;
  const url = new URL(kms.endpoint ?? `https://kms.${region}.amazonaws.com`);
  const body = JSON.stringify({ CiphertextBlob: wrapped.ciphertext, EncryptionContext: encryptionContext });
  let silence = '';
  for (const delayMs of [0, ...kms.retryDelaysMs]) {
    if (delayMs > 0) await pause(delayMs, signal);
    try {
      const headers = signRequest(
        {
          host: url.host,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'TrentService.Decrypt',
        },
        body,
        await (credentials ?? kms.credentials)(),
        { region, service: 'kms', nowMs: Date.now() },
      );
      const limit = AbortSignal.any([signal, AbortSignal.timeout(kms.timeoutMs)]);
      const answer = await fetch(url, { method: 'POST', headers, body, signal: limit, redirect: 'error' });
      const text = await answer.text();
      if (answer.status === 200) return plaintextOf(text, wrapped);
      const name = errorName(text, answer.headers.get('x-amzn-errortype'));
      if (denials.has(name) || answer.status === 403) throw denied(wrapped, name);
      if (wrongKeys.has(name)) throw noKey(wrapped, `KMS answers ${name}`);
      silence = `HTTP status ${answer.status} ${name}`;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof Error && 'record' in error) throw error;
      silence = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    }
  }
  const mediaFact = `KMS at ${url.host} does not answer: ${silence}`;
  throw jobFault(1999, 'unknown', {}, { component: 'gateway', pointer: wrapped.pointer, mediaFact });
}

function plaintextOf(text: string, wrapped: WrappedKey): Buffer {
  try {
    const { Plaintext } = JSON.parse(text) as { Plaintext?: unknown };
    if (typeof Plaintext === 'string') return Buffer.from(Plaintext, 'base64');
  } catch {
    // Said below: what came is never quoted, it might hold the key.
  }
  throw noKey(wrapped, 'KMS gave an answer without a key');
}

/** `com.amazonaws.kms#AccessDeniedException:http://…` → `AccessDeniedException`. */
function errorName(text: string, header: string | null): string {
  let type: unknown = header;
  try {
    type = (JSON.parse(text) as { __type?: unknown }).__type ?? header;
  } catch {
    // No JSON: the header, if there is one.
  }
  return typeof type === 'string' ? (type.split('#').at(-1)?.split(':')[0] ?? '') : '';
}

function denied({ location, pointer }: WrappedKey, detail: string): Error {
  return jobFault(
    1401,
    'kms-decrypt-denied',
    { url: location },
    { component: 'gateway', location, pointer, detail },
  );
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', stop, { once: true });
  });
}
