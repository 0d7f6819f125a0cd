/** Library failures inside a segmenter: they are bugs or broken encoder output, never the user's settings. */
import { FFmpegError } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';

/** Throws fault 1999 with the library's words when `result` is negative; otherwise returns it. */
export function assertMuxed(result: number, call: string): number {
  if (result >= 0) return result;
  throw jobFault(
    1999,
    'unknown',
    {},
    { component: 'muxer', detail: `${call}: ${FFmpegError.strerror(result)}` },
  );
}
