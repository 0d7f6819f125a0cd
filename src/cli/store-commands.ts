/** `openconvert bucket create` and `openconvert cp`. */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { JobFault } from '../catalogue/fault.ts';
import { openLocalBuckets } from '../store/local-buckets.ts';
import type { ObjectStore } from '../store/store.ts';
import { exitCodes, UsageError } from './options.ts';
import { openStores, type StoreOptions } from './resources.ts';

const chunkBytes = 1024 * 1024;

/** Makes a local bucket. Making one that exists changes nothing. */
export async function createBucketCommand(name: string, options: { data: string }): Promise<number> {
  const buckets = await openLocalBuckets({
    bucketsFolder: path.resolve(options.data, 'buckets'),
    named: {},
    createMissingBuckets: false,
  });
  await buckets.createBucket(name).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  process.stdout.write(`${await buckets.folderOf(name)}\n`);
  return exitCodes.done;
}

/** Copies one object. Faults of the stores are printed with their code. */
export async function copyCommand(from: string, to: string, options: StoreOptions): Promise<number> {
  const stores = await openStores(options, { document: null, createsBuckets: false });
  try {
    if (isRemote(to)) await upload(from, to.endsWith('/') ? to + nameOf(from) : to, stores);
    else if (isRemote(from)) await download(from, await fileFor(to, nameOf(from)), stores);
    else throw new UsageError('one of the two must be an s3:// or http(s):// URL');
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    process.stderr.write(`ERROR ${error.code}  ${error.message}\n`);
    return exitCodes.failed;
  } finally {
    stores.close();
  }
}

async function upload(from: string, to: string, stores: ObjectStore): Promise<void> {
  const signal = new AbortController().signal;
  const writer = await stores.create(to, { contentType: 'application/octet-stream' }, signal);
  try {
    const source = isRemote(from)
      ? Readable.from(objectBytes(from, stores))
      : createReadStream(from, { highWaterMark: chunkBytes });
    for await (const chunk of source) await writer.write(chunk as Uint8Array);
    await writer.publish();
  } catch (error) {
    await writer.abort();
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : new UsageError(`cannot read ${from}: ${message}`);
  }
}

async function download(from: string, to: string, stores: ObjectStore): Promise<void> {
  await pipeline(Readable.from(objectBytes(from, stores)), createWriteStream(to)).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.syscall === undefined ? error : new UsageError(`cannot write ${to}: ${error.message}`);
    },
  );
}

async function* objectBytes(location: string, stores: ObjectStore): AsyncGenerator<Uint8Array> {
  const signal = new AbortController().signal;
  const reader = await stores.open(location, signal);
  try {
    for (let offset = 0; offset < reader.head.sizeBytes; ) {
      const bytes = await reader.read(offset, chunkBytes, signal);
      offset += bytes.length;
      yield bytes;
    }
  } finally {
    await reader.close();
  }
}

function isRemote(place: string): boolean {
  return /^(?:s3|https?):\/\//.test(place);
}

function nameOf(place: string): string {
  return isRemote(place) ? (new URL(place).pathname.split('/').pop() ?? '') : path.basename(place);
}

async function fileFor(to: string, name: string): Promise<string> {
  const isFolder = await stat(to).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder || to.endsWith('/') ? path.join(to, name) : to;
}
