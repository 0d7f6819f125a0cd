/**
 * The store seam: objects at locations. Implementations: local buckets, S3 protocol, HTTP(S) (read only).
 * One conformance suite runs against each. Every refusal is a JobFault with the code documented for it
 * (spec errors.md 4 and 5), so callers never translate.
 */

/** Facts of a stored object. */
export interface ObjectHead {
  readonly sizeBytes: number;
  readonly eTag: string | null;
  readonly lastModifiedMs: number | null;
  readonly contentType: string | null;
  /** Absolute path when the object is a local file that may be opened by path; null otherwise. */
  readonly path: string | null;
}

/** Headers of a new object. A local bucket has no place for them. */
export interface WriteOptions {
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly cannedAcl?: string;
  readonly storageClass?: string;
  readonly serverSideEncryption?: {
    readonly type: 'AES256' | 'aws:kms';
    readonly keyArn: string | null;
    readonly context: string | null;
  };
}

/** Options that a store may have no place for. */
export type DroppedOption = 'cannedAcl' | 'storageClass' | 'serverSideEncryption';

/** A new object in the making: it appears whole on `publish`, or never. */
export interface ObjectWriter {
  /** Takes bytes; resolves when there is room for more (back-pressure). The buffer may be reused afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the object visible under its key, replacing an older one. Resolves when it is durable enough to be read. */
  publish(): Promise<{ readonly sizeBytes: number }>;
  /** Drops everything written. Tolerates being called twice and after a failed publish. */
  abort(): Promise<void>;
}

/** A readable object, pinned to the version that `open` saw where the protocol allows (ETag). */
export interface ObjectReader {
  readonly head: ObjectHead;
  /**
   * Reads up to `length` bytes at `offset`; fewer only at the end of the object, 0 bytes beyond it.
   * A source that ends early although its head says more is fault 1076; one whose connection breaks or stalls, 3408.
   */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Reads objects. `location` is a full URL: `s3://bucket/key`, `http(s)://…`. */
export interface ReadableStore {
  open(location: string, signal: AbortSignal): Promise<ObjectReader>;
}

/** Reads and writes objects. */
export interface ObjectStore extends ReadableStore {
  /**
   * Fails as far as it can be known before any work is done: with 1404 when the bucket is missing, 1401 when the object
   * may not be written, 1056 when its key cannot be stored. Changes nothing. `options`: those of the object to come.
   * Resolves with those of them that the store has no place for and drops.
   */
  checkWritable(
    location: string,
    signal: AbortSignal,
    options?: WriteOptions,
  ): Promise<readonly DroppedOption[]>;
  create(location: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter>;
  /** Moves a finished local file into place: a rename where possible, an upload otherwise. The file is consumed. */
  publishFile(
    path: string,
    location: string,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<{ readonly sizeBytes: number }>;
}

/** Credentials of a role or a person; `expiration` lets a provider be asked again. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** How one job uses the stores of a deployment. */
export interface JobUse {
  /** Called for each write that S3 throttled (warning 270000). */
  readonly onThrottle: () => void;
  /** Credentials of the job's role for the S3 endpoint; absent: the deployment's own. */
  readonly credentials?: () => Promise<S3Credentials>;
  /** False for locations the input policy disallows; asked for the target of each redirect. Absent: all allowed. */
  readonly allowsInput?: (url: string) => boolean;
}
