/** Leases: renewed by a worker's heartbeat, taken away when they ran out. */
import { sql } from 'kysely';
import type { JobErrorCode } from '../../catalogue/codes.ts';
import type { Database, Statements } from '../database.ts';
import type { JobPhase } from '../job-repository.ts';
import type { AttemptFence } from './claim-task.ts';
import { cancelLocked, endAttempt, retryOrFail } from './finish-attempt.ts';
import type { LockedFence, Reporting } from './record-progress.ts';

/** A worker that says it is alive. */
export interface WorkerHeartbeat {
  readonly workerId: string;
  readonly host: string;
  readonly slots: number;
  readonly leaseMs: number;
  /** The attempts it runs. */
  readonly attempts: readonly AttemptFence[];
}

/** A lease that still stands. */
export interface RenewedLease extends AttemptFence {
  readonly cancelRequested: boolean;
}

/** Renews all leases of a worker and shows it alive; a lease missing from the answer is lost. One statement. */
export async function renewLeases(
  db: Statements,
  heartbeat: WorkerHeartbeat,
): Promise<readonly RenewedLease[]> {
  const { workerId, host, slots, leaseMs, attempts } = heartbeat;
  const { rows } = await sql<RenewedLease>`
    WITH alive AS (
      INSERT INTO worker (id, host, slots, seen_at) VALUES (${workerId}, ${host}, ${slots}, clock_timestamp())
      ON CONFLICT (id) DO UPDATE SET slots = excluded.slots, seen_at = excluded.seen_at
    )
    UPDATE task SET lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    FROM unnest(${attempts.map(({ taskId }) => taskId)}::bigint[], ${attempts.map(({ attempt }) => attempt)}::integer[])
      AS mine (task_id, attempt)
    WHERE task.id = mine.task_id AND task.attempt_number = mine.attempt AND task.state = 'RUNNING'
    RETURNING task.id AS "taskId", task.attempt_number AS attempt, task.cancel_requested AS "cancelRequested"
  `.execute(db);
  return rows;
}

/** Removes a worker that stops. Its tasks were handed back before. */
export async function removeWorker(db: Statements, workerId: string): Promise<void> {
  await db.deleteFrom('worker').where('id', '=', workerId).execute();
}

/** The error of a job that lost its last attempt. */
export interface LostAttemptError {
  readonly errorCode: JobErrorCode;
  readonly errorMessage: string;
}

/** Tasks taken per sweep, so that one transaction stays short; the rest comes with the next. */
const tasksPerSweep = 50;

/**
 * Ends the attempts whose lease ran out: the job waits for its next attempt with `retryCount` grown, is ERROR when
 * no attempt is left, or CANCELED when that was asked for. Workers that died are removed. Returns the number of
 * attempts ended.
 */
export async function expireLeases(
  db: Database['sql'],
  error: LostAttemptError,
  reporting: Reporting,
): Promise<number> {
  return await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<LockedFence & AttemptFence & { phase: JobPhase | null }>`
      SELECT id AS "taskId", attempt_number AS attempt, job_id AS "jobId", cancel_requested AS "cancelRequested",
        spent_attempts AS "spentAttempts", (SELECT phase FROM job WHERE job.id = task.job_id)
      FROM task WHERE state = 'RUNNING' AND lease_expires_at < clock_timestamp()
      ORDER BY id LIMIT ${tasksPerSweep} FOR NO KEY UPDATE SKIP LOCKED
    `.execute(transaction);
    for (const lost of rows) {
      if (lost.cancelRequested) {
        await cancelLocked(transaction, lost, lost, reporting);
        continue;
      }
      const fault = {
        component: 'worker',
        mediaFact: 'the worker was not heard of any more',
        phase: lost.phase,
      };
      await endAttempt(transaction, lost, { outcome: 'LOST', nowMs: reporting.nowMs, fault });
      await retryOrFail(transaction, lost, lost, { ...error, isRetriable: true }, reporting);
    }
    await sql`DELETE FROM worker WHERE seen_at < clock_timestamp() - interval '10 minutes'`.execute(
      transaction,
    );
    return rows.length;
  });
}
