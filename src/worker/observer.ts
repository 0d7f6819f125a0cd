/**
 * What a running job tells the world. `run` prints it, `serve` turns it into rows and events. All calls are
 * made in order; a call may be awaited so that a row is durable before work goes on.
 */

import type { WarningCode } from '../catalogue/codes.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { BlackVideo, OutputGroupResult } from '../engine/protocol.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { OutputVerdict } from '../verify/verify-outputs.ts';

/** Phases of a PROGRESSING job, in order (spec queues-and-lifecycle.md 1.1). */
export type JobPhase = 'PROBING' | 'TRANSCODING' | 'UPLOADING';

/** Where an attempt stands. */
export interface JobProgress {
  readonly phase: JobPhase;
  /** 0–100 of each phase; null while unknown. A phase is COMPLETE at 100 with a later phase current. */
  readonly phasePercent: Readonly<Record<JobPhase, number | null>>;
  /** 5 % probing + 85 % transcoding + 10 % uploading (spec events.md 4). Never decreases within an attempt. */
  readonly jobPercent: number;
  readonly framesDecoded: number;
  /** Bytes of the inputs that were fetched since probing ended. */
  readonly inputBytesRead: number;
  readonly framesPerSecond: number | null;
  /** Output time over wall time. */
  readonly speed: number | null;
  readonly etaMs: number | null;
}

/** Receives what happens during an attempt. */
export interface JobObserver {
  phaseChanged(progress: JobProgress): void | Promise<void>;
  progressed(progress: JobProgress): void;
  inputsProbed(facts: readonly InputFacts[]): void | Promise<void>;
  planned(plan: JobPlan, findings: readonly Finding[]): void | Promise<void>;
  warned(code: WarningCode, count: number, detail: string): void | Promise<void>;
}

/** How an attempt ended. Stopping is not failing (style 17). */
export type JobOutcome = CompletedJob | FailedJob | { readonly status: 'CANCELED' };

/** Every output is published and verified. */
export interface CompletedJob {
  readonly status: 'COMPLETE';
  readonly outputGroups: readonly OutputGroupResult[];
  readonly plan: JobPlan;
  readonly verdicts: readonly OutputVerdict[];
  readonly findings: readonly Finding[];
  readonly warnings: ReadonlyMap<WarningCode, number>;
  readonly blackVideo: BlackVideo;
}

/** The attempt's fault, and all findings there were: everything wrong that is known, not only the first. */
export interface FailedJob {
  readonly status: 'ERROR';
  readonly fault: FaultRecord;
  readonly findings: readonly Finding[];
  readonly warnings: ReadonlyMap<WarningCode, number>;
}
