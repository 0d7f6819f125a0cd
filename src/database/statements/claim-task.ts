/**
 * Claim: the next task for a worker, under a lease.
 *
 * Order (design 6): the least-loaded open queue first, then priority, submit time and id inside the queue.
 * Slots are exact: the queue's row is locked first, and the running jobs are counted by a later statement, which
 * therefore sees every claim made before. Counting is cheap (a partial index with one entry per running task)
 * and cannot drift as a stored counter could. Claimers of one queue wait for each other for two short statements;
 * SKIP LOCKED only steps over tasks that a cancel is looking at.
 */
import { sql } from 'kysely';
import { progressingBody } from '../../events/bodies.ts';
import type { Database, Statements } from '../database.ts';
import { readJobRecord } from '../job-record.ts';
import type { JobRecord } from '../job-repository.ts';
import { type EnvelopeOf, storeEvent } from './store-event.ts';

/** What fences every write of an attempt. */
export interface AttemptFence {
  readonly taskId: number;
  /** From 1; a task's newest attempt alone may write. */
  readonly attempt: number;
}

/** A task under lease. */
export interface ClaimedTask extends AttemptFence {
  /** Attempts before this one that failed or were lost: the job's `retryCount`. */
  readonly retryCount: number;
  /** The job as it is now: PROGRESSING, PROBING. */
  readonly job: JobRecord;
}

/** Who claims, and for how long. */
export interface ClaimRequest {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly nowMs: number;
  readonly envelopeOf: EnvelopeOf;
}

/** Claims the next task, or returns null when no open queue with a free slot has one. */
export async function claimTask(db: Database['sql'], request: ClaimRequest): Promise<ClaimedTask | null> {
  for (const queueName of await findOpenQueues(db)) {
    // One transaction per queue: a claimer never waits for one queue while it holds another.
    const claimed = await db.transaction().execute(async (transaction) => {
      if (!(await lockOpenQueue(transaction, queueName))) return null;
      const leased = await leaseHeadTask(transaction, queueName, request);
      return leased === null ? null : await startAttempt(transaction, leased, request);
    });
    if (claimed !== null) return claimed;
  }
  return null;
}

/**
 * Candidates without locks, best first: open queues with a waiting task and a free slot. Load is running jobs over
 * slots; a queue without a number of its own has the slots of all workers. Equal loads: the higher priority, then
 * the older job at the head.
 */
async function findOpenQueues(db: Statements): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT queue.name
    FROM queue
    CROSS JOIN LATERAL (
      SELECT priority, submitted_at_ms, job_id FROM task
      WHERE task.queue_name = queue.name AND task.state = 'READY'
      ORDER BY priority DESC, submitted_at_ms, job_id, id LIMIT 1
    ) AS head
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT job_id) AS jobs FROM task
      WHERE task.queue_name = queue.name AND task.state = 'RUNNING'
    ) AS running
    CROSS JOIN (SELECT greatest(1, coalesce(sum(slots), 1)) AS slots FROM worker) AS fleet
    WHERE queue.status = 'ACTIVE' AND (queue.concurrent_jobs IS NULL OR running.jobs < queue.concurrent_jobs)
    ORDER BY running.jobs::float8 / coalesce(queue.concurrent_jobs, fleet.slots),
      head.priority DESC, head.submitted_at_ms, head.job_id
  `.execute(db);
  return rows.map(({ name }) => name);
}

/** Waits for other claimers of the queue. NO KEY UPDATE does not stand in the way of submits (KEY SHARE). */
async function lockOpenQueue(db: Statements, name: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT name FROM queue WHERE name = ${name} AND status = 'ACTIVE' FOR NO KEY UPDATE
  `.execute(db);
  return rows.length > 0;
}

interface LeasedTask {
  readonly id: number;
  readonly jobId: string;
  readonly attempt: number;
  readonly spentAttempts: number;
}

/** Under the queue's lock: one task when a slot is free. Its attempt number grows, which shuts out earlier attempts. */
async function leaseHeadTask(
  db: Statements,
  queueName: string,
  { workerId, leaseMs }: ClaimRequest,
): Promise<LeasedTask | null> {
  const { rows } = await sql<LeasedTask>`
    UPDATE task SET state = 'RUNNING', attempt_number = attempt_number + 1, lease_worker = ${workerId},
      lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    WHERE id = (
      SELECT id FROM task
      WHERE queue_name = ${queueName} AND state = 'READY' AND (
        SELECT queue.concurrent_jobs IS NULL OR queue.concurrent_jobs > (
          SELECT count(DISTINCT job_id) FROM task AS running
          WHERE running.queue_name = ${queueName} AND running.state = 'RUNNING')
        FROM queue WHERE queue.name = ${queueName})
      ORDER BY priority DESC, submitted_at_ms, job_id, id
      LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, job_id AS "jobId", attempt_number AS attempt, spent_attempts AS "spentAttempts"
  `.execute(db);
  return rows[0] ?? null;
}

/** Only the first attempt moves the job out of SUBMITTED, so PROGRESSING is sent once per job. */
async function startAttempt(
  db: Statements,
  { id: taskId, jobId, attempt, spentAttempts }: LeasedTask,
  { workerId, nowMs, envelopeOf }: ClaimRequest,
): Promise<ClaimedTask> {
  const { rows } = await sql<{ isFirst: boolean }>`
    WITH new_attempt AS (
      INSERT INTO attempt (task_id, number, worker_id, started_at_ms)
      VALUES (${taskId}, ${attempt}, ${workerId}, ${nowMs})
    ), before AS (SELECT id, status FROM job WHERE id = ${jobId})
    UPDATE job SET status = 'PROGRESSING', phase = 'PROBING', started_at_ms = coalesce(job.started_at_ms, ${nowMs})
    FROM before WHERE job.id = before.id
    RETURNING before.status = 'SUBMITTED' AS "isFirst"
  `.execute(db);
  if (rows[0]?.isFirst === true) {
    await storeEvent(db, { jobId, atMs: nowMs, body: progressingBody, envelopeOf });
  }
  const job = await readJobRecord(db, jobId);
  if (job === null) throw new Error(`job ${jobId} vanished while it was claimed`);
  return { taskId, attempt, retryCount: spentAttempts, job };
}
