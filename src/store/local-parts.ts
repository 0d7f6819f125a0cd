/**
 * New objects of a local bucket. They are written into the bucket's parts folder, on the same file system, and
 * renamed when they are published: readers see the old object or the new one, never a piece. Without fsync: a
 * process may die at any time without harm, a power loss may cost the newest objects.
 *
 * A part's name says which process writes it, so that the next start removes what dead processes left.
 */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isInside } from './local-files.ts';
import { partsFolderName } from './local-names.ts';
import type { ObjectWriter } from './store.ts';
import {
  outputBucketMissing,
  outputNotOpenable,
  targetFull,
  writeDenied,
  writeFailed,
} from './store-faults.ts';

/** The parts folder may be removed, by this process or another, between its making and the part's. */
const mostAttempts = 8;

/** Starts a new object that will appear at `relativePath` below `folder`. Rejects with fault 1056, 1401, 1404, 1507 or 1517. */
export async function createLocalPart(
  folder: string,
  relativePath: string,
  location: string,
): Promise<ObjectWriter> {
  const translate = translateFor(location);
  const { partPath, file } = await openPart(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw outputBucketMissing(location, error.message, error);
    return translate(error);
  });
  let sizeBytes = 0;
  let state: 'open' | 'published' | 'dropped' = 'open';
  let writes: Promise<unknown> = Promise.resolve();

  const append = async (bytes: Uint8Array): Promise<void> => {
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    sizeBytes += bytes.length;
  };
  return {
    write(bytes) {
      if (state !== 'open')
        return Promise.reject(new TypeError(`${location} takes no more bytes: it is ${state}`));
      const written = writes.then(() => append(bytes)).catch(translate);
      writes = written;
      written.catch(() => {});
      return written;
    },
    async publish() {
      if (state !== 'open') throw new TypeError(`${location} is already ${state}`);
      await writes;
      await file.close();
      await moveIntoPlace(partPath, folder, relativePath).catch(translate);
      await endPart(folder);
      state = 'published';
      return { sizeBytes };
    },
    async abort() {
      if (state !== 'open') return;
      state = 'dropped';
      await writes.catch(() => {});
      await file.close().catch(() => {});
      await dropPart(folder, partPath);
    },
  };
}

/**
 * Looks whether an object can appear at `relativePath` below `folder`: nothing that is there already, and no right,
 * stands against it. Rejects with fault 1056 or 1401 as writing would.
 */
export async function assertPlaceIsFree(
  folder: string,
  relativePath: string,
  location: string,
): Promise<void> {
  const target = path.join(folder, relativePath);
  try {
    await assertStaysInside(folder, path.dirname(target));
    await access(await nearestFolder(path.dirname(target)), constants.W_OK | constants.X_OK);
    const stats = await lstat(target).catch(whenMissing);
    if (stats?.isDirectory()) throw Object.assign(new Error('a folder has this name'), { code: 'EISDIR' });
  } catch (error) {
    translateFor(location)(error);
  }
}

/** The folder that exists above a new object. Throws ENOTDIR where an object is in its place. */
async function nearestFolder(parent: string): Promise<string> {
  for (let existing = parent; ; existing = path.dirname(existing)) {
    const stats = await stat(existing).catch(whenMissing);
    if (stats === null) continue;
    if (stats.isDirectory()) return existing;
    throw Object.assign(new Error(`${existing} is a file`), { code: 'ENOTDIR' });
  }
}

function whenMissing(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error;
  return null;
}

/** Moves a finished file into a bucket: a rename on the same file system, otherwise a copy that is published like a part. */
export async function moveFileIn(
  filePath: string,
  folder: string,
  relativePath: string,
  location: string,
): Promise<void> {
  const translate = translateFor(location);
  try {
    await moveIntoPlace(filePath, folder, relativePath);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') return translate(error);
    await copyIn(filePath, folder, relativePath).catch(translate);
    await rm(filePath, { force: true });
  }
}

async function copyIn(filePath: string, folder: string, relativePath: string): Promise<void> {
  const { partPath, file } = await openPart(folder);
  try {
    await file.close();
    await copyFile(filePath, partPath);
    await moveIntoPlace(partPath, folder, relativePath);
    await endPart(folder);
  } catch (error) {
    await dropPart(folder, partPath);
    throw error;
  }
}

/** Removes the parts of processes of this machine that are no more. Called once per bucket, at start. */
export async function removeDeadParts(folder: string): Promise<void> {
  const partsFolder = path.join(folder, partsFolderName);
  const names = await readdir(partsFolder).catch(() => []);
  for (const name of names) {
    const [host, pid = '', startedAt = ''] = name.split('~');
    if (host !== hostToken() || (await processStart(Number(pid))) === startedAt) continue;
    await rm(path.join(partsFolder, name), { force: true });
  }
  await removeEmptyPartsFolder(folder);
}

/** Creates an empty part. The parts folder comes and goes with its parts, so it may vanish between two calls. */
async function openPart(folder: string): Promise<{ partPath: string; file: FileHandle }> {
  const partsFolder = path.join(folder, partsFolderName);
  const partPath = path.join(
    partsFolder,
    `${hostToken()}~${process.pid}~${await ownStart()}~${randomUUID()}`,
  );
  openParts.set(folder, (openParts.get(folder) ?? 0) + 1);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { partPath, file: await open(partPath, 'wx') };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === mostAttempts) throw error;
      }
      await mkdir(partsFolder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  } catch (error) {
    await endPart(folder);
    throw error;
  }
}

async function dropPart(folder: string, partPath: string): Promise<void> {
  try {
    await rm(partPath, { force: true });
  } finally {
    await endPart(folder);
  }
}

/** Parts of this process that are not ended, by the folder of their bucket. */
const openParts = new Map<string, number>();

/** The last part that ends takes the parts folder with it: objects that follow each other closely make it once. */
async function endPart(folder: string): Promise<void> {
  const left = (openParts.get(folder) ?? 1) - 1;
  if (left > 0) openParts.set(folder, left);
  else {
    openParts.delete(folder);
    await removeEmptyPartsFolder(folder);
  }
}

/** A bucket is somebody's folder: nothing of ours stays in it. Fails while other processes write parts. */
async function removeEmptyPartsFolder(folder: string): Promise<void> {
  await rmdir(path.join(folder, partsFolderName)).catch(() => {});
}

async function moveIntoPlace(filePath: string, folder: string, relativePath: string): Promise<void> {
  const target = path.join(folder, relativePath);
  const parent = path.dirname(target);
  if (parent !== folder) await assertStaysInside(folder, parent);
  await rename(filePath, target).catch(async (error: NodeJS.ErrnoException) => {
    // The bucket itself is not made again.
    if (error.code !== 'ENOENT' || parent === folder) throw error;
    await mkdir(parent, { recursive: true });
    await rename(filePath, target);
  });
}

/** The nearest existing folder above a new object must be in the bucket even when links are followed. */
async function assertStaysInside(folder: string, parent: string): Promise<void> {
  const realFolder = await realpath(folder);
  for (let existing = parent; ; existing = path.dirname(existing)) {
    const real = await realpath(existing).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && existing !== folder) return null;
      throw error;
    });
    if (real === null) continue;
    if (isInside(realFolder, real)) return;
    throw Object.assign(new Error('a symbolic link leads out of the bucket folder'), { code: 'EACCES' });
  }
}

function hostToken(): string {
  return hostname()
    .replaceAll(/[^A-Za-z0-9.-]/g, '_')
    .slice(0, 64);
}

/**
 * What tells a process from a later one with the same number: its start in clock ticks since boot. '' when there is
 * no such process; 'alive' where the system does not tell (no /proc).
 */
async function processStart(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return '';
  }
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (text === null) return 'alive';
  // The command name may contain anything but ends with the last parenthesis; the start is field 22.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 'alive';
}

let knownOwnStart: Promise<string> | null = null;

function ownStart(): Promise<string> {
  knownOwnStart ??= processStart(process.pid);
  return knownOwnStart;
}

function translateFor(location: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
      case 'ENOSPC':
      case 'EDQUOT':
        throw targetFull(location, message, error);
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        throw writeDenied(location, message, error);
      case 'ENOENT':
        throw writeFailed(location, 'the bucket or the finished file vanished', error);
      case 'ENOTDIR':
      case 'EISDIR':
      case 'ENOTEMPTY':
      case 'EEXIST':
        throw outputNotOpenable(
          location,
          'one key would be both an object and a folder, which a file system cannot store',
          error,
        );
      case 'ENAMETOOLONG':
        throw outputNotOpenable(location, 'the key is longer than a path may be', error);
      default:
        throw code === undefined ? error : writeFailed(location, code, error);
    }
  };
}
