/** What the S3 protocol's refusals mean for a job (spec errors.md 4, README; iam-and-policy.md 6). */
import type { JobErrorCode } from '../catalogue/codes.ts';
import { JobFault, jobFault } from '../catalogue/fault.ts';
import { rangesNotSupported } from './http-faults.ts';
import { BrokenBodyError } from './s3-range.ts';
import {
  aclRefused,
  inputMissing,
  outputNotOpenable,
  readArchived,
  readBrokeOff,
  readDenied,
  readElsewhere,
  readRightWithdrawn,
  targetFull,
  writeDenied,
  writeFailed,
} from './store-faults.ts';

/** Name, status and text of a refusal. */
export interface S3Refusal {
  readonly name: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly text: string;
}

/** Credentials that are wrong, expired or absent: the store answers 400, 401 or 403, or is not asked at all. */
const credentialErrors = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'RequestTimeTooSkewed',
  'CredentialsProviderError',
]);

/** Full or over quota; the last two are what MinIO and Ceph answer. */
const fullErrors = new Set([
  'InsufficientStorage',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'QuotaExceeded',
]);

/** Reads a thrown SDK error. */
export function refusalOf(error: unknown): S3Refusal {
  const {
    name = 'Error',
    message = '',
    code,
    $metadata,
  } = error as Error & {
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  // Network errors are named by their code; answers without a body have a status and no name.
  if (status === 0) return { name: code ?? name, status, text: message };
  return name === 'Unknown'
    ? { name: `HTTP status ${status}`, status, text: 'no reason' }
    : { name, status, text: message };
}

/** True for a bucket or key that is not there. */
export function isMissing({ name, status }: S3Refusal): boolean {
  return status === 404 || name === 'NoSuchKey' || name === 'NoSuchBucket' || name === 'NotFound';
}

/** The bucket is in another region than requests are signed for: a matter of configuration, not of time. */
const regionErrors = new Set([
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'IllegalLocationConstraintException',
]);

/** Until the names of a new bucket are known everywhere, S3 answers 307 (S3 User Guide, "Making requests: redirection"). */
function isElsewhereForNow({ status }: S3Refusal): boolean {
  return status === 307;
}

/** A header of the answer that an SDK error is about. */
export function headerOf(error: unknown, name: string): string | undefined {
  return (error as { $response?: { headers?: Record<string, string> } }).$response?.headers?.[name];
}

/** Where the bucket is, by the header that S3 sends with such answers, or the member of AuthorizationHeaderMalformed. */
function elsewhereFact(error: unknown): string {
  const region = headerOf(error, 'x-amz-bucket-region') ?? (error as { Region?: string }).Region;
  return region === undefined
    ? 'the store sends elsewhere for this bucket'
    : `the bucket is in region ${region}`;
}

/**
 * How far a read had come: `reachedBytes` into the object, and `receivedBytes` of the range from there; `hasRead`: ranges
 * of it have been had before.
 */
export interface ReadReach {
  readonly reachedBytes: number;
  readonly receivedBytes?: number;
  readonly hasRead: boolean;
}

/** The fault of a read that failed. A stop's reason and faults pass unchanged. */
export function readFaultOf(
  location: string,
  { reachedBytes, receivedBytes = 0, hasRead }: ReadReach,
  error: unknown,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof JobFault) return error;
  const refusal = refusalOf(error);
  const detail = describe(refusal);
  if (isMissing(refusal)) return inputMissing(location, detail, error);
  if (refusal.name === 'InvalidObjectState') return readArchived(location, detail, error);
  if (regionErrors.has(refusal.name)) return readElsewhere(location, elsewhereFact(error), detail, error);
  // Without the right to list, S3 answers 403 for a missing key too (spec errors.md 1401).
  if (isDenied(refusal)) {
    return hasRead
      ? readRightWithdrawn(location, reachedBytes, detail, error)
      : readDenied(location, detail, error);
  }
  // Only an object that is shorter than its head said is truncated.
  const endBytes = reachedBytes + receivedBytes;
  if (refusal.status === 416) return readBrokeOff(location, endBytes, detail, error);
  if (error instanceof BrokenBodyError && error.why === 'short')
    return readBrokeOff(location, endBytes + error.received.length, error.message, error);
  if (error instanceof BrokenBodyError && error.why === 'whole')
    return rangesNotSupported(location, error.message);
  const [code, template, parameters] = brokenReadOf(location, refusal, error);
  const ending = hasRead ? { mediaFact: `reading ${location} ended at byte ${reachedBytes}` } : {};
  const facts = isElsewhereForNow(refusal) ? { mediaFact: elsewhereFact(error) } : ending;
  return jobFault(code, template, parameters, { component: 'gateway', location, detail, ...facts }, error);
}

type Broken = readonly [JobErrorCode, string, Readonly<Record<string, string>>];

/**
 * What stopped a read that nobody had refused, under the codes of HTTP inputs: the service tells `s3://` URLs with
 * them too (spec errors.md 5), and tries the job again.
 */
function brokenReadOf(location: string, refusal: S3Refusal, error: unknown): Broken {
  const broken = (reason: string): Broken => [3408, 'transfer-failed', { reason }];
  const { name, status, text } = refusal;
  if (status === 412 || (error instanceof BrokenBodyError && error.why === 'changed'))
    return broken('The file changed while it was read.');
  if (error instanceof BrokenBodyError)
    return broken(
      error.why === 'stalled' ? 'Connection timed out.' : 'Connection closed before the end of the file.',
    );
  if (status >= 500 || busyErrors.has(name)) return [3450, 'server-error', { url: location }];
  if (status === 408 || name === 'RequestTimeout') return broken('Connection timed out.');
  if (status !== 0) {
    const isNamed = !name.endsWith(` ${status}`);
    return [3999, 'unexpected', { reason: isNamed ? `${name} (HTTP status ${status})` : name }];
  }
  if (unresolvedErrors.has(name)) return [3454, 'unresolved', { url: location }];
  if (tlsErrors.test(name)) return [3455, 'tls', { url: location }];
  if (isUnreachable(refusal, error)) return [3451, 'unreachable', { url: location }];
  if (name === 'TimeoutError' || name === 'ETIMEDOUT') return broken('Connection timed out.');
  return [3999, 'unexpected', { reason: text === '' ? name : text }];
}

/** The store is there and has too much to do. */
const busyErrors = new Set(['SlowDown', 'ServiceUnavailable', 'InternalError']);

const unresolvedErrors = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** Node's codes of handshakes that fail: OpenSSL's verification results, and those of Node itself. */
const tlsErrors = /^(CERT_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/;

/** No connection was had, or it was reset. */
const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EPIPE',
]);

function isUnreachable({ name, text }: S3Refusal, error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  // The SDK's two time-outs have one name; only the words tell waiting for a connection from waiting for an answer.
  return connectionErrors.has(name) || syscall === 'connect' || /establish a connection/.test(text);
}

/** The fault of a write that failed. A stop's reason and faults pass unchanged. */
export function writeFaultOf(location: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof JobFault) return error;
  const refusal = refusalOf(error);
  const detail = describe(refusal);
  if (isKeyRefused(refusal)) {
    return jobFault(1401, 'kms-denied', {}, { component: 'gateway', location, detail }, error);
  }
  if (isDenied(refusal)) return writeDenied(location, detail, error);
  if (refusal.status === 507 || fullErrors.has(refusal.name)) return targetFull(location, detail, error);
  if (refusal.name === 'KeyTooLongError')
    return outputNotOpenable(location, 'the key is longer than 1024 bytes', error);
  // Buckets whose owner has all objects answer 400 (spec README: 403 alone is 1401).
  if (refusal.name === 'AccessControlListNotSupported') return aclRefused(location, detail, error);
  // The first line is the library's; what follows is for its programmers.
  const [words = ''] = refusal.text.split('\n');
  const reason = refusal.name === 'Error' ? words : refusal.name;
  const isElsewhere = regionErrors.has(refusal.name) || isElsewhereForNow(refusal);
  return writeFailed(location, reason, error, {
    detail,
    ...(isElsewhere ? { mediaFact: elsewhereFact(error) } : {}),
  });
}

function isDenied({ name, status }: S3Refusal): boolean {
  // A name alone: a completed upload is refused with status 200.
  const isRefused = status === 401 || status === 403 || name === 'AccessDenied';
  return isRefused || credentialErrors.has(name) || keyErrors.has(name);
}

/** The key that objects are encrypted with: missing, disabled, or not to be used by who asks. */
function isKeyRefused({ name, status, text }: S3Refusal): boolean {
  return keyErrors.has(name) || (status === 403 && /\bkms:/i.test(text));
}

/** What S3 hands on of KMS, with status 400, that another try does not change (KMS API, `GenerateDataKey` and `Decrypt`). */
const keyErrors = new Set([
  'KMS.AccessDeniedException',
  'KMS.DisabledException',
  'KMS.InvalidKeyUsageException',
  'KMS.KMSInvalidStateException',
  'KMS.NotFoundException',
]);

function describe({ name, status, text }: S3Refusal): string {
  return `${name}${status === 0 ? '' : ` (${status})`}: ${text}`;
}
