/**
 * How an attempt ends: completed, failed, canceled, handed back. Each is one transaction behind the fence: job
 * row, outputs, attempt, task and terminal event appear together or not at all.
 *
 * An accepted cancel wins over everything that comes after it: the client was told 202.
 */
import { sql } from 'kysely';
import type { JobErrorCode, WarningCode } from '../../catalogue/codes.ts';
import { explanationMessages, type FaultExplanation } from '../../catalogue/explanation.ts';
import { maxRetries } from '../../catalogue/retries.ts';
import { type EventBody, errorBody } from '../../events/bodies.ts';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import type { AccelerationStatus, JobRecord, JsonObject } from '../job-repository.ts';
import type { AttemptTable } from '../schema.ts';
import { toStorable } from '../storable-text.ts';
import type { AttemptFence } from './claim-task.ts';
import { type LockedFence, lockFence, type Reporting } from './record-progress.ts';
import { cancelWaitingJob } from './request-cancel.ts';
import { storeEvent } from './store-event.ts';

/** One output of a completed attempt. */
export interface CompletedOutput {
  readonly groupIndex: number;
  readonly outputIndex: number;
  readonly durationMs: number;
  readonly video: { readonly widthPx: number; readonly heightPx: number } | null;
  /** Locations, objects, measurements: plain JSON, kept for the job's life. */
  readonly details: JsonObject;
  /** Result of the check before completion; null when there was none. */
  readonly verdict: JsonObject | null;
}

/** A completed attempt. */
export interface Completion {
  readonly outputs: readonly CompletedOutput[];
  /** Added to the job's `messages.info`. */
  readonly infoMessages: readonly string[];
  readonly accelerationStatus: AccelerationStatus;
  /** COMPLETE, built from the job as it ends. */
  readonly body: (job: JobRecord) => EventBody;
}

/** A failed attempt. */
export interface Failure {
  readonly errorCode: JobErrorCode;
  readonly errorMessage: string;
  /** The environment's failure: tried again within `maxRetries`. */
  readonly isRetriable: boolean;
  /** Facts of the fault, kept with the attempt. */
  readonly fault: JsonObject | null;
  /** Told in the job's `messages` and in the ERROR event when no attempt follows; absent: there is nothing to tell. */
  readonly explanation?: FaultExplanation;
  /** Added to the job's `messages.info` before the explanation. */
  readonly infoMessages?: readonly string[];
}

/** `stale`: another attempt has taken over or the job has ended; nothing was written. */
export type FinishOutcome = 'complete' | 'retrying' | 'failed' | 'canceled' | 'stale';

/** The job is COMPLETE with its outputs and event; or CANCELED when a cancel was accepted before. */
export async function completeAttempt(
  db: Database['sql'],
  fence: AttemptFence,
  completion: Completion,
  reporting: Reporting,
): Promise<FinishOutcome> {
  const { nowMs, envelopeOf } = reporting;
  return await behindFence(db, fence, reporting, async (transaction, { jobId }) => {
    await endAttempt(transaction, fence, { outcome: 'COMPLETE', nowMs });
    await endTask(transaction, fence);
    await storeOutputs(transaction, jobId, completion.outputs);
    await sql`
      UPDATE job SET status = 'COMPLETE', finished_at_ms = ${nowMs}, percent = 100,
        acceleration_status = ${completion.accelerationStatus},
        info_messages = info_messages || ${JSON.stringify(completion.infoMessages.map(toStorable))}::jsonb
      WHERE id = ${jobId}
    `.execute(transaction);
    await storeEvent(transaction, { jobId, atMs: nowMs, body: completion.body, envelopeOf });
    return 'complete';
  });
}

/** The job waits for its next attempt, or is ERROR; or CANCELED when a cancel was accepted before. */
export async function failAttempt(
  db: Database['sql'],
  fence: AttemptFence,
  failure: Failure,
  reporting: Reporting,
): Promise<FinishOutcome> {
  return await behindFence(db, fence, reporting, async (transaction, locked) => {
    await endAttempt(transaction, fence, { outcome: 'ERROR', nowMs: reporting.nowMs, ...failure });
    return await retryOrFail(transaction, fence, locked, failure, reporting);
  });
}

/** The job is CANCELED: its worker has stopped. */
export async function cancelAttempt(
  db: Database['sql'],
  fence: AttemptFence,
  reporting: Reporting,
): Promise<FinishOutcome> {
  return await db.transaction().execute(async (transaction): Promise<FinishOutcome> => {
    const locked = await lockFence(transaction, fence);
    return locked === null ? 'stale' : await cancelLocked(transaction, fence, locked, reporting);
  });
}

/**
 * Hands the task back without spending an attempt: the worker stops, the job does not fail. The job stays
 * PROGRESSING and begins again with PROBING; an accepted cancel ends it instead.
 */
export async function releaseAttempt(
  db: Database['sql'],
  fence: AttemptFence,
  reporting: Reporting,
): Promise<'released' | 'canceled' | 'stale'> {
  const outcome = await behindFence(db, fence, reporting, async (transaction, { jobId, spentAttempts }) => {
    await endAttempt(transaction, fence, { outcome: 'RELEASED', nowMs: reporting.nowMs });
    await makeReady(transaction, fence, jobId, spentAttempts);
    return 'retrying';
  });
  return outcome === 'canceled' || outcome === 'stale' ? outcome : 'released';
}

/**
 * The last step of a failed or lost attempt. The caller holds the task's lock and has ended the attempt.
 * Percent starts over with a retry, as only a grown `retryCount` allows (spec events.md 4).
 */
export async function retryOrFail(
  db: Statements,
  fence: AttemptFence,
  { jobId, spentAttempts }: LockedFence,
  { errorCode, errorMessage, isRetriable, explanation, infoMessages = [] }: Omit<Failure, 'fault'>,
  { nowMs, envelopeOf }: Reporting,
): Promise<'retrying' | 'failed'> {
  if (isRetriable && spentAttempts < maxRetries) {
    await makeReady(db, fence, jobId, spentAttempts + 1);
    return 'retrying';
  }
  const message = toStorable(errorMessage);
  const told = explanation === undefined ? { info: [], warning: [] } : explanationMessages(explanation);
  const info = JSON.stringify([...infoMessages, ...told.info].map(toStorable));
  const warning = JSON.stringify(told.warning.map(toStorable));
  await endTask(db, fence);
  await sql`
    UPDATE job SET status = 'ERROR', finished_at_ms = ${nowMs}, error_code = ${errorCode},
      error_message = ${message},
      info_messages = info_messages || ${info}::jsonb, warning_messages = warning_messages || ${warning}::jsonb,
      acceleration_status = CASE acceleration_status WHEN 'IN_PROGRESS' THEN 'NOT_ACCELERATED'
        ELSE acceleration_status END
    WHERE id = ${jobId}
  `.execute(db);
  const body = ({ warnings }: JobRecord) =>
    errorBody(
      { code: errorCode, message },
      new Map(warnings.map(({ code, count }) => [code as WarningCode, count])),
      explanation ?? null,
    );
  await storeEvent(db, { jobId, atMs: nowMs, body, envelopeOf });
  return 'failed';
}

/** Ends an attempt whose job was canceled. The caller holds the task's lock. */
export async function cancelLocked(
  db: Statements,
  fence: AttemptFence,
  { jobId }: LockedFence,
  { nowMs, envelopeOf }: Reporting,
): Promise<'canceled'> {
  await endAttempt(db, fence, { outcome: 'CANCELED', nowMs });
  await cancelWaitingJob(db, jobId, nowMs, envelopeOf);
  return 'canceled';
}

/** Writes the end of an attempt into its own row. */
export async function endAttempt(
  db: Statements,
  { taskId, attempt }: AttemptFence,
  end: {
    readonly outcome: NonNullable<AttemptTable['outcome']>;
    readonly nowMs: number;
    readonly errorCode?: number;
    readonly errorMessage?: string;
    readonly fault?: JsonObject | null;
  },
): Promise<void> {
  await db
    .updateTable('attempt')
    .set({
      outcome: end.outcome,
      ended_at_ms: end.nowMs,
      error_code: end.errorCode ?? null,
      error_message: end.errorMessage === undefined ? null : toStorable(end.errorMessage),
      fault: end.fault == null ? null : JSON.stringify(end.fault),
    })
    .where('task_id', '=', taskId)
    .where('number', '=', attempt)
    .execute();
}

async function behindFence(
  db: Database['sql'],
  fence: AttemptFence,
  reporting: Reporting,
  finish: (transaction: Statements, locked: LockedFence) => Promise<FinishOutcome>,
): Promise<FinishOutcome> {
  return await db.transaction().execute(async (transaction): Promise<FinishOutcome> => {
    const locked = await lockFence(transaction, fence);
    if (locked === null) return 'stale';
    if (locked.cancelRequested) return await cancelLocked(transaction, fence, locked, reporting);
    return await finish(transaction, locked);
  });
}

async function makeReady(
  db: Statements,
  { taskId }: AttemptFence,
  jobId: string,
  spentAttempts: number,
): Promise<void> {
  await sql`
    WITH ready AS (
      UPDATE task SET state = 'READY', spent_attempts = ${spentAttempts}, lease_worker = NULL,
        lease_expires_at = NULL
      WHERE id = ${taskId} RETURNING queue_name
    ), waiting AS (
      UPDATE job SET phase = 'PROBING', retry_count = ${spentAttempts},
        percent = CASE WHEN retry_count < ${spentAttempts} THEN NULL ELSE percent END
      WHERE id = ${jobId}
    )
    SELECT pg_notify(${channels.taskReady}, queue_name) FROM ready
  `.execute(db);
}

/** A freed slot may let another job of the queue start on another worker. */
async function endTask(db: Statements, { taskId }: AttemptFence): Promise<void> {
  await sql`
    WITH ended AS (
      UPDATE task SET state = 'DONE', lease_worker = NULL, lease_expires_at = NULL
      WHERE id = ${taskId} RETURNING queue_name
    )
    SELECT pg_notify(${channels.taskReady}, queue_name) FROM ended
  `.execute(db);
}

async function storeOutputs(
  db: Statements,
  jobId: string,
  outputs: readonly CompletedOutput[],
): Promise<void> {
  if (outputs.length === 0) return;
  await db
    .insertInto('output')
    .values(
      outputs.map((output) => ({
        job_id: jobId,
        group_index: output.groupIndex,
        output_index: output.outputIndex,
        duration_ms: Math.round(output.durationMs),
        width_px: output.video?.widthPx ?? null,
        height_px: output.video?.heightPx ?? null,
        details: JSON.stringify(output.details),
        verdict: output.verdict === null ? null : JSON.stringify(output.verdict),
      })),
    )
    .execute();
}
