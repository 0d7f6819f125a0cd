/**
 * Reads bytes of an input object at any place, for the small parsers that look at a container before the library
 * does. Used and closed before a demuxer is attached: both would move the same IO context.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { AVSEEK_SET } from 'node-av/constants';
import type { IOContext } from 'node-av/lib';
import type { InputObject } from '../objects.ts';

/** Random access to the bytes of one object. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** True when each read may cost a round trip: parsers then look at less. */
  readonly isRemote: boolean;
  /** Says what will be read next, so that a remote object gives it with one request. */
  expect(offset: number, length: number): void;
  /** Reads `length` bytes at `offset`; fewer only at the end of the object or when the object fails. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Leaves the object as it was opened: positioned at its first byte. */
  close(): Promise<void>;
}

/** Opens the bytes of an input object, by path or through its IO context. Throws what the object's fault says. */
export function openByteSource(input: InputObject): ByteSource {
  if (input.path !== null) return fileBytes(input.path, input.sizeBytes);
  if (input.io !== null) return contextBytes(input, input.io);
  throw new TypeError(`input object ${input.location} has neither path nor io`);
}

function fileBytes(path: string, sizeBytes: number): ByteSource {
  const file = openSync(path, 'r');
  return {
    sizeBytes,
    isRemote: false,
    expect() {},
    async read(offset, length) {
      const buffer = Buffer.alloc(clampLength(sizeBytes, offset, length));
      let filled = 0;
      while (filled < buffer.length) {
        const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    },
    async close() {
      closeSync(file);
    },
  };
}

function contextBytes(input: InputObject, io: IOContext): ByteSource {
  return {
    sizeBytes: input.sizeBytes,
    isRemote: true,
    expect: (offset, length) => input.expect(offset, length),
    async read(offset, length) {
      const wanted = clampLength(input.sizeBytes, offset, length);
      if (wanted === 0) return Buffer.alloc(0);
      const parts: Buffer[] = [];
      let filled = 0;
      const position = await io.seek(BigInt(offset), AVSEEK_SET);
      while (position >= 0n && filled < wanted) {
        const part = await io.read(wanted - filled);
        if (typeof part === 'number' || part.length === 0) break;
        parts.push(part);
        filled += part.length;
      }
      if (filled < wanted && input.fault instanceof Error) throw input.fault;
      return Buffer.concat(parts);
    },
    async close() {
      await io.seek(0n, AVSEEK_SET);
    },
  };
}

function clampLength(sizeBytes: number, offset: number, length: number): number {
  return Math.max(0, Math.min(length, sizeBytes - offset));
}
