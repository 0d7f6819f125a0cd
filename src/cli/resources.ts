/** What commands that open locations work with: stores, engines, capacity. Made from options, closed at the end. */

import { mkdir, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { roleBookOf } from '../identity/role-book.ts';
import { openStsClient } from '../identity/sts.ts';
import { defaultKeyServerAccess } from '../keys/ask-key-server.ts';
import type { LocalBuckets } from '../store/local-buckets.ts';
import { pathOfKey } from '../store/local-names.ts';
import { createObjectStores, type ObjectStores } from '../store/locations.ts';
import { parseS3Location } from '../store/s3-location.ts';
import type { ServerConfiguration } from '../wire/server-configuration.ts';
import { createEnginePool } from '../worker/engine-pool.ts';
import { defaultGatewayDeadlines } from '../worker/gateway.ts';
import { type JobAccess, openAccess } from '../worker/job-access.ts';
import { memoryLimitsFor } from '../worker/memory-guard.ts';
import { type AttemptResources, defaultTaskLimits } from '../worker/run-job.ts';
import { chooseSandbox, type SandboxMode } from '../worker/sandbox.ts';
import { openDataKeys } from './data-key-options.ts';
import { type JobLimits, UsageError } from './options.ts';
import { readRoleBook } from './role-book-file.ts';

/** Options of every command that opens locations. */
export interface StoreOptions {
  readonly data: string;
  readonly scratch?: string;
  readonly bucket?: ReadonlyMap<string, string>;
  readonly s3Endpoint?: string;
  /** File of keys of encrypted inputs. */
  readonly decryptionKeys?: string;
  /** Base URL of KMS, or `aws`. */
  readonly kmsEndpoint?: string;
  readonly limit?: JobLimits;
  readonly allowPrivateHttp: boolean;
  readonly sandbox?: string;
}

/** How a command uses its resources. */
export interface ResourceUse {
  /** Job document: `buckets/NAME` folders beside it are buckets. */
  readonly document: string | null;
  /** Missing output buckets become folders. */
  readonly createsBuckets: boolean;
  /** Engines started at once, for a command that runs one job; a server keeps engines warm instead (`keepWarm`). */
  readonly spares: number;
  readonly identity?: DeploymentIdentity;
  /** What a server's configuration says about roles; absent: the role book of the data folder, if there is one. */
  readonly roles?: Pick<ServerConfiguration, 'roles' | 'foreignRoles' | 'sts'>;
}

/** Resources of one command; `await using` ends its engines. */
export interface CommandResources extends AttemptResources, AsyncDisposable {
  readonly stores: ObjectStores;
  readonly access: JobAccess;
  /** The file of an object in a local bucket; null elsewhere. */
  pathOf(location: string): Promise<string | null>;
}

const defaultIdentity: DeploymentIdentity = { accountId: '000000000000', region: 'us-east-1' };

/** Opens the resources. Throws UsageError for options that contradict each other. */
export async function openResources(options: StoreOptions, use: ResourceUse): Promise<CommandResources> {
  const scratchRoot = path.resolve(options.scratch ?? path.join(options.data, 'scratch'));
  await mkdir(scratchRoot, { recursive: true });
  const sandbox = await chooseSandbox(sandboxMode(options.sandbox ?? 'auto')).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const roles = await readRoleBook(options.data, use.roles?.roles ?? null);
  const engines = createEnginePool({ sandbox, scratchRoot, spares: use.spares });
  try {
    const identity = use.identity ?? defaultIdentity;
    const dataKeys = await openDataKeys(options, identity.region);
    const stores = await openStores(options, use);
    const sts = use.roles?.sts ? await openStsClient(use.roles.sts, identity.region) : null;
    const access: JobAccess = {
      ...openAccess,
      roleBook: roleBookOf(roles, use.roles?.foreignRoles ?? null),
      sts,
    };
    return {
      identity,
      access,
      engines,
      stores,
      dataKeys,
      scratchRoot,
      capacity: { cores: os.availableParallelism(), memoryBytes: os.totalmem() },
      policy: { heAac: 'lc' },
      ...limitsOf(options.limit ?? {}),
      keyServers: {
        ...defaultKeyServerAccess,
        allowedPrivateHosts: options.allowPrivateHttp ? 'all' : [],
        certificatesFolder: path.resolve(options.data, 'certificates'),
      },
      pathOf: (location) => pathOf(stores.localBuckets, location),
      async [Symbol.asyncDispose]() {
        await engines.close();
        stores.close();
        sts?.close();
      },
    };
  } catch (error) {
    await engines.close();
    throw error;
  }
}

/** Stores alone, for commands that run no engine. The caller closes them. */
export async function openStores(
  options: StoreOptions,
  use: Pick<ResourceUse, 'document' | 'createsBuckets' | 'identity'>,
): Promise<ObjectStores> {
  const silenceMs = toMs(options.limit?.networkSilenceSeconds);
  const named = new Map([...(await bucketsBeside(use.document)), ...(options.bucket ?? [])]);
  return createObjectStores({
    localBuckets: {
      bucketsFolder: path.resolve(options.data, 'buckets'),
      named: Object.fromEntries(named),
      createMissingBuckets: use.createsBuckets,
    },
    s3:
      options.s3Endpoint === undefined
        ? null
        : {
            endpoint: options.s3Endpoint,
            region:
              process.env['AWS_REGION'] ??
              process.env['AWS_DEFAULT_REGION'] ??
              use.identity?.region ??
              defaultIdentity.region,
            // Host-style buckets need a name server that knows them; self-hosted stores rarely have one.
            forcePathStyle: true,
            credentials: null,
            ...(silenceMs === undefined ? {} : { limits: { stallMs: silenceMs } }),
          },
    http: {
      ...(options.allowPrivateHttp ? { allowedPrivateHosts: 'all' as const } : {}),
      ...(silenceMs === undefined
        ? {}
        : { deadlines: { connectMs: silenceMs, headersMs: silenceMs, stallMs: silenceMs } }),
    },
  }).catch((error: Error) => {
    throw new UsageError(error.message);
  });
}

/** Bounds of attempts from what the operator gave. */
function limitsOf(limit: JobLimits): Pick<AttemptResources, 'limits' | 'jobLimitMs'> {
  const { engineStallSeconds, networkSilenceSeconds, engineMemoryMiB, jobSeconds } = limit;
  const stallMs = toMs(engineStallSeconds) ?? defaultTaskLimits.stallMs;
  const residentBytes = (engineMemoryMiB ?? Number.POSITIVE_INFINITY) * 1024 * 1024;
  // The gateway waits longer than the stores behind it, which explain more.
  const requestMs = Math.max(defaultGatewayDeadlines.requestMs, 4 * (toMs(networkSilenceSeconds) ?? 0));
  return {
    limits: {
      ...defaultTaskLimits,
      stallMs,
      gateway: { ...defaultGatewayDeadlines, requestMs },
      memory: (estimatedBytes, stackBytes) => {
        const byPlan = memoryLimitsFor(estimatedBytes, stackBytes);
        return { ...byPlan, residentBytes: Math.min(byPlan.residentBytes, residentBytes) };
      },
    },
    ...(jobSeconds === undefined ? {} : { jobLimitMs: jobSeconds * 1000 }),
  };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Example documents carry their media with them: each folder in `buckets/` beside the document is a bucket. */
async function bucketsBeside(document: string | null): Promise<ReadonlyMap<string, string>> {
  if (document === null) return new Map();
  const folder = path.resolve(path.dirname(document), 'buckets');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return new Map(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => [name, path.join(folder, name)]),
  );
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
