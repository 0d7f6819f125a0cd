/** Ranged GETs of one version of an S3 object: every byte that was asked for, or an error. */
import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from './s3-location.ts';
import { isSameVersion, type ObjectVersion } from './same-version.ts';

/**
 * An answer that is not what was asked for.
 * - `stalled`: no bytes came for too long;
 * - `cut`: the connection ended in the middle;
 * - `short`: it came whole, and the store had fewer bytes than its head had said;
 * - `changed`: it is of another version of the object than its head was;
 * - `whole`: the store does not know ranges and sends the whole object.
 */
export class BrokenBodyError extends Error {
  override readonly name = 'BrokenBodyError';
  readonly why: 'stalled' | 'cut' | 'short' | 'changed' | 'whole';
  /** What had come of the body. */
  readonly received: Buffer;
  /** True when the store said which bytes they are: the next question may begin behind them. */
  readonly isPart: boolean;

  constructor(why: BrokenBodyError['why'], received: Buffer, message: string, isPart = false) {
    super(message);
    this.why = why;
    this.received = received;
    this.isPart = isPart;
  }
}

/** True where the same question may have a better answer: the bytes did not come. */
export function mayBeMended(error: unknown): boolean {
  return error instanceof BrokenBodyError && error.why !== 'changed' && error.why !== 'whole';
}

/** An object as its head described it. */
export interface PinnedObject {
  readonly place: S3Location;
  readonly version: ObjectVersion & { readonly sizeBytes: number };
  readonly contentType: string | null;
}

/** A range in the making: what has come of it is kept when the rest has to be asked for again. */
export interface RangeRead {
  /** Where it begins in the object. */
  readonly offset: number;
  /** At least 1, and within the object. */
  readonly length: number;
  readonly pieces: Buffer[];
  /** Bytes of `pieces`. */
  receivedBytes: number;
}

/** A store that gives less than it is asked for is asked again, but not for ever: 16 MiB come in pieces of 16 KiB. */
const maxPieces = 1024;

/**
 * Fetches what is missing of `range`. Rejects with the SDK's error when the store refuses, with BrokenBodyError when the
 * bytes do not come within `stallMs` of each other or are not those of `object`, with the signal's reason; called again,
 * it goes on where it was.
 */
export async function getRange(
  client: S3Client,
  object: PinnedObject,
  range: RangeRead,
  stallMs: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { offset, length, pieces } = range;
  const last = offset + length - 1;
  const keep = (piece: Buffer): void => {
    pieces.push(piece);
    range.receivedBytes += piece.length;
  };
  // A store may answer less than it was asked for and say so (RFC 9110, 15.3.7.1).
  while (range.receivedBytes < length) {
    if (pieces.length === maxPieces)
      throw new Error(`the store answered ${range.receivedBytes} of ${length} bytes in ${maxPieces} ranges`);
    const first = offset + range.receivedBytes;
    try {
      keep(await askForRange(client, object, { first, last }, stallMs, signal));
    } catch (error) {
      if (error instanceof BrokenBodyError && error.isPart) keep(error.received);
      throw error;
    }
  }
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

/** First and last byte, both included. */
interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What the store answers to one question: at least the first byte of `range`. */
async function askForRange(
  client: S3Client,
  object: PinnedObject,
  range: ByteRange,
  stallMs: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { place } = object;
  const { eTag } = object.version;
  const command = new GetObjectCommand({
    Bucket: place.bucket,
    Key: place.key,
    Range: `bytes=${range.first}-${range.last}`,
    // A weak tag never matches (RFC 9110, 13.1.1).
    ...(eTag === null || eTag.startsWith('W/') ? {} : { IfMatch: eTag }),
  });
  const answer = await client.send(command, { abortSignal: signal });
  const stream = answer.Body as Readable;
  let length: number;
  try {
    length = judgeAnswer(answer, object, range);
  } catch (error) {
    // The connection goes too: nobody wants the rest.
    stream.on('error', () => {}).destroy();
    throw error;
  }
  return collectBody(stream, length, answer.ContentRange !== undefined, stallMs, signal);
}

const nothing = Buffer.alloc(0);

/** How many bytes of `range` the answer has. Throws when it has others: not every store heeds `If-Match` and `Range`. */
function judgeAnswer(answer: GetObjectCommandOutput, object: PinnedObject, range: ByteRange): number {
  const asked = range.last - range.first + 1;
  const { eTag, sizeBytes } = object.version;
  const changed = (how: string): BrokenBodyError => new BrokenBodyError('changed', nothing, how);
  if (!isSameVersion(versionOf(answer), object.version))
    throw changed(`its entity tag was ${eTag} and is ${answer.ETag}`);
  if (answer.ContentRange !== undefined) {
    const { first, last, total } = parseContentRange(answer.ContentRange);
    const isCutOff = total !== null && total <= range.last;
    if (total !== null && total !== sizeBytes && !isCutOff)
      throw changed(`it had ${sizeBytes} bytes and has ${total}`);
    if (first !== range.first || last < first)
      throw new Error(
        `the store answered range '${answer.ContentRange}' to 'bytes=${range.first}-${range.last}'`,
      );
    // What ends within the range is not asked for again behind its end: its body is short.
    return isCutOff ? asked : Math.min(last - first + 1, asked);
  }
  if (answer.$metadata.httpStatusCode === 206) return asked;
  const { ContentLength: answeredBytes = sizeBytes } = answer;
  if (answeredBytes !== sizeBytes)
    throw new Error(`the store answered ${answeredBytes} bytes instead of a range of ${sizeBytes}`);
  if (asked !== sizeBytes) throw new BrokenBodyError('whole', nothing, 'HTTP status 200 to a range request');
  return asked;
}

/** The lengths of answers are judged on their own. */
function versionOf({ ETag, LastModified }: GetObjectCommandOutput): ObjectVersion {
  return { eTag: ETag ?? null, lastModifiedMs: LastModified?.getTime() ?? null, sizeBytes: null };
}

/** First, last byte and length of the object; null: not told. */
function parseContentRange(text: string): ByteRange & { readonly total: number | null } {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) throw new Error(`the store answered range '${text}'`);
  return { first: Number(first), last: Number(last), total: total === '*' ? null : Number(total) };
}

/** Collects the first `length` bytes, of a range or of a whole object. Rejects with BrokenBodyError when they do not come. */
function collectBody(
  stream: Readable,
  length: number,
  isRange: boolean,
  stallMs: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let received = 0;
    let isSettled = false;
    const end = (finish: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const breakOff = (why: BrokenBodyError['why'], reason: string): void =>
      end(() => {
        stream.destroy();
        const message = `the body ended after ${received} of ${length} bytes: ${reason}`;
        reject(new BrokenBodyError(why, Buffer.concat(pieces), message, isRange && why !== 'short'));
      });
    const onAbort = (): void =>
      end(() => {
        stream.destroy();
        reject(signal.reason);
      });
    let timer = setTimeout(() => breakOff('stalled', 'no bytes came'), stallMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    stream.on('data', (piece: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(() => breakOff('stalled', 'no bytes came'), stallMs);
      pieces.push(piece);
      received += piece.length;
      if (received <= length) return;
      // More than the object's range: what follows is nobody's, however much it is.
      end(() => resolve(Buffer.concat(pieces).subarray(0, length)));
      stream.destroy();
    });
    stream.on('end', () =>
      received === length ? end(() => resolve(Buffer.concat(pieces))) : breakOff('short', 'it has no more'),
    );
    stream.on('error', (error: Error) =>
      // The SDK's own limit is as long, and may come first.
      breakOff(error.name === 'TimeoutError' ? 'stalled' : 'cut', error.message),
    );
    stream.on('close', () => breakOff('cut', 'the connection was closed'));
  });
}
