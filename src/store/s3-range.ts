/** One ranged GET of an S3 object, with every byte of it or an error. */
import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from './s3-location.ts';

/**
 * A body that is not what was asked for; asked for again, within the limits.
 * - `stalled`: no bytes came for too long;
 * - `cut`: the connection ended in the middle;
 * - `short`: it came whole, and the store had fewer bytes than its head had said.
 */
export class BrokenBodyError extends Error {
  override readonly name = 'BrokenBodyError';
  readonly why: 'stalled' | 'cut' | 'short';
  readonly receivedBytes: number;

  constructor(why: BrokenBodyError['why'], receivedBytes: number, message: string) {
    super(message);
    this.why = why;
    this.receivedBytes = receivedBytes;
  }
}

/**
 * Fetches exactly `length` bytes at `offset` of the version `eTag`. Rejects with the SDK's error when the store
 * refuses, with BrokenBodyError when the bytes do not come within `stallMs` of each other, with the signal's reason.
 */
export async function getRange(
  client: S3Client,
  place: S3Location,
  eTag: string | undefined,
  offset: number,
  length: number,
  stallMs: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const pinned = eTag === undefined ? {} : { IfMatch: eTag };
  const range = `bytes=${offset}-${offset + length - 1}`;
  const command = new GetObjectCommand({ Bucket: place.bucket, Key: place.key, Range: range, ...pinned });
  const { Body: body, ContentRange: answered } = await client.send(command, { abortSignal: signal });
  const stream = body as Readable;
  if (answered !== undefined && !answered.startsWith(`bytes ${offset}-`)) {
    stream.destroy();
    throw new Error(`the store answered range '${answered}' to '${range}'`);
  }
  return collectBody(stream, length, stallMs, signal);
}

/** Collects exactly `length` bytes. Rejects with BrokenBodyError when they do not come. */
function collectBody(
  stream: Readable,
  length: number,
  stallMs: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let received = 0;
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const breakOff = (why: BrokenBodyError['why'], reason: string): void =>
      end(() => {
        stream.destroy();
        const message = `the body ended after ${received} of ${length} bytes: ${reason}`;
        reject(new BrokenBodyError(why, received, message));
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
