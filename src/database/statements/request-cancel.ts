/**
 * Cancel as a client asks for it (spec queues-and-lifecycle.md 2). A job without a running attempt is CANCELED at
 * once; a running one is told to stop and becomes CANCELED when its worker has stopped. From UPLOADING on, and
 * after the end, it is too late.
 *
 * The tasks are locked before the job is read: whether an attempt runs, and in which phase, cannot change
 * between the look and the answer. All statements lock in the order queue, task, job.
 */
import { sql } from 'kysely';
import { canceledBody } from '../../events/bodies.ts';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import type { CancelOutcome } from '../job-repository.ts';
import { type EnvelopeOf, storeEvent } from './store-event.ts';

/** Cancels, or asks the worker to. */
export async function requestCancel(
  db: Database['sql'],
  id: string,
  nowMs: number,
  envelopeOf: EnvelopeOf,
): Promise<CancelOutcome> {
  return await db.transaction().execute(async (transaction): Promise<CancelOutcome> => {
    const tasks = await transaction
      .selectFrom('task')
      .select(['id', 'state'])
      .where('job_id', '=', id)
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    const job = await transaction
      .selectFrom('job')
      .select(['status', 'phase'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (job === undefined) return { outcome: 'not-found' };
    const isOver = job.status !== 'SUBMITTED' && job.status !== 'PROGRESSING';
    if (isOver || job.phase === 'UPLOADING') return { outcome: 'refused', ...job };
    const running = tasks.filter(({ state }) => state === 'RUNNING').map((task) => task.id);
    if (running.length > 0) {
      await tellWorkers(transaction, running);
      return { outcome: 'requested' };
    }
    await cancelWaitingJob(transaction, id, nowMs, envelopeOf);
    return { outcome: 'canceled' };
  });
}

async function tellWorkers(db: Statements, taskIds: readonly number[]): Promise<void> {
  await sql`
    WITH told AS (UPDATE task SET cancel_requested = true WHERE id = ANY(${taskIds}) RETURNING id)
    SELECT pg_notify(${channels.cancelRequested}, id::text) FROM told
  `.execute(db);
}

/**
 * Ends a job no attempt of which runs, with its event. The caller holds the locks of its tasks. Other workers are
 * woken, because a slot of the queue may be free now.
 */
export async function cancelWaitingJob(
  db: Statements,
  id: string,
  nowMs: number,
  envelopeOf: EnvelopeOf,
): Promise<void> {
  await sql`
    WITH ended_tasks AS (
      UPDATE task SET state = 'DONE', lease_worker = NULL, lease_expires_at = NULL
      WHERE job_id = ${id} RETURNING queue_name
    ), canceled AS (
      UPDATE job SET status = 'CANCELED', finished_at_ms = ${nowMs},
        acceleration_status = CASE acceleration_status WHEN 'IN_PROGRESS' THEN 'NOT_ACCELERATED'
          ELSE acceleration_status END
      WHERE id = ${id}
    )
    SELECT pg_notify(${channels.taskReady}, queue_name) FROM ended_tasks
  `.execute(db);
  await storeEvent(db, { jobId: id, atMs: nowMs, body: canceledBody, envelopeOf });
}
