/** What a store says of an object or a bucket before anything is read or written, with the reason when it refuses. */
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { headerOf, refusalOf } from './s3-faults.ts';
import type { S3Location } from './s3-location.ts';
import { BrokenBodyError, type PinnedObject } from './s3-range.ts';

/** The object at `place`. Rejects with the SDK's error. */
export async function headObject(
  client: S3Client,
  place: S3Location,
  signal: AbortSignal,
): Promise<PinnedObject> {
  const where = { Bucket: place.bucket, Key: place.key };
  const send = { abortSignal: signal };
  const askForByte = async (): Promise<GetObjectCommandOutput> => {
    const answer = await client.send(new GetObjectCommand({ ...where, Range: 'bytes=0-0' }), send);
    (answer.Body as Readable | undefined)?.on('error', () => {}).destroy();
    return answer;
  };
  const head = await orReason(client.send(new HeadObjectCommand(where), send), askForByte);
  return {
    place,
    version: {
      // What stands between a store and us may drop the length of a head, but not of a range.
      sizeBytes: head.ContentLength ?? (await lengthBy(askForByte)),
      eTag: head.ETag ?? null,
      lastModifiedMs: head.LastModified?.getTime() ?? null,
    },
    contentType: head.ContentType ?? null,
  };
}

type Lengths = Pick<GetObjectCommandOutput, 'ContentRange' | 'ContentLength' | '$metadata'>;

async function lengthBy(askForByte: () => Promise<Lengths>): Promise<number> {
  const answer = await askForByte().catch((error: unknown): Lengths => {
    // An empty object has no first byte.
    if (refusalOf(error).status !== 416) throw error;
    return { ContentRange: headerOf(error, 'content-range') ?? 'bytes */0', $metadata: {} };
  });
  const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
  if (total !== undefined) return Number(total);
  // A store without ranges sends the whole.
  if (answer.$metadata.httpStatusCode === 200 && answer.ContentLength !== undefined)
    return answer.ContentLength;
  throw new BrokenBodyError('whole', Buffer.alloc(0), 'the store does not tell the length of the object');
}

/** Resolves when the bucket is there. Rejects with the SDK's error. */
export async function headBucket(client: S3Client, name: string, signal: AbortSignal): Promise<void> {
  const send = { abortSignal: signal };
  await orReason(client.send(new HeadBucketCommand({ Bucket: name }), send), () =>
    client.send(new ListObjectsV2Command({ Bucket: name, MaxKeys: 1 }), send),
  );
}

/** Statuses that do not say why: credentials that have expired, another region, another endpoint. */
const silentStatuses: ReadonlySet<number> = new Set([301, 307, 400]);

/** A refused HEAD has no body that says why; the same question as a GET has one. */
async function orReason<Answer>(
  asking: Promise<Answer>,
  askForReason: () => Promise<unknown>,
): Promise<Answer> {
  try {
    return await asking;
  } catch (error) {
    if (silentStatuses.has(refusalOf(error).status)) await askForReason();
    throw error;
  }
}
