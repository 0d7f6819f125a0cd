/**
 * An input object behind asynchronous read callbacks, which are served from a cache of blocks. Shared by the channel
 * and the in-process implementation of `EngineObjects`.
 */
import {
  AVERROR_EIO,
  AVERROR_EOF,
  AVERROR_EXIT,
  AVSEEK_CUR,
  AVSEEK_END,
  AVSEEK_SET,
  AVSEEK_SIZE,
} from 'node-av/constants';
import { IOContext } from 'node-av/lib';
import { blockBytes, createBlockCache, type RangeSource } from './block-cache.ts';
import type { InputObject } from './objects.ts';

/** The library's own buffer; 256 KiB–1 MiB measured equal (design D3). */
const ioBufferBytes = 256 * 1024;

/** An input object that can be told to stop. */
export interface CancelableInput extends InputObject {
  /** Sticky: callbacks waiting now and all later ones answer AVERROR_EXIT at once. */
  cancel(reason: Error): void;
}

/** An input opened by the library itself, by path. A cancel only leaves its reason as the fault. */
export function openPathInput(
  location: string,
  path: string,
  sizeBytes: number,
  onClosed: () => void,
): CancelableInput {
  let fault: Error | null = null;
  return {
    location,
    sizeBytes,
    path,
    io: null,
    bytesRead: 0,
    expect() {},
    get fault() {
      return fault;
    },
    cancel(reason) {
      fault ??= reason;
    },
    async close() {
      onClosed();
    },
  };
}

/** An input read through callbacks. The caller attaches `io` to a demuxer and uses asynchronous calls only. */
export function openRangeInput(location: string, source: RangeSource, onClosed: () => void): CancelableInput {
  const blocks = createBlockCache(source);
  const waiting = new Set<(answer: number) => void>();
  let position = 0;
  let fault: Error | null = null;
  let isCanceled = false;
  let isClosed = false;

  const fail = (error: unknown): number => {
    fault ??= error instanceof Error ? error : new Error(String(error));
    return isCanceled ? AVERROR_EXIT : AVERROR_EIO;
  };

  /** Resolves with the block's bytes, or with a number as soon as the input is canceled. */
  const awaitBlock = (
    block: Promise<Buffer>,
    take: (bytes: Buffer) => Buffer | number,
  ): Promise<Buffer | number> =>
    new Promise((resolve) => {
      waiting.add(resolve);
      const answer = (value: Buffer | number): void => {
        waiting.delete(resolve);
        resolve(value);
      };
      block.then(
        (bytes) => answer(take(bytes)),
        (error) => answer(fail(error)),
      );
    });

  const read = (size: number): Buffer | number | Promise<Buffer | number> => {
    if (isCanceled) return AVERROR_EXIT;
    if (fault !== null) return AVERROR_EIO;
    if (position >= source.sizeBytes) return AVERROR_EOF;
    const blockIndex = Math.floor(position / blockBytes);
    const within = position - blockIndex * blockBytes;
    const take = (bytes: Buffer): Buffer | number => {
      const slice = bytes.subarray(within, within + size);
      position += slice.length;
      return slice.length > 0 ? slice : AVERROR_EOF;
    };
    const block = blocks.get(blockIndex);
    return block instanceof Promise ? awaitBlock(block, take) : take(block);
  };

  const seek = (offset: bigint, whence: number): bigint => {
    if (isCanceled) return BigInt(AVERROR_EXIT);
    if ((whence & AVSEEK_SIZE) !== 0) return BigInt(source.sizeBytes);
    const bases: Record<number, number> = {
      [AVSEEK_SET]: 0,
      [AVSEEK_CUR]: position,
      [AVSEEK_END]: source.sizeBytes,
    };
    const target = (bases[whence & 3] ?? Number.NaN) + Number(offset);
    if (!Number.isSafeInteger(target) || target < 0) return BigInt(AVERROR_EIO);
    position = target;
    return BigInt(target);
  };

  const io = new IOContext();
  io.allocContextWithCallbacks(
    ioBufferBytes,
    0,
    (size) => {
      if (isInsideLibraryCall()) {
        return fail(
          new TypeError(`a synchronous library call was made on ${location}, which is read asynchronously`),
        );
      }
      return read(size);
    },
    null,
    seek,
  );

  return {
    location,
    sizeBytes: source.sizeBytes,
    path: null,
    io,
    get bytesRead() {
      return blocks.bytesFetched();
    },
    expect(offset, length) {
      if (!isCanceled && fault === null) blocks.expect(offset, length);
    },
    get fault() {
      return fault;
    },
    cancel(reason) {
      isCanceled = true;
      fault ??= reason;
      for (const answer of waiting) answer(AVERROR_EXIT);
      waiting.clear();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      onClosed();
      io.freeContext();
      await source.close();
    },
  };
}

/**
 * True when a callback runs below a synchronous library call. The event loop enters a callback of an asynchronous
 * call on an empty stack; a synchronous call leaves its caller's frames below. A promise returned there becomes
 * EINVAL without a word and looks like a damaged file (design D3, observed).
 */
function isInsideLibraryCall(): boolean {
  const kept = Error.stackTraceLimit;
  Error.stackTraceLimit = 3;
  const lines = (new Error().stack ?? '').split('\n');
  Error.stackTraceLimit = kept;
  // Message, this function and the callback come first; the runtime may add a frame of its own below.
  return lines.slice(3).some((line) => !line.includes('node:internal'));
}
