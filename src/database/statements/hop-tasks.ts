/**
 * Hops (spec queues-and-lifecycle.md 6): a job that has waited in an active queue for the minutes its destination
 * asks for goes to another queue, once. A paused queue lets nobody go; when it wakes up, a job that is next and has a
 * slot stays, the others whose time has passed go. A destination that is gone is warning 100000, and the job stays.
 *
 * Exclusive with claims: the queue's row is locked as a claim locks it, so a task is either claimed or hops.
 * `queue` and `priority` of the job stay as submitted; the task carries the ones in force.
 */
import { sql } from 'kysely';
import { warningEntry } from '../../catalogue/codes.ts';
import { newWarningBody, queueHopBody } from '../../events/bodies.ts';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import type { QueueTransitionRecord } from '../job-repository.ts';
import { boundSlots, isOpen } from './queue-slots.ts';
import { addWarning, type Reporting } from './record-progress.ts';
import { storeEvent } from './store-event.ts';

/** Tasks per queue and sweep, so that claims of the queue do not wait long; the rest comes with the next sweep. */
const hopsPerQueue = 50;

/** One sweep over all active queues. Returns the number of jobs that went. */
export async function hopDueTasks(db: Database['sql'], reporting: Reporting): Promise<number> {
  const { rows: queues } = await sql<{ name: string }>`
    SELECT DISTINCT queue.name FROM task JOIN queue ON queue.name = task.queue_name
    WHERE task.state = 'READY' AND task.hop_at_ms <= ${reporting.nowMs} AND queue.status = 'ACTIVE'
    ORDER BY queue.name
  `.execute(db);
  let hops = 0;
  for (const { name } of queues) {
    hops += await db.transaction().execute(async (transaction) => {
      const { rows: open } = await sql`
        SELECT name FROM queue WHERE name = ${name} AND status = 'ACTIVE' FOR NO KEY UPDATE
      `.execute(transaction);
      if (open.length === 0) return 0;
      return await hopAll(transaction, await lockDueTasks(transaction, name, reporting.nowMs), reporting);
    });
  }
  return hops;
}

/** A queue wakes up; the caller holds its row. The next job stays when it can start now, all others that are due go. */
export async function decideOverdueHops(
  db: Statements,
  queueName: string,
  reporting: Reporting,
): Promise<void> {
  await sql`
    UPDATE task SET hop_at_ms = NULL, hop_queue_name = NULL, hop_priority = NULL
    WHERE hop_at_ms <= ${reporting.nowMs} AND id = (
      SELECT id FROM task AS head WHERE head.queue_name = ${queueName} AND head.state = 'READY'
      ORDER BY priority DESC, submitted_at_ms, job_id, id LIMIT 1
    ) AND EXISTS (
      SELECT FROM queue WHERE name = ${queueName} AND ${isOpen(reporting.nowMs)} AND (
        ${boundSlots} IS NULL OR ${boundSlots} > (
          SELECT count(DISTINCT job_id) FROM task AS running
          WHERE running.queue_name = ${queueName} AND running.state = 'RUNNING'))
    )
  `.execute(db);
  await hopAll(db, await lockDueTasks(db, queueName, reporting.nowMs), reporting);
}

interface DueTask {
  readonly id: number;
  readonly jobId: string;
  readonly queueName: string;
  readonly priority: number;
  readonly hopQueueName: string;
  readonly hopPriority: number | null;
}

/** A job that has started once does not hop, though it may wait for its next attempt. */
async function lockDueTasks(db: Statements, queueName: string, nowMs: number): Promise<readonly DueTask[]> {
  const { rows } = await sql<DueTask>`
    SELECT id, job_id AS "jobId", queue_name AS "queueName", priority, hop_queue_name AS "hopQueueName",
      hop_priority AS "hopPriority"
    FROM task WHERE queue_name = ${queueName} AND state = 'READY' AND hop_at_ms <= ${nowMs} AND attempt_number = 0
    ORDER BY hop_at_ms, id LIMIT ${hopsPerQueue} FOR NO KEY UPDATE SKIP LOCKED
  `.execute(db);
  return rows;
}

async function hopAll(db: Statements, tasks: readonly DueTask[], reporting: Reporting): Promise<number> {
  let hops = 0;
  for (const task of tasks) {
    const { rows: destination } = await sql`
      SELECT name FROM queue WHERE name = ${task.hopQueueName} FOR KEY SHARE
    `.execute(db);
    if (destination.length > 0) {
      await hop(db, task, reporting);
      hops += 1;
    } else await stay(db, task, reporting);
  }
  return hops;
}

async function hop(db: Statements, task: DueTask, { nowMs, envelopeOf }: Reporting): Promise<void> {
  const priority = task.hopPriority ?? task.priority;
  const transition: QueueTransitionRecord = {
    sourceQueueName: task.queueName,
    destinationQueueName: task.hopQueueName,
    atMs: nowMs,
  };
  await sql`
    WITH moved AS (
      UPDATE task SET queue_name = hop_queue_name, priority = ${priority}, hop_at_ms = NULL, hop_queue_name = NULL,
        hop_priority = NULL
      WHERE id = ${task.id}
    ), told AS (
      UPDATE job SET queue_transitions = queue_transitions || ${JSON.stringify([transition])}::jsonb
      WHERE id = ${task.jobId}
    )
    SELECT pg_notify(${channels.taskReady}, ${task.hopQueueName})
  `.execute(db);
  await storeEvent(db, {
    jobId: task.jobId,
    atMs: nowMs,
    body: () => queueHopBody(task.queueName, priority, task.priority),
    envelopeOf,
  });
}

/** The destination is gone: told once, not tried again. */
async function stay(db: Statements, task: DueTask, reporting: Reporting): Promise<void> {
  await sql`
    UPDATE task SET hop_at_ms = NULL, hop_queue_name = NULL, hop_priority = NULL WHERE id = ${task.id}
  `.execute(db);
  const isNew = await addWarning(db, task.jobId, 100000, 1);
  if (!isNew) return;
  const { nowMs, envelopeOf } = reporting;
  const body = () => newWarningBody(100000, warningEntry(100000).message);
  await storeEvent(db, { jobId: task.jobId, atMs: nowMs, body, envelopeOf });
}
