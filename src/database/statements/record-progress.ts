/**
 * What a running attempt reports: phase and percent, events on the way, warnings. Every write is fenced: it
 * happens only for the task's newest attempt while it runs, and the task's row stays locked until it is done, so
 * a stale attempt is refused by the database and not by luck (style 21).
 */
import { type RawBuilder, sql } from 'kysely';
import type { WarningCode } from '../../catalogue/codes.ts';
import { type EventBody, newWarningBody, type StatusUpdateBody } from '../../events/bodies.ts';
import type { Database, Statements } from '../database.ts';
import type { JobPhase } from '../job-repository.ts';
import type { AttemptFence } from './claim-task.ts';
import { type EnvelopeOf, storeEvent } from './store-event.ts';

/**
 * - `stored`: written.
 * - `cancel-requested`: the job was canceled meanwhile; nothing was written, the attempt shall stop.
 * - `stale`: another attempt has taken over, or the job has ended; nothing was written.
 */
export type ReportOutcome = 'stored' | 'cancel-requested' | 'stale';

/** Where an attempt stands. */
export interface AttemptProgress {
  readonly phase: JobPhase;
  /** 0–100 of the job, rounded down; null: unknown. Stored only when it grew, except that a new attempt starts over. */
  readonly percent: number | null;
  /** Stored with it, when it is time for one. */
  readonly statusUpdate: StatusUpdateBody | null;
}

/** When something is reported, and how its event gets an envelope. */
export interface Reporting {
  readonly nowMs: number;
  readonly envelopeOf: EnvelopeOf;
}

/** The state of the fence, with the task's row locked. */
export interface LockedFence {
  readonly jobId: string;
  readonly cancelRequested: boolean;
  readonly spentAttempts: number;
}

/** Locks the attempt's task for the rest of the transaction; null when the attempt is stale. */
export async function lockFence(
  db: Statements,
  { taskId, attempt }: AttemptFence,
): Promise<LockedFence | null> {
  const { rows } = await sql<LockedFence>`
    SELECT job_id AS "jobId", cancel_requested AS "cancelRequested", spent_attempts AS "spentAttempts"
    FROM task WHERE id = ${taskId} AND attempt_number = ${attempt} AND state = 'RUNNING' FOR NO KEY UPDATE
  `.execute(db);
  return rows[0] ?? null;
}

/**
 * Stores phase and percent. With UPLOADING the job can no longer be canceled. With the end of PROBING it is decided
 * that the job is not accelerated: no job is, yet.
 */
export async function recordProgress(
  db: Database['sql'],
  fence: AttemptFence,
  { phase, percent, statusUpdate }: AttemptProgress,
  reporting: Reporting,
): Promise<ReportOutcome> {
  const whole = percent === null ? null : Math.max(0, Math.min(100, Math.floor(percent)));
  return await report(db, fence, async (transaction, jobId) => {
    await changeJob(
      transaction,
      jobId,
      sql`phase = ${phase}, percent = greatest(percent, ${whole}::integer),
        acceleration_status = CASE WHEN acceleration_status = 'IN_PROGRESS' AND ${phase}::text <> 'PROBING'
          THEN 'NOT_ACCELERATED' ELSE acceleration_status END`,
    );
    if (statusUpdate !== null) await storeReport(transaction, jobId, statusUpdate, reporting);
  });
}

/**
 * Stores an event of its own moment: INPUT_INFORMATION. A job has one of each status (spec events.md 3): an attempt that
 * begins again has probed the same inputs, and is not told again.
 */
export async function recordEvent(
  db: Database['sql'],
  fence: AttemptFence,
  body: EventBody,
  reporting: Reporting,
): Promise<ReportOutcome> {
  return await report(db, fence, async (transaction, jobId) => {
    if (!(await hasEvent(transaction, jobId, body.status)))
      await storeReport(transaction, jobId, body, reporting);
  });
}

/** Whoever asks has locked the job's task, so no other attempt stores one meanwhile. */
async function hasEvent(db: Statements, jobId: string, status: string): Promise<boolean> {
  const { rows } =
    await sql`SELECT 1 FROM event WHERE job_id = ${jobId} AND status = ${status} LIMIT 1`.execute(db);
  return rows.length > 0;
}

/** A warning as it arises (spec events.md 8). */
export interface AttemptWarning {
  readonly code: WarningCode;
  /** How often it arose, added to the job's count. */
  readonly count: number;
  /** Text of the event. */
  readonly message: string;
}

/** Adds a warning to the job. The first of its code on the job stores NEW_WARNING; later ones only count. */
export async function recordWarning(
  db: Database['sql'],
  fence: AttemptFence,
  { code, count, message }: AttemptWarning,
  reporting: Reporting,
): Promise<ReportOutcome> {
  return await report(db, fence, async (transaction, jobId) => {
    const isNew = await addWarning(transaction, jobId, code, count);
    if (isNew) await storeReport(transaction, jobId, newWarningBody(code, message), reporting);
  });
}

/** Counts a warning on a job whose task the caller has locked. True: it is the first of its code, and an event is due. */
export async function addWarning(
  db: Statements,
  jobId: string,
  code: WarningCode,
  count: number,
): Promise<boolean> {
  const { rows } = await sql<{ warnings: readonly { readonly code: number; readonly count: number }[] }>`
    SELECT warnings FROM job WHERE id = ${jobId}
  `.execute(db);
  const warnings = rows[0]?.warnings ?? [];
  const isNew = warnings.every((warning) => warning.code !== code);
  const counted = isNew
    ? [...warnings, { code, count }]
    : warnings.map((warning) => (warning.code === code ? { code, count: warning.count + count } : warning));
  await changeJob(db, jobId, sql`warnings = ${JSON.stringify(counted)}`);
  return isNew;
}

async function storeReport(
  db: Statements,
  jobId: string,
  body: EventBody,
  { nowMs, envelopeOf }: Reporting,
): Promise<void> {
  await storeEvent(db, { jobId, atMs: nowMs, body: () => body, envelopeOf });
}

async function report(
  db: Database['sql'],
  fence: AttemptFence,
  write: (transaction: Statements, jobId: string) => Promise<void>,
): Promise<ReportOutcome> {
  return await db.transaction().execute(async (transaction): Promise<ReportOutcome> => {
    const locked = await lockFence(transaction, fence);
    if (locked === null) return 'stale';
    if (locked.cancelRequested) return 'cancel-requested';
    await write(transaction, locked.jobId);
    return 'stored';
  });
}

async function changeJob(db: Statements, jobId: string, assignments: RawBuilder<unknown>): Promise<void> {
  await sql`UPDATE job SET ${assignments} WHERE id = ${jobId}`.execute(db);
}
