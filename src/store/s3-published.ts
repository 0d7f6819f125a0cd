/** Whether an upload whose answer was lost, or says nothing, has become an object. */
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { refusalOf } from './s3-faults.ts';
import type { S3Location } from './s3-location.ts';

/** What tells our object from an older one under the same key. */
export interface Upload {
  readonly sizeBytes: number;
  /** Hexadecimal; null: not known, as of objects made of parts. */
  readonly md5: string | null;
  /** When its first request was sent, by our clock: the date of an object made of parts is that of its beginning. */
  readonly sinceMs: number;
}

/** Dates have whole seconds, on both sides of the comparison. */
const dateToleranceMs = 2_000;

/** `untold`: who may write need not be allowed to read (403). Any other answer that shows no such object is false. */
export async function isPublished(
  client: S3Client,
  { bucket, key }: S3Location,
  { sizeBytes, md5, sinceMs }: Upload,
  signal: AbortSignal,
): Promise<boolean | 'untold'> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
  let storeDate = '';
  command.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const { headers } = answer.response as { headers?: Record<string, string> };
      storeDate = headers?.['date'] ?? '';
      return answer;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  try {
    const { ContentLength, ETag, LastModified } = await client.send(command, { abortSignal: signal });
    if (ContentLength !== sizeBytes) return false;
    if (md5 !== null && ETag?.replaceAll('"', '') === md5) return true;
    // The store's clock need not be ours.
    const aheadMs = (Date.parse(storeDate) || Date.now()) - Date.now();
    return LastModified !== undefined && LastModified.getTime() >= sinceMs + aheadMs - dateToleranceMs;
  } catch (error) {
    return refusalOf(error).status === 403 ? 'untold' : false;
  }
}
