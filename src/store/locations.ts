/**
 * All objects a deployment can reach, by location: `http(s)://` is read over HTTP; a bucket of `s3://` is looked for
 * under the given names (`--bucket`), then as a folder, then on the S3 endpoint (design section 8).
 */
import { createHttpStore, type HttpStoreSettings } from './http.ts';
import { type LocalBucketSettings, type LocalBuckets, openLocalBuckets } from './local-buckets.ts';
import type { S3Store } from './s3.ts';
import type { S3Settings } from './s3-client.ts';
import { parseS3Location } from './s3-location.ts';
import type { JobUse, ObjectStore, ReadableStore } from './store.ts';
import { inputMissing, writeFailed } from './store-faults.ts';

/** What a deployment can reach. */
export interface ObjectStoreSettings {
  readonly localBuckets: LocalBucketSettings;
  /** Null: no S3 endpoint; all buckets are local. */
  readonly s3: S3Settings | null;
  readonly http: HttpStoreSettings;
}

/** All stores of a deployment as one. */
export interface ObjectStores extends ObjectStore {
  readonly localBuckets: LocalBuckets;
  /** The same stores for one job. */
  forJob(use: JobUse): ObjectStore;
  /** Ends idle connections. */
  close(): void;
}

/** A local bucket is looked for on the S3 endpoint for so long; an endpoint that is down does not keep us from starting. */
const conflictCheckMs = 5_000;

/**
 * Opens all stores. Throws (a usage error) when a bucket name is both local and on the S3 endpoint, or a folder is
 * missing.
 */
export async function createObjectStores(settings: ObjectStoreSettings): Promise<ObjectStores> {
  const localBuckets = await openLocalBuckets(settings.localBuckets);
  const http = createHttpStore(settings.http);
  // The SDK costs a tenth of a second to load; most commands never see an S3 endpoint.
  const s3 = settings.s3 === null ? null : (await import('./s3.ts')).createS3Store(settings.s3);
  if (s3 !== null) await refuseAmbiguousBuckets(localBuckets, s3);
  const createsMissing = settings.localBuckets.createMissingBuckets;
  return {
    ...routeLocations(localBuckets, s3, http, createsMissing),
    localBuckets,
    forJob: (use) => routeLocations(localBuckets, s3?.forJob(use) ?? null, http.forJob(use), createsMissing),
    close() {
      http.close();
      s3?.close();
    },
  };
}

async function refuseAmbiguousBuckets(localBuckets: LocalBuckets, s3: S3Store): Promise<void> {
  const signal = AbortSignal.timeout(conflictCheckMs);
  const names = await localBuckets.bucketNames();
  const isOnS3 = await Promise.all(names.map((name) => s3.hasBucket(name, signal)));
  const both = names.filter((_, index) => isOnS3[index] === true);
  if (both.length === 0) return;
  throw new Error(
    `bucket ${both.join(', ')} exists as a local folder and on the S3 endpoint: remove or rename one of them`,
  );
}

function routeLocations(
  localBuckets: LocalBuckets,
  s3: S3Store | null,
  http: ReadableStore,
  createsMissing: boolean,
): ObjectStore {
  const bucketStore = async (location: string): Promise<ObjectStore> => {
    const name = parseS3Location(location)?.bucket ?? '';
    return s3 === null || (await localBuckets.hasBucket(name)) ? localBuckets : s3;
  };
  const outputStore = async (location: string, signal: AbortSignal): Promise<ObjectStore> => {
    if (!location.startsWith('s3://')) throw writeFailed(location, 'outputs go to s3:// locations only');
    const store = await bucketStore(location);
    if (store !== s3 || s3 === null || !createsMissing) return store;
    // `run` makes a folder for a bucket that is nowhere.
    const name = parseS3Location(location)?.bucket ?? '';
    return (await s3.isMissingBucket(name, signal)) ? localBuckets : s3;
  };
  return {
    async open(location, signal) {
      if (/^https?:/i.test(location)) return http.open(location, signal);
      if (!location.startsWith('s3://'))
        throw inputMissing(location, 'no s3://, http:// or https:// location');
      return (await bucketStore(location)).open(location, signal);
    },
    checkWritable: async (location, signal, options) =>
      (await outputStore(location, signal)).checkWritable(location, signal, options),
    create: async (location, options, signal) =>
      (await outputStore(location, signal)).create(location, options, signal),
    publishFile: async (path, location, options, signal) =>
      (await outputStore(location, signal)).publishFile(path, location, options, signal),
  };
}
