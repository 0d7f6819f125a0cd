/** What the S3 protocol's refusals mean for a job (spec errors.md 4, README; iam-and-policy.md 6). */
import { JobFault, jobFault } from '../catalogue/fault.ts';
import {
  inputMissing,
  outputNotOpenable,
  readBrokeOff,
  readDenied,
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
  // Network errors are named by their code.
  return { name: status === 0 && code !== undefined ? code : name, status, text: message };
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

/** How far a read had come: `reachedBytes` into the object; `hasRead`: bytes of it have been had before. */
export interface ReadReach {
  readonly reachedBytes: number;
  readonly hasRead: boolean;
}

/** The fault of a read that failed. A stop's reason and faults pass unchanged. */
export function readFaultOf(
  location: string,
  { reachedBytes, hasRead }: ReadReach,
  error: unknown,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof JobFault) return error;
  const refusal = refusalOf(error);
  const detail = describe(refusal);
  if (isMissing(refusal)) return inputMissing(location, detail, error);
  // Without the right to list, S3 answers 403 for a missing key too (spec errors.md 1401).
  if (isDenied(refusal) || regionErrors.has(refusal.name)) {
    return hasRead
      ? readRightWithdrawn(location, reachedBytes, detail, error)
      : readDenied(location, detail, error);
  }
  const what = refusal.status === 412 ? 'the object changed while it was read' : detail;
  return readBrokeOff(location, reachedBytes, what, error);
}

/** The fault of a write that failed. A stop's reason and faults pass unchanged. */
export function writeFaultOf(location: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof JobFault) return error;
  const refusal = refusalOf(error);
  const detail = describe(refusal);
  if (refusal.status === 403 && /\bkms:/i.test(refusal.text)) {
    return jobFault(1401, 'kms-denied', {}, { component: 'gateway', location, detail }, error);
  }
  if (isDenied(refusal)) return writeDenied(location, detail, error);
  if (refusal.status === 507 || fullErrors.has(refusal.name)) return targetFull(location, detail, error);
  if (refusal.name === 'KeyTooLongError')
    return outputNotOpenable(location, 'the key is longer than 1024 bytes', error);
  return writeFailed(location, refusal.name === 'Error' ? refusal.text : refusal.name, error);
}

function isDenied({ name, status }: S3Refusal): boolean {
  return status === 401 || status === 403 || credentialErrors.has(name);
}

function describe({ name, status, text }: S3Refusal): string {
  return `${name}${status === 0 ? '' : ` (${status})`}: ${text}`;
}
