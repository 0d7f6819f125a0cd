/**
 * One attempt from claim to end: gives the worker its controls, keeps its reports in order, and stores how it ended.
 *
 * States: running → ended → stored. A stop (`AttemptStop`) may come at any time while it runs; the worker ends as
 * soon as it can, and what is stored then depends on the reason and on what the database says behind the fence.
 */
import { type JobErrorCode, renderMessage } from '../catalogue/codes.ts';
import { explainFault } from '../catalogue/explanation.ts';
import { JobFault } from '../catalogue/fault.ts';
import { isWorthRetrying } from '../catalogue/retries.ts';
import type { Database } from '../database/database.ts';
import type { ClaimedTask } from '../database/statements/claim-task.ts';
import {
  type Completion,
  cancelAttempt,
  completeAttempt,
  type Failure,
  type FinishOutcome,
  failAttempt,
  releaseAttempt,
} from '../database/statements/finish-attempt.ts';
import {
  type AttemptProgress,
  type AttemptWarning,
  type Reporting,
  type ReportOutcome,
  recordEvent,
  recordProgress,
  recordWarning,
} from '../database/statements/record-progress.ts';
import type { EnvelopeOf } from '../database/statements/store-event.ts';
import type { EventBody } from '../events/bodies.ts';
import { retryStoring } from './retry-storing.ts';

/**
 * Why an attempt shall end before its work is done; none of them is a failure (style 17).
 * - `canceled`: a client canceled the job;
 * - `stopping`: this worker stops, the task is handed back;
 * - `lease-lost`: another attempt may run; nothing of this one is stored any more.
 */
export type AttemptStop = 'canceled' | 'stopping' | 'lease-lost';

/** The abort reason of an attempt's signal. */
export class AttemptStopped extends Error {
  override readonly name = 'AttemptStopped';
  readonly why: AttemptStop;

  constructor(why: AttemptStop) {
    super(`the attempt shall end: ${why}`);
    this.why = why;
  }
}

/** What the worker gets to run an attempt with. Reports are stored in the order of the calls, awaited or not. */
export interface AttemptControls {
  /** Aborts with an AttemptStopped. */
  readonly signal: AbortSignal;
  /**
   * Phase and percent. Resolves when stored. False: not stored, because the attempt shall end (`signal` is
   * aborted); after a true UPLOADING the job can no longer be canceled.
   */
  recordProgress(progress: AttemptProgress): Promise<boolean>;
  /** An event of its own moment, once per job: INPUT_INFORMATION. */
  recordEvent(body: EventBody): Promise<boolean>;
  /** A warning; the first of its code sends NEW_WARNING. */
  recordWarning(warning: AttemptWarning): Promise<boolean>;
}

/** How the worker says an attempt ended. */
export type AttemptEnd =
  | { readonly status: 'COMPLETE'; readonly completion: Completion }
  | { readonly status: 'ERROR'; readonly failure: Failure }
  /** It ended because `signal` aborted. */
  | { readonly status: 'STOPPED' };

/** Runs an attempt. A thrown JobFault is the same as ERROR with it; anything else thrown is a bug of ours (1999). */
export type RunAttempt = (claimed: ClaimedTask, controls: AttemptControls) => Promise<AttemptEnd>;

/** What became of an attempt in the database. `abandoned`: its lease was lost, or the database is gone. */
export type AttemptOutcome = FinishOutcome | 'released' | 'abandoned';

/** What an attempt needs around it. */
export interface AttemptSurroundings {
  readonly database: Database;
  readonly envelopeOf: EnvelopeOf;
  readonly runAttempt: RunAttempt;
  readonly now: () => number;
  readonly onTrouble: (error: Error) => void;
}

/** An attempt under way. */
export interface RunningAttempt {
  readonly claimed: ClaimedTask;
  /** Asks it to end; the first reason stands, except that a lost lease overrides. */
  stop(why: AttemptStop): void;
  /** Resolves when it has ended and its end is stored. Never rejects. */
  readonly ended: Promise<AttemptOutcome>;
}

/** Starts an attempt. */
export function startAttempt(claimed: ClaimedTask, surroundings: AttemptSurroundings): RunningAttempt {
  const { database, envelopeOf, now, onTrouble } = surroundings;
  const stopping = new AbortController();
  const leaseLost = new AbortController();
  const stop = (why: AttemptStop) => {
    if (why === 'lease-lost') leaseLost.abort();
    stopping.abort(new AttemptStopped(why));
  };
  const reporting = (): Reporting => ({ nowMs: now(), envelopeOf });
  const inOrder = createOrder();
  const store = <T>(statement: () => Promise<T>) =>
    inOrder(() => retryStoring(statement, onTrouble, leaseLost.signal));

  const report = async (statement: () => Promise<ReportOutcome>): Promise<boolean> => {
    try {
      const outcome = await store(statement);
      if (outcome === 'stale') stop('lease-lost');
      if (outcome === 'cancel-requested') stop('canceled');
      return outcome === 'stored';
    } catch (error) {
      onTrouble(error as Error);
      stop('lease-lost');
      return false;
    }
  };
  const controls: AttemptControls = {
    signal: stopping.signal,
    recordProgress: (progress) => report(() => recordProgress(database.sql, claimed, progress, reporting())),
    recordEvent: (body) => report(() => recordEvent(database.sql, claimed, body, reporting())),
    recordWarning: (warning) => report(() => recordWarning(database.sql, claimed, warning, reporting())),
  };

  const run = async (): Promise<AttemptOutcome> => {
    const end = await runToEnd(claimed, controls, surroundings);
    if (leaseLost.signal.aborted) return 'abandoned';
    try {
      return await store(() => storeEnd(surroundings, claimed, end, stopping.signal, reporting()));
    } catch (error) {
      onTrouble(error as Error);
      return 'abandoned';
    }
  };
  return { claimed, stop, ended: run() };
}

/** Never rejects: what is thrown becomes an end. */
async function runToEnd(
  claimed: ClaimedTask,
  controls: AttemptControls,
  { runAttempt, onTrouble }: AttemptSurroundings,
): Promise<AttemptEnd> {
  try {
    const end = await runAttempt(claimed, controls);
    if (end.status !== 'STOPPED' || controls.signal.aborted) return end;
    throw new Error('the worker said that the attempt was stopped, but nobody had asked for it');
  } catch (error) {
    if (controls.signal.aborted) return { status: 'STOPPED' };
    if (error instanceof JobFault) return { status: 'ERROR', failure: failureOf(error) };
    onTrouble(error instanceof Error ? error : new Error(String(error)));
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 'ERROR', failure: { ...unexplained(), isRetriable: true, fault: { detail } } };
  }
}

/** Failures while stopping are effects of the stop. A completed attempt counts, whatever was asked meanwhile. */
async function storeEnd(
  { database }: AttemptSurroundings,
  claimed: ClaimedTask,
  end: AttemptEnd,
  signal: AbortSignal,
  reporting: Reporting,
): Promise<AttemptOutcome> {
  if (end.status === 'COMPLETE')
    return await completeAttempt(database.sql, claimed, end.completion, reporting);
  if (end.status === 'ERROR' && !signal.aborted) {
    return await failAttempt(database.sql, claimed, end.failure, reporting);
  }
  return (signal.reason as AttemptStopped).why === 'canceled'
    ? await cancelAttempt(database.sql, claimed, reporting)
    : await releaseAttempt(database.sql, claimed, reporting);
}

function failureOf(fault: JobFault): Failure {
  return {
    errorCode: fault.code,
    errorMessage: fault.record.message,
    isRetriable: isWorthRetrying(fault.record, null),
    fault: { ...fault.record },
    explanation: explainFault(fault.record, []),
  };
}

/** The error of a job nobody can explain: a bug of ours, or a worker that vanished with its last attempt. */
export function unexplained(): { readonly errorCode: JobErrorCode; readonly errorMessage: string } {
  return { errorCode: 1999, errorMessage: renderMessage(1999, 'unknown', {}) };
}

/** Runs jobs one after the other in the order of the calls, however the earlier ones end. */
function createOrder(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result;
    result.catch(() => {});
    return result;
  };
}
