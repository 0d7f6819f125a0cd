/** Error numbers of the media libraries, as values of ours. */
import {
  AVERROR_EAGAIN,
  AVERROR_ENOSPC,
  AVERROR_EOF,
  AVERROR_EXIT,
  AVERROR_INVALIDDATA,
} from 'node-av/constants';
import { FFmpegError } from 'node-av/lib';

/** A library call that failed, with its number and its own words. */
export class LibraryError extends Error {
  override readonly name = 'LibraryError';
  /** Negative AVERROR number. */
  readonly averror: number;

  constructor(call: string, averror: number) {
    super(`${call}: ${FFmpegError.strerror(averror)} (${averror})`);
    this.averror = averror;
  }
}

/** Throws a LibraryError when `result` is negative; otherwise returns it. */
export function assertDone(result: number, call: string): number {
  if (result < 0) throw new LibraryError(call, result);
  return result;
}

/** The library wants more input before it gives more output, or the other way round. */
export function isAgain(result: number): boolean {
  return result === AVERROR_EAGAIN;
}

/** The library has given everything. */
export function isEnd(result: number): boolean {
  return result === AVERROR_EOF;
}

/** An IO callback was told to stop. */
export function isExit(result: number): boolean {
  return result === AVERROR_EXIT;
}

/** The bytes are not what they claim to be. */
export function isInvalid(result: number): boolean {
  return result === AVERROR_INVALIDDATA;
}

/** No space left where the library writes. */
export function isDiskFull(result: number): boolean {
  return result === AVERROR_ENOSPC;
}
