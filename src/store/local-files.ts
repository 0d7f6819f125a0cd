/**
 * Opens a file inside a bucket folder for reading. Keys cannot leave the folder by their text (local-names.ts);
 * here symbolic links are followed and must end inside it too. Only regular files are objects: opening a pipe
 * would wait for its writer.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectReader } from './store.ts';
import { inputMissing, readBrokeOff, readDenied } from './store-faults.ts';

/** Opens the object stored at `relativePath` below `folder`. Rejects with fault 1404 or 1401. */
export async function openLocalFile(
  folder: string,
  relativePath: string,
  location: string,
): Promise<ObjectReader> {
  try {
    const realPath = await realpath(path.join(folder, relativePath));
    if (!isInside(await realpath(folder), realPath)) {
      throw readDenied(location, 'a symbolic link leads out of the bucket folder');
    }
    if (!(await stat(realPath)).isFile()) throw inputMissing(location, 'not a regular file');
    const file = await open(realPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return await readerOf(file, realPath, location);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw readFault(error, location);
  }
}

/** True when `inner` is `outer` or below it; both are real paths. */
export function isInside(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** The open descriptor pins the version: a published replacement is another file. */
async function readerOf(file: FileHandle, realPath: string, location: string): Promise<ObjectReader> {
  const stats = await file.stat({ bigint: true });
  const sizeBytes = Number(stats.size);
  let closing: Promise<void> | null = null;
  return {
    head: {
      sizeBytes,
      eTag: `"${stats.ino.toString(16)}-${stats.size.toString(16)}-${stats.mtimeNs.toString(16)}"`,
      lastModifiedMs: Number(stats.mtimeMs),
      contentType: null,
      path: realPath,
    },
    async read(offset, length, signal) {
      signal.throwIfAborted();
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const buffer = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await file
          .read(buffer, filled, wanted - filled, offset + filled)
          .catch((error: unknown) => {
            throw readBrokeOff(location, offset + filled, (error as Error).message, error);
          });
        if (bytesRead === 0)
          throw readBrokeOff(location, offset + filled, `the file had ${sizeBytes} bytes when it was opened`);
        filled += bytesRead;
      }
      return buffer;
    },
    close() {
      closing ??= file.close();
      return closing;
    },
  };
}

function readFault(error: unknown, location: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return inputMissing(location, code, error);
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
      return readDenied(location, message, error);
    case 'EIO':
      return readBrokeOff(location, 0, message, error);
    default:
      return error;
  }
}
