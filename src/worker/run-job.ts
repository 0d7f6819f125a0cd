/**
 * One attempt at a job, from role to verdict: PROBING (inputs opened, facts, plan) → TRANSCODING (encoders run) →
 * UPLOADING (last objects are published) → verified. Every outcome is returned, none is thrown: COMPLETE, ERROR with
 * its fault, CANCELED when `signal` fired.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { WarningCode } from '../catalogue/codes.ts';
import { type FaultRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { EngineResult, OutputGroupResult, SourceGrant } from '../engine/protocol.ts';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { resolveRole } from '../identity/role-book.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { ObjectStore } from '../store/store.ts';
import type { EnginePool } from './engine-pool.ts';
import type { EngineProcess } from './engine-process.ts';
import type { JobObserver, JobOutcome } from './observer.ts';
import { trackProgress } from './progress.ts';

/** The job as the worker needs it. */
export interface JobToRun {
  readonly id: string;
  readonly settings: JobSettings;
  /** Null: bare settings run by a person, with that person's rights. */
  readonly role: string | null;
  /** When the job left the queue; `$dt$` and its like resolve to it, on retries too. */
  readonly startTimeMs: number;
  readonly userMetadata: Readonly<Record<string, string>>;
}

/** What a worker lends to an attempt. */
export interface AttemptResources {
  readonly identity: DeploymentIdentity;
  readonly engines: EnginePool;
  readonly stores: ObjectStore;
  readonly scratchRoot: string;
  readonly capacity: PlanCapacity;
  readonly limits: AttemptLimits;
}

/** Bounds of one attempt, in milliseconds. */
export interface AttemptLimits {
  /** No counter moved for so long: the engine is ended (fault 1999). */
  readonly stallMs: number;
  /** Probing, inputs and outputs each, takes at most so long. */
  readonly probeMs: number;
}

/** Defaults: hostile media is refused within a minute. */
export const defaultAttemptLimits: AttemptLimits = { stallMs: 60_000, probeMs: 45_000 };

/** Predicted memory of a probe: libraries, one decoder per track and their frames. */
const probeMemoryBytes = 500 * 1024 * 1024;
