/**
 * What a running job tells the world. `run` prints it, `serve` turns it into rows and events. All calls are
 * made in order; a call may be awaited so that a row is durable before work goes on.
 */
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { WarningCode } from '../catalogue/codes.ts';
import type { OutputGroupResult } from '../engine/protocol.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';

export type JobPhase = 'PROBING' | 'TRANSCODING' | 'UPLOADING';

export interface JobProgress {
  readonly phase: JobPhase;
  /** 0–100 of each phase; null while unknown. A phase is COMPLETE at 100 with a later phase current. */
  readonly phasePercent: Readonly<Record<JobPhase, number | null>>;
  /** 5 % probing + 85 % transcoding + 10 % uploading (spec events.md 4). Never decreases within an attempt. */
  readonly jobPercent: number;
  readonly framesDecoded: number;
  readonly framesPerSecond: number | null;
  /** Output time over wall time. */
  readonly speed: number | null;
  readonly etaMs: number | null;
}

export interface JobObserver {
  phaseChanged(progress: JobProgress): void | Promise<void>;
  progressed(progress: JobProgress): void;
  inputsProbed(facts: readonly InputFacts[]): void | Promise<void>;
  planned(plan: JobPlan, findings: readonly Finding[]): void | Promise<void>;
  warned(code: WarningCode, count: number, detail: string): void | Promise<void>;
}

/** How an attempt ended. Stopping is not failing (style 17). */
export type JobOutcome =
  | { readonly status: 'COMPLETE'; readonly outputGroups: readonly OutputGroupResult[]; readonly plan: JobPlan; readonly warnings: ReadonlyMap<WarningCode, number> }
  | { readonly status: 'ERROR'; readonly fault: FaultRecord; readonly findings: readonly Finding[]; readonly warnings: ReadonlyMap<WarningCode, number> }
  | { readonly status: 'CANCELED' };
