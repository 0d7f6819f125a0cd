/** The S3 protocol client: where it connects, as whom, how long it waits and how often it tries. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Credentials } from './store.ts';

/** Deadlines in milliseconds and tries per request. */
export interface S3Limits {
  readonly connectMs: number;
  /** Longest silence on a connection, in headers and bodies. */
  readonly stallMs: number;
  /** Tries per request, with the SDK's pauses between them; also tries for a body that breaks off. */
  readonly attempts: number;
}

/** Connect 5 s, silence 15 s, three tries: a dead store is reported within a minute. */
export const defaultS3Limits: S3Limits = { connectMs: 5_000, stallMs: 15_000, attempts: 3 };

/** How S3 is reached. */
export interface S3Settings {
  /** `http(s)://host:port` of an S3-compatible store; null: AWS. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Bucket names in the path instead of the host name, as most S3-compatible stores want. */
  readonly forcePathStyle: boolean;
  /** Null: environment, profile or instance role, as the SDK finds them. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>) | null;
  /** What is absent has its default. */
  readonly limits?: Partial<S3Limits>;
  /** Called each time the store answers 503 to a write: warning 270000. */
  readonly onThrottle?: () => void;
}

/** Opens a client. `shared`: an open client whose connections are used too. */
export function openS3Client(settings: S3Settings, shared?: S3Client): S3Client {
  const limits = { ...defaultS3Limits, ...settings.limits };
  const agent = { keepAlive: true, maxSockets: 64 };
  const config: S3ClientConfig = {
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    followRegionRedirects: settings.endpoint === null,
    maxAttempts: limits.attempts,
    // S3-compatible stores refuse or mishandle the checksums the SDK adds by default since 2025.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: shared?.config.requestHandler ?? {
      connectionTimeout: limits.connectMs,
      socketTimeout: limits.stallMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === null ? {} : { credentials: settings.credentials }),
  };
  const client = new S3Client(config);
  if (settings.onThrottle !== undefined) reportThrottling(client, settings.onThrottle);
  return client;
}

const writes = new Set([
  'PutObjectCommand',
  'CreateMultipartUploadCommand',
  'UploadPartCommand',
  'CompleteMultipartUploadCommand',
]);

/** What an upload that is completed, or an object that is put, can answer in a body of status 200 (S3 API, `CompleteMultipartUpload`). */
const refusedBy200 = new Set(['InternalError', 'AccessDenied']);

/** Sees each attempt, below the SDK's own repetition: a write that succeeds later was throttled all the same. */
function reportThrottling(client: S3Client, onThrottle: () => void): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
        // The SDK gives refusals that came with status 200 the status 503: their names tell them apart.
        const isThrottled =
          name === 'SlowDown' || ($metadata?.httpStatusCode === 503 && !refusedBy200.has(name ?? ''));
        if (isThrottled && writes.has(context.commandName ?? '')) onThrottle();
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'reportThrottling' },
  );
}
