/**
 * Objects behind the S3 protocol: AWS or any compatible store. Reading is HEAD and ranged GETs pinned to the entity
 * tag that `open` saw; writing is in s3-upload.ts. What the store answers becomes the documented fault (s3-faults.ts).
 */
import { constants } from 'node:fs';
import { open as openFile, rm } from 'node:fs/promises';
import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { retry } from './retry.ts';
import { defaultS3Limits, openS3Client, type S3Settings } from './s3-client.ts';
import { isMissing, readFaultOf, refusalOf, writeFaultOf } from './s3-faults.ts';
import { headBucket, headObject } from './s3-head.ts';
import { parseS3Location, type S3Location } from './s3-location.ts';
import { getRange, mayBeMended, type PinnedObject } from './s3-range.ts';
import { partBytesFor, startUpload, streamPartBytes } from './s3-upload.ts';
import type { JobUse, ObjectReader, ObjectStore, WriteOptions } from './store.ts';
import { inputMissing, outputBucketMissing, outputNotOpenable, writeFailed } from './store-faults.ts';

/** S3 as an object store. */
export interface S3Store extends ObjectStore {
  /** True when the bucket exists and we may know it. */
  hasBucket(name: string, signal: AbortSignal): Promise<boolean>;
  /** True when the store says that there is no such bucket; what it does not say is not missing. Asked once per bucket found. */
  isMissingBucket(name: string, signal: AbortSignal): Promise<boolean>;
  /** The same store with the same connections for one job: its throttled writes are told, its role's credentials used. */
  forJob(use: Pick<JobUse, 'onThrottle' | 'credentials'>): S3Store;
  /** Ends idle connections. */
  close(): void;
}

const firstPauseMs = 100;

/** S3 User Guide, "Naming Amazon S3 objects": a key is at most 1024 bytes of UTF-8. */
const longestKeyBytes = 1024;

/** Opens the store. Nothing is sent before the first call. */
export function createS3Store(settings: S3Settings): S3Store {
  const client = openS3Client(settings);
  return createStoreOn(client, settings, new Set(), () => client.destroy());
}

/** `knownBuckets`: seen to exist; one that is missing later has vanished (fault 1517, not 1404). */
function createStoreOn(
  client: S3Client,
  settings: S3Settings,
  knownBuckets: Set<string>,
  close: () => void,
): S3Store {
  const limits = { ...defaultS3Limits, ...settings.limits };
  /** Asked for by this job, with nothing against them: its outputs share a few buckets. */
  const openBuckets = new Set<string>();
  const repeat = { attempts: limits.attempts, firstPauseMs, totalMs: limits.stallMs * 2 };

  const startWriter = (
    location: string,
    place: S3Location,
    options: WriteOptions,
    partBytes: number,
    signal: AbortSignal,
  ) => {
    const faultOf = (error: unknown): unknown => {
      if (refusalOf(error).name === 'NoSuchBucket' && !knownBuckets.has(place.bucket) && !signal.aborted) {
        return outputBucketMissing(location, 'NoSuchBucket', error);
      }
      return writeFaultOf(location, error, signal);
    };
    return startUpload({ client, bucket: place.bucket, key: place.key, options, partBytes, faultOf }, signal);
  };

  return {
    async open(location, signal) {
      const place = readPlace(location);
      const object = await headObject(client, place, signal).catch((error: unknown) => {
        throw readFaultOf(location, { reachedBytes: 0, hasRead: false }, error, signal);
      });
      let hasRead = false;
      return readerOf(object, async (offset, length, limit) => {
        const range = { offset, length, pieces: [], receivedBytes: 0 };
        const ask = (): Promise<Buffer> => getRange(client, object, range, limits.stallMs, limit);
        try {
          const bytes = await retry(repeat, ask, mayBeMended, limit);
          hasRead = true;
          return bytes;
        } catch (error) {
          const reach = { reachedBytes: offset, receivedBytes: range.receivedBytes, hasRead };
          throw readFaultOf(location, reach, error, limit);
        }
      });
    },
    async checkWritable(location, signal) {
      const { bucket, key } = parseS3Location(location) ?? { bucket: '', key: '' };
      if (Buffer.byteLength(key) > longestKeyBytes)
        throw outputNotOpenable(location, `the key is longer than ${longestKeyBytes} bytes`);
      if (openBuckets.has(bucket)) return [];
      try {
        await headBucket(client, bucket, signal);
        knownBuckets.add(bucket);
        openBuckets.add(bucket);
        return [];
      } catch (error) {
        const refusal = refusalOf(error);
        if (isMissing(refusal)) throw outputBucketMissing(location, refusal.name, error);
        // A role may write without the right to list, and then HEAD is refused; the first object will tell.
        if (refusal.status === 403) {
          openBuckets.add(bucket);
          return [];
        }
        throw writeFaultOf(location, error, signal);
      }
    },
    async create(location, options, signal) {
      return startWriter(location, writePlace(location), options, streamPartBytes, signal);
    },
    async publishFile(filePath, location, options, signal) {
      // A link could lead anywhere: the file's name comes from an engine child.
      const file = await openFile(filePath, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const { size } = await file.stat();
        const writer = startWriter(location, writePlace(location), options, partBytesFor(size), signal);
        try {
          for await (const piece of file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) {
            await writer.write(piece as Buffer);
          }
          await writer.publish();
        } catch (error) {
          await writer.abort();
          throw error;
        }
        await rm(filePath, { force: true });
        return { sizeBytes: size };
      } finally {
        await file.close();
      }
    },
    async hasBucket(name, signal) {
      const head = client.send(new HeadBucketCommand({ Bucket: name }), { abortSignal: signal });
      return head.then(
        () => true,
        () => false,
      );
    },
    async isMissingBucket(name, signal) {
      if (knownBuckets.has(name)) return false;
      try {
        await client.send(new HeadBucketCommand({ Bucket: name }), { abortSignal: signal });
        knownBuckets.add(name);
        return false;
      } catch (error) {
        return isMissing(refusalOf(error));
      }
    },
    forJob({ onThrottle, credentials }) {
      const reporting = { ...settings, onThrottle, credentials: credentials ?? settings.credentials };
      // The connections belong to the store that opened them.
      return createStoreOn(openS3Client(reporting, client), reporting, knownBuckets, () => {});
    },
    close,
  };
}

function readPlace(location: string): S3Location {
  const place = parseS3Location(location);
  if (place === null || place.key === '')
    throw inputMissing(location, 'the location has no bucket or no key');
  return place;
}

function writePlace(location: string): S3Location {
  const place = parseS3Location(location);
  if (place === null || place.key === '') throw writeFailed(location, 'the location has no bucket or no key');
  return place;
}

function readerOf(
  object: PinnedObject,
  fetch: (offset: number, length: number, signal: AbortSignal) => Promise<Buffer>,
): ObjectReader {
  const { sizeBytes } = object.version;
  return {
    head: { ...object.version, sizeBytes, contentType: object.contentType, path: null },
    async read(offset, length, signal) {
      signal.throwIfAborted();
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      return wanted === 0 ? Buffer.alloc(0) : fetch(offset, wanted, signal);
    },
    close: () => Promise.resolve(),
  };
}
