/**
 * A new S3 object: one PutObject when it is small, a multipart upload otherwise. Memory is bounded by the parts under
 * way; the first failing part ends everything; abort waits for requests under way and then removes the parts, so
 * that nothing is left to pay for. (The SDK's own upload class sends its abort unawaited and goes on with other parts
 * after one has failed.)
 */
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isMissing, refusalOf } from './s3-faults.ts';
import { isPublished } from './s3-published.ts';
import type { ObjectWriter, WriteOptions } from './store.ts';

/** Size of a part: all but the last are equal, which some S3-compatible stores demand. Limit of a streamed object: 160 GB. */
export const streamPartBytes = 16 * 1024 * 1024;
const maxParts = 10_000;
/** Together with the part being filled: 48 MiB per object. */
const partsInFlight = 2;

/** Where and how one object is uploaded. */
export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly options: WriteOptions;
  readonly partBytes: number;
  /** Turns what the store answers into the fault of the job. */
  readonly faultOf: (error: unknown) => unknown;
}

/** The part size for a file of known length. */
export function partBytesFor(sizeBytes: number): number {
  return Math.max(streamPartBytes, Math.ceil(sizeBytes / maxParts));
}

/** Starts an upload; nothing is sent before the first part is full or the object is published. */
export function startUpload(target: UploadTarget, signal: AbortSignal): ObjectWriter {
  const { client, partBytes } = target;
  const place = { Bucket: target.bucket, Key: target.key };
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const send = { abortSignal: stopper.signal };

  let filling = Buffer.alloc(0);
  let filledBytes = 0;
  let sizeBytes = 0;
  /** When the first request was sent. */
  let sinceMs = 0;
  let uploadId: Promise<string> | null = null;
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: unknown = null;
  let state: 'open' | 'published' | 'dropped' = 'open';

  const fail = (error: unknown): void => {
    failure ??= target.faultOf(error);
    stop();
  };
  const assertOpen = (): void => {
    if (state !== 'open')
      throw new TypeError(`s3://${target.bucket}/${target.key} takes no more bytes: it is ${state}`);
    if (failure !== null) throw failure;
  };
  const beginUpload = async (): Promise<string> => {
    sinceMs = Date.now();
    // Not stopped half-way: an upload whose id we never learn could not be aborted.
    const answer = await client.send(
      new CreateMultipartUploadCommand({ ...place, ...headersOf(target.options) }),
    );
    if (answer.UploadId === undefined) throw new Error('the store gave no upload id');
    return answer.UploadId;
  };
  const uploadPart = async (number: number, body: Buffer): Promise<void> => {
    if (number > maxParts) throw new Error('EntityTooLarge: more than 10,000 parts');
    uploadId ??= beginUpload();
    const command = new UploadPartCommand({
      ...place,
      UploadId: await uploadId,
      PartNumber: number,
      Body: body,
    });
    const { ETag } = await client.send(command, send);
    parts.push({ PartNumber: number, ETag });
  };
  let partCount = 0;
  const startPart = (): void => {
    const body = filling.subarray(0, filledBytes);
    filling = Buffer.alloc(0);
    filledBytes = 0;
    partCount += 1;
    const uploading = uploadPart(partCount, body)
      .catch(fail)
      .finally(() => underWay.delete(uploading));
    underWay.add(uploading);
  };
  const complete = async (): Promise<void> => {
    const upload = { ...place, UploadId: (await uploadId) ?? '' };
    const ordered = parts.sort((a, b) => a.PartNumber - b.PartNumber);
    try {
      const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: ordered } });
      await confirm(await client.send(command, send), null);
    } catch (error) {
      // A completion whose answer was lost is asked for again and then finds no upload, but the object.
      if (!isMissing(refusalOf(error)) || (await isThere(null)) !== true) throw error;
    }
  };
  /** A store names the object that it has made; what comes from elsewhere, with status 200 too, does not. */
  const confirm = async (
    { ETag }: { readonly ETag?: string | undefined },
    body: Buffer | null,
  ): Promise<void> => {
    if (ETag === undefined && !(await isThere(body)))
      throw new Error('the answer has no entity tag, and there is no object of this size that is ours');
  };
  const isThere = (body: Buffer | null): Promise<boolean | 'untold'> => {
    const md5 = body === null ? null : createHash('md5').update(body).digest('hex');
    const place = { bucket: target.bucket, key: target.key };
    return isPublished(client, place, { sizeBytes, md5, sinceMs }, stopper.signal);
  };

  return {
    async write(bytes) {
      assertOpen();
      for (let taken = 0; taken < bytes.length; ) {
        if (filling.length === 0) filling = Buffer.allocUnsafe(partBytes);
        const count = Math.min(partBytes - filledBytes, bytes.length - taken);
        filling.set(bytes.subarray(taken, taken + count), filledBytes);
        filledBytes += count;
        taken += count;
        sizeBytes += count;
        if (filledBytes < partBytes) continue;
        startPart();
        while (underWay.size > partsInFlight) await Promise.race(underWay);
        assertOpen();
      }
    },
    async publish() {
      assertOpen();
      try {
        if (partCount === 0) {
          const body = filling.subarray(0, filledBytes);
          const command = new PutObjectCommand({ ...place, ...headersOf(target.options), Body: body });
          sinceMs = Date.now();
          await confirm(await client.send(command, send), body);
        } else {
          if (filledBytes > 0) startPart();
          await Promise.all(underWay);
          assertOpen();
          await complete();
        }
      } catch (error) {
        fail(error);
        throw failure;
      }
      state = 'published';
      signal.removeEventListener('abort', stop);
      return { sizeBytes };
    },
    async abort() {
      if (state !== 'open') return;
      state = 'dropped';
      stop();
      signal.removeEventListener('abort', stop);
      await Promise.all(underWay);
      const id = await uploadId?.catch(() => undefined);
      if (id === undefined) return;
      // A store that cannot be reached keeps the parts; its lifecycle rule for unfinished uploads removes them.
      await client.send(new AbortMultipartUploadCommand({ ...place, UploadId: id })).catch(() => {});
    },
  };
}

/** Request members for the settings of an object (spec naming.md 10). */
function headersOf(options: WriteOptions): Omit<CreateMultipartUploadCommandInput, 'Bucket' | 'Key'> {
  const encryption = options.serverSideEncryption;
  return {
    ContentType: options.contentType,
    ...(options.contentEncoding === undefined ? {} : { ContentEncoding: options.contentEncoding }),
    ...(options.cacheControl === undefined ? {} : { CacheControl: options.cacheControl }),
    ...(options.cannedAcl === undefined ? {} : { ACL: options.cannedAcl as 'private' }),
    ...(options.storageClass === undefined ? {} : { StorageClass: options.storageClass as 'STANDARD' }),
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.type }),
    ...(encryption === undefined || encryption.keyArn === null ? {} : { SSEKMSKeyId: encryption.keyArn }),
    ...(encryption === undefined || encryption.context === null
      ? {}
      : { SSEKMSEncryptionContext: encryption.context }),
  };
}
