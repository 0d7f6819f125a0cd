/**
 * The engine of one attempt: a child from the pool, its object gateway, and the rights of each task. Rights are
 * granted before a task and taken away after it.
 */
import { setMaxListeners } from 'node:events';
import type { WarningCode } from '../catalogue/codes.ts';
import { type FaultRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import { firstFaultOf } from '../catalogue/several-faults.ts';
import type {
  BlackVideo,
  BlankImage,
  EngineProgress,
  EngineResult,
  EngineTask,
  LeftOutReason,
  OutputGroupResult,
  SourceGrant,
} from '../engine/protocol.ts';
import type { GroupKeys } from '../package/encryption/content-keys.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';
import { type CipherOf, withDecryption } from '../store/decryption.ts';
import type { ObjectStore } from '../store/store.ts';
import type { EnginePool } from './engine-pool.ts';
import type { TaskControls } from './engine-process.ts';
import { type GatewayDeadlines, serveObjects } from './gateway.ts';
import { grantSource, noRights, outputPlacesOf } from './gateway-rights.ts';
import { withHlsPackages } from './hls/hls-store.ts';
import { withPackageFacts } from './hls/package-facts.ts';
import { openImfPackages } from './imf/imf-packages.ts';
import { type SeenInputs, seeInputs } from './imf/probe-compositions.ts';
import { keepReaders } from './kept-readers.ts';
import { type MemoryLimits, memoryLimitsFor } from './memory-guard.ts';
import { noWishes, type PackageWishes } from './package-wishes.ts';
import { readLocations } from './read-locations.ts';
import { watchStoreCalls } from './store-calls.ts';

/** Predicted memory of a probe: libraries, one decoder per track and their frames. */
const probeMemoryBytes = 500 * 1024 * 1024;

/** A disk that rewrites a finished file slower than this, in bytes per second, counts as hung. */
const slowestDiskBytesPerSecond = 8 * 1024 * 1024;

/** Bounds of an attempt's tasks, in milliseconds. */
export interface TaskLimits {
  /** No counter moved for so long: the engine is ended (fault 1999). */
  readonly stallMs: number;
  /** Opening the sources of one probe and probing them takes at most so long. */
  readonly probeMs: number;
  /** Limits of store calls; default: the gateway's. */
  readonly gateway?: GatewayDeadlines;
  /** Memory a task may hold, from its estimate; default: `memoryLimitsFor`. */
  readonly memory?: (estimatedBytes: number, stackBytes?: number) => MemoryLimits;
}

/** What a run reports. */
export interface RunHandlers {
  readonly onProgress: (progress: EngineProgress) => void;
  readonly onWarning: (code: WarningCode, count: number, detail: string) => void;
  readonly onBlackVideo?: (black: BlackVideo) => void;
  readonly onLeftOut?: (reason: LeftOutReason, inputIndexes: readonly number[]) => void;
}

/** An engine while it serves one attempt. */
export interface AttemptEngine {
  /**
   * Facts of each location, in order, then of the alternate audio that the job wants of HLS packages. Rejects with the
   * fault of the first that cannot be opened, or is refused as an input; outputs of the job (`ofOutputs`) are not refused.
   */
  probe(locations: readonly string[], ofOutputs?: boolean): Promise<readonly InputFacts[]>;
  /** Reads objects beside the inputs as a run would: the faults of those that are no table of colour (`tables`) or no image, or too large. */
  look(
    locations: readonly string[],
    tables: readonly string[],
    blank: BlankImage | null,
  ): Promise<readonly FaultRecord[]>;
  /** Executes a plan. Rejects with its fault, or with the reason of the attempt's signal. */
  run(
    plan: JobPlan,
    keys: readonly GroupKeys[],
    handlers: RunHandlers,
  ): Promise<readonly OutputGroupResult[]>;
  /** Ends the child and aborts what it left unpublished. */
  close(): Promise<void>;
}

/** Takes a child from the pool. */
export function openAttemptEngine(
  resources: {
    readonly engines: EnginePool;
    readonly stores: ObjectStore;
    readonly limits: TaskLimits;
    /** What the job wants of inputs that are packages; absent: nothing in particular. */
    readonly wishes?: PackageWishes;
    /** Ciphers of the job's inputs; absent: none is encrypted. */
    readonly ciphers?: CipherOf;
  },
  scratchFolder: string,
  signal: AbortSignal,
): AttemptEngine {
  const { engines, limits, wishes = noWishes, ciphers = async () => null } = resources;
  const watched = watchStoreCalls(resources.stores);
  const { sinceServedMs } = watched;
  const packages = withHlsPackages(withDecryption(watched.stores, ciphers), wishes.choose);
  const compositions = openImfPackages(packages, wishes.supplementsOf);
  const readers = keepReaders(packages);
  const stores: ObjectStore = { ...watched.stores, open: readers.open };
  const limitMemory = neverLower(limits.memory ?? memoryLimitsFor);
  const engine = engines.take();
  // Cancel reaches the child first: it unwinds by itself, the gateway follows when the child is gone.
  const gatewayStopper = new AbortController();
  // Each object on its way listens, and a job may write hundreds at the same time.
  setMaxListeners(0, gatewayStopper.signal);
  const gateway = serveObjects({
    socket: engine.channel,
    stores,
    signal: gatewayStopper.signal,
    ...(limits.gateway === undefined ? {} : { deadlines: limits.gateway }),
  });

  // An input is looked at once per attempt, for its probe and its run.
  const grants = new Map<string, SourceGrant>();
  const grantAll = async (
    locations: readonly string[],
    known: readonly FaultRecord[] = [],
  ): Promise<SourceGrant[]> => {
    const granted: SourceGrant[] = [];
    const faults = [...known];
    for (const location of new Set(locations)) {
      try {
        const grant =
          grants.get(location) ??
          (await grantSource(location, readers, engine.sandbox, signal, readers.keep));
        grants.set(location, grant);
        granted.push(grant);
      } catch (error) {
        // All inputs are looked at, so that everything missing is told at once.
        if (!(error instanceof JobFault)) throw error;
        faults.push(error.record);
      }
    }
    const fault = firstFaultOf(faults);
    if (fault !== null) throw fault;
    return granted;
  };

  const asPackage = (facts: InputFacts): InputFacts => {
    const found = packages.packageAt(facts.location);
    return found === null ? facts : withPackageFacts(facts, found);
  };
  /** A task that only reads, within the time of a probe. */
  const examine = async (task: Extract<EngineTask, { kind: 'probe' | 'look' }>): Promise<EngineResult> => {
    const deadline = AbortSignal.timeout(limits.probeMs);
    gateway.grant({ sources: task.sources, outputs: [], scratchFolder: null });
    try {
      return await engine.runTask(task, {
        estimatedMemoryBytes: probeMemoryBytes,
        memoryLimits: limitMemory(probeMemoryBytes),
        stallMs: limits.probeMs,
        onProgress: () => {},
        onWarning: () => {},
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (error) {
      if (deadline.aborted && !signal.aborted) throw probeTimeout(limits.probeMs, error);
      throw error;
    } finally {
      gateway.grant(noRights);
    }
  };
  const probeFiles = async (
    { locations, trackFiles, faults }: Pick<SeenInputs, 'locations' | 'trackFiles' | 'faults'>,
    ofOutputs: boolean,
  ): Promise<readonly InputFacts[]> => {
    const sources = await grantAll(locations, faults);
    const result = await examine({ kind: 'probe', sources, trackFiles, ofOutputs });
    if (result.kind !== 'probe') throw new TypeError('the engine answered a probe with something else');
    return result.facts;
  };

  const probeAll = async (
    locations: readonly string[],
    ofOutputs: boolean,
  ): Promise<readonly InputFacts[]> => {
    if (ofOutputs) {
      const facts = await probeFiles({ locations, trackFiles: [], faults: [] }, true);
      return locations.map((location) => asPackage(factsOf(location, facts)));
    }
    const seen = await seeInputs(locations, compositions, signal);
    const facts = await probeFiles(seen, false).catch((error: unknown) => {
      throw seen.placed(error);
    });
    return locations.map((location) => seen.factsOf(location, (file) => asPackage(factsOf(file, facts))));
  };

  return {
    async probe(locations, ofOutputs = false) {
      const facts = await probeAll(locations, ofOutputs);
      const renditions = facts
        .filter(({ location }) => wishes.wantsRenditions(location))
        .flatMap(({ hlsAudio }) => hlsAudio?.flatMap(({ location }) => location ?? []) ?? []);
      return renditions.length === 0
        ? facts
        : [...facts, ...(await probeAll([...new Set(renditions)], ofOutputs))];
    },
    async look(locations, tables, blank) {
      const sources = await grantAll(locations);
      const result = await examine({ kind: 'look', sources, tables, blank });
      if (result.kind !== 'look') throw new TypeError('the engine answered a look with something else');
      return result.faults;
    },
    async run(plan, keys, handlers) {
      const sources = await grantAll(readLocations(plan));
      gateway.grant({ sources, outputs: outputPlacesOf(plan), scratchFolder });
      const { memoryBytes, stackBytes = 0, scratchBytes } = plan.estimate;
      const controls: TaskControls = {
        ...handlers,
        estimatedMemoryBytes: memoryBytes,
        memoryLimits: limitMemory(memoryBytes, stackBytes),
        stallMs: limits.stallMs,
        uploadStallMs: limits.stallMs + (scratchBytes * 1000) / slowestDiskBytesPerSecond,
        sinceServedMs,
        signal,
      };
      try {
        const result = await engine.runTask({ kind: 'run', plan, keys, sources, scratchFolder }, controls);
        if (result.kind !== 'run') throw new TypeError('the engine answered a run with something else');
        return result.outputGroups;
      } finally {
        gateway.grant(noRights);
      }
    },
    async close() {
      await engines.release(engine);
      await gateway.close();
      await readers.close();
    },
  };
}

/**
 * Limits of a child's tasks, one after another: what a large encode has freed stays with the process, so that the probe of its outputs
 * would begin beyond a limit of its own (AV1 of 2160p: 1.9 GB of data).
 */
function neverLower(limit: NonNullable<TaskLimits['memory']>): NonNullable<TaskLimits['memory']> {
  let highest: MemoryLimits = { residentBytes: 0, dataBytes: 0 };
  return (estimatedBytes, stackBytes) => {
    const own = limit(estimatedBytes, stackBytes);
    highest = {
      residentBytes: Math.max(highest.residentBytes, own.residentBytes),
      dataBytes: Math.max(highest.dataBytes, own.dataBytes),
    };
    return highest;
  };
}

function factsOf(location: string, facts: readonly InputFacts[]): InputFacts {
  const found = facts.find((each) => each.location === location);
  if (found === undefined) throw new TypeError(`the engine gave no facts of ${location}`);
  return found;
}

/** A parser that does not come to an end: the engine is ended, as with every stall. */
function probeTimeout(limitMs: number, cause: unknown): Error {
  const mediaFact = `the input could not be examined within ${limitMs / 1000} s`;
  return jobFault(1999, 'unknown', {}, { component: 'probe', mediaFact }, cause);
}
