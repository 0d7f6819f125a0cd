/**
 * Buckets as folders: `<bucketsFolder>/<name>`, or any folder under a given name (`--bucket NAME=DIR`, which comes
 * first). Keys are case-sensitive where the file system is. Headers of objects (ACL, encryption, storage class,
 * content type) have no place in a folder and are dropped.
 */
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { openLocalFile } from './local-files.ts';
import { isBucketName, partsFolderName, pathOfKey } from './local-names.ts';
import { assertPlaceIsFree, createLocalPart, moveFileIn, removeDeadParts } from './local-parts.ts';
import { parseS3Location } from './s3-location.ts';
import type { DroppedOption, ObjectStore } from './store.ts';
import { inputMissing, outputBucketMissing, outputNotOpenable, writeDenied } from './store-faults.ts';

/** Where local buckets are. */
export interface LocalBucketSettings {
  /** Each folder in it is a bucket; null: only the named ones. Created when it is missing. */
  readonly bucketsFolder: string | null;
  /** Name → folder. */
  readonly named: Readonly<Record<string, string>>;
  /** Writing to a missing bucket makes its folder (`run`); otherwise it is fault 1404 (`serve`). */
  readonly createMissingBuckets: boolean;
}

/** What says who may read an object, where it is kept and how it is enciphered: a folder has its own. */
const headersOfS3: readonly DroppedOption[] = ['cannedAcl', 'storageClass', 'serverSideEncryption'];

/** Local folders as an object store. */
export interface LocalBuckets extends ObjectStore {
  /** Names of all buckets, sorted. */
  bucketNames(): Promise<readonly string[]>;
  hasBucket(name: string): Promise<boolean>;
  /** The bucket's folder. Null when there is none. */
  folderOf(name: string): Promise<string | null>;
  /** Makes `<bucketsFolder>/<name>`; resolves when it exists already. Throws for an illegal name. */
  createBucket(name: string): Promise<void>;
}

/**
 * Opens local buckets and removes what dead processes left half-written. Throws (a usage error) when a given folder
 * is missing, a name is illegal, or a name is given although `bucketsFolder` has it too.
 */
export async function openLocalBuckets(settings: LocalBucketSettings): Promise<LocalBuckets> {
  const { bucketsFolder } = settings;
  const named = new Map<string, string>();
  if (bucketsFolder !== null) await mkdir(bucketsFolder, { recursive: true });
  for (const [name, given] of Object.entries(settings.named)) {
    const folder = path.resolve(given);
    if (!isBucketName(name)) throw new Error(`'${name}' is not a bucket name`);
    if (!(await isFolder(folder))) throw new Error(`bucket ${name}: ${folder} is not a folder`);
    const other = bucketsFolder === null ? null : path.join(bucketsFolder, name);
    if (other !== null && path.resolve(other) !== folder && (await isFolder(other))) {
      throw new Error(`bucket ${name} is given as ${folder}, but ${other} exists too: remove one of them`);
    }
    named.set(name, folder);
  }

  const folderOf = async (name: string): Promise<string | null> => {
    const given = named.get(name);
    if (given !== undefined) return (await isFolder(given)) ? given : null;
    if (bucketsFolder === null || !isBucketName(name)) return null;
    const folder = path.join(bucketsFolder, name);
    return (await isFolder(folder)) ? folder : null;
  };
  const bucketNames = async (): Promise<readonly string[]> => {
    const entries = bucketsFolder === null ? [] : await readdir(bucketsFolder);
    const names = new Set(named.keys());
    for (const entry of entries) if ((await folderOf(entry)) !== null) names.add(entry);
    return [...names].sort();
  };
  const createBucket = async (name: string): Promise<void> => {
    if (!isBucketName(name)) throw new Error(`'${name}' is not a bucket name`);
    if (bucketsFolder === null) throw new Error('there is no folder for new buckets');
    await mkdir(path.join(bucketsFolder, name), { recursive: true });
  };

  /** True for a missing bucket that its first object makes. */
  const isMadeByWriting = (bucket: string): boolean =>
    settings.createMissingBuckets && bucketsFolder !== null && isBucketName(bucket);
  /** The folder of a bucket to be written, made when that is the rule. */
  const writableFolder = async (bucket: string, location: string): Promise<string> => {
    if (isMadeByWriting(bucket) && (await folderOf(bucket)) === null) {
      await createBucket(bucket).catch((error: unknown) => {
        throw writeDenied(location, (error as Error).message, error);
      });
    }
    const folder = await folderOf(bucket);
    if (folder === null) throw outputBucketMissing(location, `there is no bucket '${bucket}'`);
    return folder;
  };
  const placeOf = async (location: string): Promise<{ folder: string; relativePath: string }> => {
    const { bucket, key } = parseS3Location(location) ?? { bucket: '', key: '' };
    const folder = await writableFolder(bucket, location);
    return { folder, relativePath: writablePath(key, location) };
  };

  for (const name of await bucketNames()) {
    const folder = await folderOf(name);
    if (folder !== null) await removeDeadParts(folder);
  }

  return {
    bucketNames,
    folderOf,
    createBucket,
    hasBucket: async (name) => (await folderOf(name)) !== null,
    async open(location, signal) {
      signal.throwIfAborted();
      const { bucket, key } = parseS3Location(location) ?? { bucket: '', key: '' };
      const folder = await folderOf(bucket);
      if (folder === null) throw inputMissing(location, `there is no bucket '${bucket}'`);
      const relativePath = pathOfKey(key);
      if (relativePath === null) throw inputMissing(location, 'no file can have this key as its name');
      return openLocalFile(folder, relativePath, location);
    },
    async checkWritable(location, signal, options) {
      signal.throwIfAborted();
      const { bucket, key } = parseS3Location(location) ?? { bucket: '', key: '' };
      const folder = await folderOf(bucket);
      if (folder === null && !isMadeByWriting(bucket))
        throw outputBucketMissing(location, `there is no bucket '${bucket}'`);
      // Without a key the bucket alone is looked at.
      const relativePath = key === '' ? '' : writablePath(key, location);
      if (folder !== null && key !== '') await assertPlaceIsFree(folder, relativePath, location);
      // Only writing shows all of it: rights, a read-only volume, a volume without a free entry. A bucket that is still
      // to be made is not made for it: the job may never come to write.
      await (await createLocalPart(folder ?? bucketsFolder ?? '', partsFolderName, location)).abort();
      return headersOfS3.filter((name) => options?.[name] !== undefined);
    },
    async create(location, _options, signal) {
      signal.throwIfAborted();
      const { folder, relativePath } = await placeOf(location);
      return createLocalPart(folder, relativePath, location);
    },
    async publishFile(filePath, location, _options, signal) {
      signal.throwIfAborted();
      const { size } = await stat(filePath);
      const { folder, relativePath } = await placeOf(location);
      await moveFileIn(filePath, folder, relativePath, location);
      return { sizeBytes: size };
    },
  };
}

function writablePath(key: string, location: string): string {
  const relativePath = pathOfKey(key);
  if (relativePath !== null) return relativePath;
  throw outputNotOpenable(location, 'no file can have this key as its name');
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
