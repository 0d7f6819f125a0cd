import { sql } from 'kysely';
import type { Database } from '../database.ts';
import type { AttemptFence } from './claim-task.ts';
import { cancelLocked, retryOrFail } from './finish-attempt.ts';
import type { LostAttemptError } from './leases.ts';
import type { LockedFence, Reporting } from './record-progress.ts';

/** Jobs ended per sweep; the rest comes with the next. */
const jobsPerSweep = 50;

/**
 * Ends jobs that have been PROGRESSING for longer than the limit (spec queues-and-lifecycle.md 1) while they wait for
 * their next attempt: in a queue that was paused meanwhile, or because no worker has a slot. Running attempts watch
 * the limit themselves. An accepted cancel wins. Returns the number of jobs ended.
 */
export async function endOverdueJobs(
  db: Database['sql'],
  limitMs: number,
  error: LostAttemptError,
  reporting: Reporting,
): Promise<number> {
  return await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<LockedFence & AttemptFence>`
      SELECT task.id AS "taskId", task.attempt_number AS attempt, task.job_id AS "jobId",
        task.cancel_requested AS "cancelRequested", task.spent_attempts AS "spentAttempts"
      FROM job JOIN task ON task.job_id = job.id
      WHERE job.status = 'PROGRESSING' AND job.started_at_ms <= ${reporting.nowMs - limitMs}
        AND task.state = 'READY'
      ORDER BY task.id LIMIT ${jobsPerSweep} FOR NO KEY UPDATE OF task SKIP LOCKED
    `.execute(transaction);
    for (const overdue of rows) {
      if (overdue.cancelRequested) await cancelLocked(transaction, overdue, overdue, reporting);
      else await retryOrFail(transaction, overdue, overdue, { ...error, isRetriable: false }, reporting);
    }
    return rows.length;
  });
}
