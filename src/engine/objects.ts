/**
 * Objects as the engine sees them: named by location, granted by the worker, reached by path or through the
 * inherited channel. Implementations: `channel-objects.ts` (through the worker's gateway) and
 * `local-objects.ts` (this process, local folders; for tools and tests). One conformance suite for both.
 */
import type { IOContext } from 'node-av/lib';
import type { WriteOptions } from '../store/store.ts';

/** An input object opened for one demuxer. The opener closes it, after the demuxer is closed. */
export interface InputObject {
  readonly location: string;
  readonly sizeBytes: number;
  /** Non-null: open the demuxer on this path; synchronous library calls are allowed. */
  readonly path: string | null;
  /**
   * Non-null: attach to the demuxer as `pb`. Its callbacks return promises, so only asynchronous library calls
   * may run on that demuxer (a promise under a synchronous call is EINVAL without a word, design D3).
   */
  readonly io: IOContext | null;
  /** Bytes fetched so far. */
  readonly bytesRead: number;
  /** Says what will be read next, so that it is fetched at once; does nothing for an object opened by path. */
  expect(offset: number, length: number): void;
  /** The fault behind the last failed read callback: it explains the library's bare EIO. */
  readonly fault: unknown;
  close(): Promise<void>;
}

/** A new object in the making. */
export interface OutputObject {
  readonly location: string;
  /**
   * Copies the bytes into a bounded buffer and returns at once; never throws, so it is safe inside library callbacks.
   * After a failure or a cancel the bytes are dropped; `drained` and `publish` reject with the reason.
   */
  write(bytes: Uint8Array): void;
  /** Resolves when the buffer has room again; await it between packets (back-pressure). Rejects when writing failed. */
  drained(): Promise<void>;
  /** Makes the object visible, whole. */
  publish(): Promise<{ readonly sizeBytes: number }>;
  /** Drops it. Tolerates being called twice. */
  abort(): Promise<void>;
}

/** Objects of one task. */
export interface EngineObjects {
  openInput(location: string): Promise<InputObject>;
  create(location: string, options: WriteOptions): OutputObject;
  /** Publishes a finished scratch file. */
  publishFile(path: string, location: string, options: WriteOptions): Promise<{ readonly sizeBytes: number }>;
  /** Sticky: every read and write from now on fails at once, so that library calls unwind. */
  cancel(): void;
  readonly bytesWritten: number;
}
