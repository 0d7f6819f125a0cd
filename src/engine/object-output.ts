/**
 * An output object behind a bounded buffer. `write` copies and returns at once, because library callbacks call it;
 * the bytes leave in order, in the background; whoever feeds the muxer awaits `drained` between packets (D3).
 */
import { jobFault } from '../catalogue/fault.ts';
import type { OutputObject } from './objects.ts';

/** Above this `drained` waits until half of it has left. */
const highWaterBytes = 8 * 1024 * 1024;
/** A muxer that writes so much between two packets is broken, or its caller never waits. */
const limitBytes = 256 * 1024 * 1024;
/** Bytes handed over at once. */
const pieceBytes = 1024 * 1024;
/** The first piece of an object: playlists and captured pictures are no larger. */
const firstPieceBytes = 128 * 1024;
/** Pieces under way at the same time: hides the round trip to the gateway. */
const piecesInFlight = 4;

/** Where the bytes of one new object go. Calls are made in order. */
export interface ObjectSink {
  /** Takes a piece; resolves when there is room for more. The bytes are not changed afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  publish(): Promise<{ readonly sizeBytes: number }>;
  abort(): Promise<void>;
}

/** An output object that can be told to stop. */
export interface CancelableOutput extends OutputObject {
  /** Sticky: bytes are dropped from now on, `drained` and `publish` reject with `reason` at once. */
  cancel(reason: Error): void;
}

/**
 * Opens the buffer in front of `sink`. `onWritten` counts bytes that were taken from the muxer, `onEnded` is called
 * once, when the object is published or aborted.
 */
export function openBufferedOutput(
  location: string,
  sink: ObjectSink,
  onWritten: (bytes: number) => void,
  onEnded: () => void,
): CancelableOutput {
  const pieces: Uint8Array[] = [];
  /** Taken when there is something to gather: most objects are small, and a megabyte for each keeps the collector busy. */
  let gathered: Buffer | null = null;
  let gatheredBytes = 0;
  /** Bytes of the next piece: the first one shows whether the object is small. */
  let nextPieceBytes = firstPieceBytes;
  let bufferedBytes = 0;
  let inFlight = 0;
  let failure: Error | null = null;
  let ending: Promise<void> | null = null;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    pieces.length = 0;
    gathered = null;
    gatheredBytes = 0;
    bufferedBytes = 0;
    wake();
  };
  const send = (): void => {
    while (failure === null && inFlight < piecesInFlight) {
      const piece = pieces.shift();
      if (piece === undefined) return;
      inFlight += 1;
      sink.write(piece).then(
        () => {
          inFlight -= 1;
          if (failure !== null) return wake();
          bufferedBytes -= piece.length;
          send();
          wake();
        },
        (error) => {
          inFlight -= 1;
          fail(error);
        },
      );
    }
  };
  const cutPiece = (): void => {
    if (gathered === null) return;
    pieces.push(gathered.subarray(0, gatheredBytes));
    gathered = null;
    gatheredBytes = 0;
    nextPieceBytes = pieceBytes;
    send();
  };
  const until = async (isReached: () => boolean): Promise<void> => {
    while (failure === null && !isReached()) await new Promise<void>((resolve) => waiting.push(resolve));
    if (failure !== null) throw failure;
  };
  const end = (): Promise<void> => {
    ending ??= sink.abort().finally(onEnded);
    return ending;
  };

  return {
    location,
    write(bytes) {
      if (failure !== null) return;
      if (bufferedBytes + bytes.length > limitBytes) return fail(overflowFault(location));
      bufferedBytes += bytes.length;
      onWritten(bytes.length);
      for (let taken = 0; taken < bytes.length; ) {
        gathered ??= Buffer.allocUnsafe(nextPieceBytes);
        const count = Math.min(gathered.length - gatheredBytes, bytes.length - taken);
        gathered.set(bytes.subarray(taken, taken + count), gatheredBytes);
        gatheredBytes += count;
        taken += count;
        if (gatheredBytes === gathered.length) cutPiece();
      }
    },
    async drained() {
      if (failure === null && bufferedBytes < highWaterBytes) return;
      await until(() => bufferedBytes < highWaterBytes / 2);
    },
    async publish() {
      cutPiece();
      await until(() => bufferedBytes === 0);
      let published: { readonly sizeBytes: number } | null = null;
      sink.publish().then((done) => {
        published = done;
        wake();
      }, fail);
      await until(() => published !== null);
      if (published === null) throw new TypeError('publish ended without a result');
      ending = Promise.resolve();
      onEnded();
      return published;
    },
    abort() {
      fail(new Error(`writing ${location} was aborted`));
      return end();
    },
    cancel: fail,
  };
}

function overflowFault(location: string): Error {
  return jobFault(
    1999,
    'unknown',
    {},
    {
      component: 'muxer',
      mediaFact: `more than ${limitBytes / 1024 / 1024} MiB of ${location} were written without waiting for room`,
    },
  );
}
