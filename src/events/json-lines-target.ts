/**
 * Event targets that append one JSON envelope per line to a file or to a stream such as standard output.
 */
import { appendFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { EventTarget } from './envelope.ts';

/** Appends to a file, which is made when missing. Lines are appended whole, so that readers may follow the file. */
export function jsonLinesFileTarget(path: string): EventTarget {
  return {
    name: `file:${path}`,
    async deliver(event, signal) {
      signal.throwIfAborted();
      await appendFile(path, `${JSON.stringify(event)}\n`);
    },
  };
}

/** Writes to a stream and waits until it has taken the line. */
export function jsonLinesStreamTarget(name: string, stream: Writable): EventTarget {
  return {
    name,
    deliver(event, signal) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        stream.write(`${JSON.stringify(event)}\n`, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
}
