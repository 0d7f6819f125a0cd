/**
 * What the worker suites work with: a data folder with a clip, real stores, real engine children, and a job runner
 * that tells when the first picture is decoded and which children were used.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseJobDocument } from '../../src/contract/document.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { createObjectStores, type ObjectStores } from '../../src/store/locations.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { createEnginePool, type EnginePool } from '../../src/worker/engine-pool.ts';
import type { EngineProcess } from '../../src/worker/engine-process.ts';
import type { JobObserver, JobOutcome, JobProgress } from '../../src/worker/observer.ts';
import { type AttemptResources, defaultTaskLimits, runJob } from '../../src/worker/run-job.ts';
import { chooseSandbox, type SandboxMode } from '../../src/worker/sandbox.ts';
import { temporaryFolder } from '../e2e/openconvert-process.ts';
import { prepareData, role } from '../e2e/tiny-jobs.ts';

/** A job under way. */
export interface StartedJob {
  readonly outcome: Promise<JobOutcome>;
  /** Resolves with the child's process id when it has decoded its first picture; rejects when the job ends before. */
  readonly firstFrame: Promise<number>;
  readonly progress: readonly JobProgress[];
  cancel(): void;
}

/** How one job is run; what is absent is as in production. */
export interface JobConditions {
  readonly limits?: Partial<AttemptResources['limits']>;
  /** Changes the stores the job sees. */
  readonly stores?: (real: ObjectStore) => ObjectStore;
  /** Called with each change of phase. */
  readonly onPhase?: (progress: JobProgress) => void;
  /** Called with each message of progress. */
  readonly onProgress?: (progress: JobProgress) => void;
  readonly engines?: EnginePool;
}

/** A place to run jobs in. */
export interface Workbench extends AsyncDisposable {
  readonly data: string;
  readonly scratchRoot: string;
  readonly engines: EnginePool;
  readonly stores: ObjectStores;
  /** Children handed out so far. */
  readonly taken: readonly EngineProcess[];
  start(settings: object, conditions?: JobConditions): StartedJob;
  run(settings: object, conditions?: JobConditions): Promise<JobOutcome>;
  /** Files in bucket `out`, unfinished parts included. */
  outputs(): string[];
  scratch(): string[];
}

/** Opens a workbench. `sandbox` decides how children are started. */
export async function openWorkbench(sandbox: SandboxMode = 'none'): Promise<Workbench> {
  const folder = await temporaryFolder();
  await prepareData(folder.path);
  const scratchRoot = path.join(folder.path, 'scratch');
  await mkdir(scratchRoot);
  const stores = await createObjectStores({
    localBuckets: {
      bucketsFolder: path.join(folder.path, 'buckets'),
      named: {},
      createMissingBuckets: false,
    },
    s3: null,
    http: { allowedPrivateHosts: 'all' },
  });
  const taken: EngineProcess[] = [];
  const pool = createEnginePool({ sandbox: await chooseSandbox(sandbox), scratchRoot, spares: 0 });
  const engines: EnginePool = {
    ...pool,
    take() {
      const engine = pool.take();
      taken.push(engine);
      return engine;
    },
  };
  const start = (settings: object, conditions: JobConditions = {}): StartedJob =>
    startJob(settings, { engines, stores, scratchRoot }, conditions, taken);
  return {
    data: folder.path,
    scratchRoot,
    engines,
    stores,
    taken,
    start,
    run: (settings, conditions) => start(settings, conditions).outcome,
    outputs: () => readdirSync(path.join(folder.path, 'buckets', 'out'), { recursive: true }).map(String),
    scratch: () => readdirSync(scratchRoot),
    async [Symbol.asyncDispose]() {
      await engines.close();
      stores.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** True while a process of that id runs; one that ended and was not waited for yet does not count. */
export function isRunning(pid: number): boolean {
  try {
    // The state is behind the command's name, which is in parentheses.
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** What a store that never answers gives: nothing, until its caller gives up. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function startJob(
  settings: object,
  place: Pick<Workbench, 'engines' | 'stores' | 'scratchRoot'>,
  {
    limits = {},
    stores: change = (real) => real,
    onPhase = () => {},
    onProgress = () => {},
    engines,
  }: JobConditions,
  taken: readonly EngineProcess[],
): StartedJob {
  const canceling = new AbortController();
  const progress: JobProgress[] = [];
  const { promise: firstFrame, resolve, reject } = withResolvers<number>();
  firstFrame.catch(() => {});
  const take = (one: JobProgress): void => {
    progress.push(one);
    onProgress(one);
    if (one.framesDecoded > 0) void taken.at(-1)?.ready().then(resolve, reject);
  };
  const observer: JobObserver = {
    phaseChanged(one) {
      take(one);
      onPhase(one);
    },
    progressed: take,
    inputsProbed() {},
    planned() {},
    warned() {},
  };
  const resources: AttemptResources = {
    identity: { accountId: '000000000000', region: 'us-east-1' },
    engines: engines ?? place.engines,
    stores: { ...change(place.stores), forJob: (watcher) => change(place.stores.forJob(watcher)) },
    scratchRoot: place.scratchRoot,
    capacity: { cores: 2, memoryBytes: 8 * 1024 ** 3 },
    policy: { heAac: 'lc' },
    limits: { ...defaultTaskLimits, ...limits },
  };
  const job = { id: 'a-job', settings: wireForm(settings), role, startTimeMs: Date.now() };
  const outcome = runJob(job, resources, observer, canceling.signal);
  void outcome.then((end) =>
    reject(new Error(`the job ended before its first picture: ${JSON.stringify(end)}`)),
  );
  return {
    outcome,
    firstFrame,
    progress,
    cancel: () => canceling.abort(new DOMException('the job was canceled', 'AbortError')),
  };
}

function wireForm(settings: object): JobSettings {
  const { request } = parseJobDocument(JSON.stringify({ Settings: settings }));
  if (request?.settings === undefined) throw new Error('the test document is no job');
  return request.settings as JobSettings;
}

function withResolvers<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (reason: unknown) => void;
} {
  let resolve: (value: Value) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<Value>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}
