/** What commands that open locations work with: stores, engines, capacity. Made from options, closed at the end. */
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { type LocalBuckets, openLocalBuckets } from '../store/local-buckets.ts';
import { pathOfKey } from '../store/local-names.ts';
import { parseS3Location } from '../store/s3-location.ts';
import type { ObjectStore } from '../store/store.ts';
import { createEnginePool } from '../worker/engine-pool.ts';
import { type AttemptResources, defaultTaskLimits } from '../worker/run-job.ts';
import { chooseSandbox, type SandboxMode } from '../worker/sandbox.ts';
import { UsageError } from './options.ts';

/** Options of every command that opens locations. */
export interface StoreOptions {
  readonly data: string;
  readonly scratch?: string;
  readonly bucket?: ReadonlyMap<string, string>;
  readonly s3Endpoint?: string;
  readonly allowPrivateHttp: boolean;
  readonly sandbox?: string;
}

/** How a command uses its resources. */
export interface ResourceUse {
  /** Job document: `buckets/NAME` folders beside it are buckets. */
  readonly document: string | null;
  /** Missing output buckets become folders. */
  readonly createsBuckets: boolean;
  /** Engines started at once. */
  readonly spares: number;
  readonly identity?: DeploymentIdentity;
}

/** Resources of one command; `await using` ends its engines. */
export interface CommandResources extends AttemptResources, AsyncDisposable {
  readonly buckets: LocalBuckets;
  /** The file of an object in a local bucket; null elsewhere. */
  pathOf(location: string): Promise<string | null>;
}

const defaultIdentity: DeploymentIdentity = { accountId: '000000000000', region: 'us-east-1' };

/** Opens the resources. Throws UsageError for options that contradict each other. */
export async function openResources(options: StoreOptions, use: ResourceUse): Promise<CommandResources> {
  const scratchRoot = path.resolve(options.scratch ?? path.join(options.data, 'scratch'));
  const sandbox = await chooseSandbox(sandboxMode(options.sandbox ?? 'auto')).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const engines = createEnginePool({ sandbox, scratchRoot, spares: use.spares });
  try {
    const { buckets, stores } = await openStores(options, use);
    return {
      identity: use.identity ?? defaultIdentity,
      engines,
      stores,
      buckets,
      scratchRoot,
      capacity: { cores: os.availableParallelism(), memoryBytes: os.totalmem() },
      policy: { heAac: 'lc' },
      limits: defaultTaskLimits,
      pathOf: (location) => pathOf(buckets, location),
      [Symbol.asyncDispose]: () => engines.close(),
    };
  } catch (error) {
    await engines.close();
    throw error;
  }
}

/** Stores alone, for commands that run no engine. */
export async function openStores(
  options: StoreOptions,
  use: Pick<ResourceUse, 'document' | 'createsBuckets'>,
): Promise<{ readonly buckets: LocalBuckets; readonly stores: ObjectStore }> {
  const named = new Map([...(await bucketsBeside(use.document)), ...(options.bucket ?? [])]);
  const buckets = await openLocalBuckets({
    bucketsFolder: path.resolve(options.data, 'buckets'),
    named: Object.fromEntries(named),
    createMissingBuckets: use.createsBuckets,
  }).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  return { buckets, stores: buckets };
}

/** Example documents carry their media with them: each folder in `buckets/` beside the document is a bucket. */
async function bucketsBeside(document: string | null): Promise<ReadonlyMap<string, string>> {
  if (document === null) return new Map();
  const folder = path.resolve(path.dirname(document), 'buckets');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return new Map(entries.filter((entry) => entry.isDirectory()).map(({ name }) => [name, path.join(folder, name)]));
}

async function pathOf(buckets: LocalBuckets, location: string): Promise<string | null> {
  const { bucket, key } = parseS3Location(location) ?? { bucket: '', key: '' };
  const folder = await buckets.folderOf(bucket);
  const relativePath = pathOfKey(key);
  return folder === null || relativePath === null ? null : path.join(folder, relativePath);
}

function sandboxMode(text: string): SandboxMode {
  if (text === 'auto' || text === 'bwrap' || text === 'none') return text;
  throw new UsageError(`--sandbox takes auto, bwrap or none, not '${text}'`);
}
