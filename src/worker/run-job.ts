/**
 * One attempt at a job, from role to verdict: PROBING (inputs opened, facts, plan) → TRANSCODING (encoders run) →
 * UPLOADING (last objects are published) → verified. Every outcome is returned, none is thrown: COMPLETE, ERROR with
 * its fault, CANCELED when `signal` fired.
 */
import { rm } from 'node:fs/promises';
import { remedyOf, type WarningCode } from '../catalogue/codes.ts';
import { type FaultRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import { defaultJobLimitMs } from '../catalogue/job-time-limit.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { BlackVideo, OutputGroupResult } from '../engine/protocol.ts';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { defaultKeyServerAccess, type KeyServerAccess } from '../keys/ask-key-server.ts';
import type { DataKeys } from '../keys/data-keys.ts';
import { resolveKeys } from '../keys/resolve-keys.ts';
import type { AccelerationMode } from '../plan/acceleration.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { PlanCapacity, PlanPolicy } from '../plan/plan-job.ts';
import type { CipherOf } from '../store/decryption.ts';
import type { JobUse, ObjectStore } from '../store/store.ts';
import type { OutputVerdict } from '../verify/verify-outputs.ts';
import {
  type AttemptEngine,
  openAttemptEngine,
  type RunHandlers,
  type TaskLimits,
} from './attempt-engine.ts';
import type { EnginePool } from './engine-pool.ts';
import { placeFault } from './fault-place.ts';
import { findUnseen, foreseeAttempt } from './foresee.ts';
import { inputCiphers, noDataKeys } from './input-ciphers.ts';
import {
  isReadBackDenied,
  type JobAccess,
  type JobStoresOpened,
  openAccess,
  openJobStores,
} from './job-access.ts';
import { tellLeftOut } from './left-out.ts';
import type { JobObserver, JobOutcome, JobProgress } from './observer.ts';
import { type PackageWishes, packageWishesOf } from './package-wishes.ts';
import { type ProgressTracker, trackProgress } from './progress.ts';
import { inputLocations } from './read-locations.ts';
import { createScratchFolder } from './scratch.ts';
import { describeFullScratch } from './scratch-space.ts';
import { limitTime } from './time-limit.ts';
import { verifyAttempt } from './verify-attempt.ts';

/** The job as the worker needs it. */
export interface JobToRun {
  readonly id: string;
  readonly settings: JobSettings;
  /** Null: bare settings run by a person, with that person's rights. */
  readonly role: string | null;
  /** ARN of the queue the job was submitted to; absent: `run`, which has no queue. */
  readonly queueArn?: string;
  /** What the request asks for; absent: DISABLED. */
  readonly acceleration?: AccelerationMode;
  /** When the job left the queue; `$dt$` and its like resolve to it, on retries too. */
  readonly startTimeMs: number;
}

/** The deployment's stores, as one job uses them. */
export interface JobStores extends ObjectStore {
  forJob(use: JobUse): ObjectStore;
}

/** What a worker lends to an attempt. */
export interface AttemptResources {
  readonly identity: DeploymentIdentity;
  /** Role book, STS and input policy; absent: the embedded book and nothing else. */
  readonly access?: JobAccess;
  readonly engines: EnginePool;
  readonly stores: JobStores;
  /** Existing folder; each attempt gets a folder of its own below it, removed at its end. */
  readonly scratchRoot: string;
  readonly capacity: PlanCapacity;
  readonly policy: PlanPolicy;
  readonly limits: TaskLimits;
  /** How key servers are reached; default: public addresses and the system's authorities. */
  readonly keyServers?: KeyServerAccess;
  /** Keys of encrypted inputs; absent: there are none, and such inputs are refused. */
  readonly dataKeys?: DataKeys;
  /** How long a job may be in progress, all attempts together, in milliseconds; default: 48 h (fault 1522). */
  readonly jobLimitMs?: number;
}

/** Hostile media is refused within a minute. */
export const defaultTaskLimits: TaskLimits = { stallMs: 60_000, probeMs: 45_000 };

/**
 * Runs one attempt. `signal` cancels it; the outcome is then CANCELED once nothing of it is left running. Objects
 * published before that stay, unfinished ones never appear.
 */
export async function runJob(
  job: JobToRun,
  resources: AttemptResources,
  observer: JobObserver,
  canceling: AbortSignal,
): Promise<JobOutcome> {
  const time = limitTime(job.startTimeMs, resources.jobLimitMs ?? defaultJobLimitMs, canceling);
  const { signal } = time;
  const warnings = new Map<WarningCode, number>();
  const findings: Finding[] = [];
  let scratchFolder: string | null = null;
  let engine: AttemptEngine | null = null;
  let planned: JobPlan | null = null;
  const progress = trackProgress();
  try {
    signal.throwIfAborted();
    scratchFolder = await createScratchFolder(resources.scratchRoot, 'attempt');
    const warn: Attempt['warn'] = (code, count, detail) => {
      warnings.set(code, (warnings.get(code) ?? 0) + count);
      return observer.warned(code, count, detail);
    };
    const onThrottle = (): void => void warn(270000, 1, '503 Slow Down while writing outputs');
    const { stores, credentials } = await openStores(job, resources, findings, onThrottle, signal);
    const wishes = packageWishesOf(job.settings);
    const ciphers = inputCiphers(job.settings, resources.dataKeys ?? noDataKeys, credentials);
    engine = openAttemptEngine({ ...resources, stores, wishes, ciphers }, scratchFolder, signal);
    return await completeAttempt({
      job,
      resources,
      stores,
      observer,
      signal,
      engine,
      warnings,
      findings,
      warn,
      progress,
      onPlan: (plan) => {
        planned = plan;
      },
    });
  } catch (error) {
    if (canceling.aborted) return { status: 'CANCELED' };
    const { others = [], ...fault } = faultRecordOf(time.fault() ?? error);
    findings.push(...others.map((other) => findingOfFault(placeFault(other, job.settings, planned))));
    const { phase } = progress.current();
    const placed = { ...placeFault(fault, job.settings, planned), phase };
    const described = await describeFullScratch(placed, planned, resources.scratchRoot);
    return { status: 'ERROR', fault: described, findings, warnings };
  } finally {
    time.stop();
    await engine?.close();
    if (scratchFolder !== null) await rm(scratchFolder, { recursive: true, force: true });
  }
}

/** What a child of its own needs to examine objects. */
type ProbeResources = Pick<AttemptResources, 'engines' | 'limits' | 'scratchRoot'> & {
  readonly stores: ObjectStore;
  readonly wishes?: PackageWishes;
  readonly ciphers?: CipherOf;
};

/** Facts of objects, from a child of their own. */
export function probeLocations(
  locations: readonly string[],
  resources: ProbeResources,
  signal: AbortSignal,
): Promise<readonly InputFacts[]> {
  return withProbeEngine(resources, signal, (engine) => engine.probe(locations));
}

/** Calls with an engine, which ends with the call. */
export async function withProbeEngine<Result>(
  resources: ProbeResources,
  signal: AbortSignal,
  call: (engine: AttemptEngine) => Promise<Result>,
): Promise<Result> {
  const scratchFolder = await createScratchFolder(resources.scratchRoot, 'probe');
  const engine = openAttemptEngine(resources, scratchFolder, signal);
  try {
    return await call(engine);
  } finally {
    await engine.close();
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

interface Attempt {
  readonly job: JobToRun;
  readonly resources: AttemptResources;
  readonly observer: JobObserver;
  readonly signal: AbortSignal;
  readonly engine: AttemptEngine;
  readonly stores: ObjectStore;
  readonly warnings: ReadonlyMap<WarningCode, number>;
  readonly findings: Finding[];
  /** Counts a warning of the job and tells the observer. */
  readonly warn: (code: WarningCode, count: number, detail: string) => void | Promise<void>;
  readonly progress: ProgressTracker;
  /** Hears of the plan as soon as there is one. */
  readonly onPlan: (plan: JobPlan) => void;
}

async function completeAttempt(attempt: Attempt): Promise<JobOutcome> {
  const { job, resources, stores, observer, engine, findings, warnings, progress, signal } = attempt;
  await observer.phaseChanged(progress.enter('PROBING'));
  const plan = await foreseeAttempt({
    job,
    resources,
    stores,
    findings,
    probe: (locations) => engine.probe(locations),
    look: (locations, tables, blank) => engine.look(locations, tables, blank),
    onProbed: (facts) => observer.inputsProbed(facts),
    async onPlanned(planned) {
      attempt.onPlan(planned);
      await observer.planned(planned, findings);
      await raisePlannedWarnings(attempt);
    },
    signal,
  });
  await observer.phaseChanged(progress.enter('TRANSCODING'));
  let blackVideo: BlackVideo = { segments: [], insertedMs: 0 };
  const access = resources.keyServers ?? defaultKeyServerAccess;
  const keys = await resolveKeys(plan, job.settings, access, signal);
  const outputGroups = await engine.run(plan, keys, {
    ...followRun(attempt),
    onBlackVideo(black) {
      blackVideo = black;
    },
    onLeftOut(reason, inputIndexes) {
      tellLeftOut(reason, inputIndexes, plan.inputs, findings);
    },
  });
  const verdicts = await verify(attempt, plan, outputGroups);
  return { status: 'COMPLETE', outputGroups, plan, warnings, verdicts, findings, blackVideo };
}

/**
 * The verdicts on all groups that can be read back. Who may only write leaves outputs unread, and nobody can read an
 * object of an archive (GLACIER, DEEP_ARCHIVE): the store has acknowledged them; that is said, and is no failure.
 */
async function verify(
  { engine, stores, signal, findings }: Attempt,
  plan: JobPlan,
  outputGroups: readonly OutputGroupResult[],
): Promise<readonly OutputVerdict[]> {
  const verdicts: OutputVerdict[] = [];
  for (const group of outputGroups) {
    try {
      verdicts.push(...(await verifyAttempt(engine, plan, [group], stores, signal)));
    } catch (error) {
      if (!isReadBackDenied(error)) throw error;
      const pointer = `/outputGroups/${group.groupIndex}`;
      const message = 'The outputs were not verified: they may be written but not read back.';
      findings.push({ severity: 'notice', reason: 'not-verified', pointer, message });
    }
  }
  return verdicts;
}

/**
 * The stores as the job's role sees them. A role that cannot be used hides inputs and outputs; what is wrong all the
 * same goes to `findings`, as do notices.
 */
export async function openStores(
  job: JobToRun,
  resources: AttemptResources,
  findings: Finding[],
  onThrottle: () => void,
  signal: AbortSignal,
): Promise<JobStoresOpened> {
  const { id, role, queueArn = null, settings } = job;
  const request = { id, role, queueArn, firstInput: inputLocations(settings)[0] ?? '' };
  const access = resources.access ?? openAccess;
  try {
    const opened = await openJobStores(request, resources, access, onThrottle, signal);
    findings.push(...opened.notices);
    return opened;
  } catch (error) {
    if (error instanceof JobFault) findings.push(...findUnseen(job, resources).findings);
    throw error;
  }
}

async function raisePlannedWarnings({ findings, warn }: Attempt): Promise<void> {
  for (const finding of findings) {
    if (finding.severity === 'warning') await warn(finding.code, 1, finding.message);
  }
}

function followRun({ observer, warn, warnings, progress }: Attempt): RunHandlers {
  // An observer that refuses the phase has aborted the attempt's signal, and that ends the run.
  const enterPhase = (entered: JobProgress): void =>
    void Promise.resolve(observer.phaseChanged(entered)).catch(() => {});
  return {
    onProgress(report) {
      const isNewPhase = report.phase !== progress.current().phase;
      // Counted first, so that the change of phase is told with all frames.
      progress.take(report);
      if (isNewPhase) enterPhase(progress.enter(report.phase));
      observer.progressed(progress.current());
    },
    onWarning(code, count, detail) {
      // What the probe has seen and told, the run meets again: an input is truncated once.
      if (code === 220000 && warnings.has(code)) return;
      void warn(code, count, detail);
    },
  };
}

/** Anything but a JobFault is a bug of ours: logged with everything, shown as the documented unknown error. */
function faultRecordOf(error: unknown): FaultRecord {
  if (error instanceof JobFault) return error.record;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return jobFault(1999, 'unknown', {}, { component: 'worker', detail }).record;
}

/** An error found beside the one that the job carries. */
export function findingOfFault(fault: FaultRecord): ErrorFinding {
  const { code, pointer = '', message, mediaFact, expected } = fault;
  return {
    severity: 'error',
    code,
    pointer,
    message,
    remedy: remedyOf(fault),
    ...(mediaFact === undefined ? {} : { mediaFact }),
    ...(expected === undefined ? {} : { expected }),
  };
}
