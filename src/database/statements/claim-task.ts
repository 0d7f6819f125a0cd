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
import { boundSlots, isOpen } from './queue-slots.ts';
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
  /** True: it was claimed from a reserved queue, after a hop perhaps. */
  readonly isReserved: boolean;
  /** The job as it is now: PROGRESSING, PROBING. */
  readonly job: JobRecord;
}

/** Who claims, and for how long. */
export interface ClaimRequest {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly nowMs: number;
  readonly envelopeOf: EnvelopeOf;
  /** Jobs that may run at once on all on-demand queues together; absent: as many as the workers have slots. */
  readonly accountConcurrentJobs?: number;
}

/** Claims the next task, or returns null when no open queue with a free slot has one. */
export async function claimTask(db: Database['sql'], request: ClaimRequest): Promise<ClaimedTask | null> {
  for (const { name: queueName, isReserved, fleetSlots } of await findOpenQueues(db, request.nowMs)) {
    const limit = isReserved
      ? Number.POSITIVE_INFINITY
      : (request.accountConcurrentJobs ?? Number.POSITIVE_INFINITY);
    // One transaction per queue: a claimer never waits for one queue while it holds another.
    const claimed = await db.transaction().execute(async (transaction) => {
      // The account's limit can only be met when the workers have more slots than it allows.
      if (fleetSlots > limit && !(await lockAccount(transaction, limit))) return null;
      if (!(await lockOpenQueue(transaction, queueName, request.nowMs))) return null;
      const leased = await leaseHeadTask(transaction, queueName, request);
      return leased === null ? null : { ...(await startAttempt(transaction, leased, request)), isReserved };
    });
    if (claimed !== null) return claimed;
  }
  return null;
}

interface OpenQueue {
  readonly name: string;
  readonly isReserved: boolean;
  readonly fleetSlots: number;
}

/**
 * Candidates without locks, best first: open queues with a waiting task and a free slot. Load is running jobs over
 * slots; a queue without a number of its own has the slots of all workers. Equal loads: the higher priority, then
 * the older job at the head.
 */
async function findOpenQueues(db: Statements, nowMs: number): Promise<readonly OpenQueue[]> {
  const { rows } = await sql<OpenQueue>`
    SELECT queue.name, queue.reserved_slots IS NOT NULL AS "isReserved", fleet.slots AS "fleetSlots"
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
    CROSS JOIN (SELECT greatest(1, coalesce(sum(slots), 1))::integer AS slots FROM worker) AS fleet
    WHERE ${isOpen(nowMs)} AND (${boundSlots} IS NULL OR running.jobs < ${boundSlots})
    ORDER BY running.jobs::float8 / coalesce(${boundSlots}, fleet.slots),
      head.priority DESC, head.submitted_at_ms, head.job_id
  `.execute(db);
  return rows;
}

/** Key of the advisory lock of claimers while the account's limit can be met. Any number of our own. */
const accountLock = 7_031_772;

/** Waits for other claimers of on-demand queues, then counts: false when the account runs as many jobs as it may. */
async function lockAccount(db: Statements, limit: number): Promise<boolean> {
  await sql`SELECT pg_advisory_xact_lock(${accountLock})`.execute(db);
  const { rows } = await sql<{ jobs: number }>`
    SELECT count(DISTINCT task.job_id)::integer AS jobs FROM task JOIN queue ON queue.name = task.queue_name
    WHERE task.state = 'RUNNING' AND queue.reserved_slots IS NULL
  `.execute(db);
  return (rows[0]?.jobs ?? 0) < limit;
}

/** Waits for other claimers of the queue. NO KEY UPDATE does not stand in the way of submits (KEY SHARE). */
async function lockOpenQueue(db: Statements, name: string, nowMs: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT name FROM queue WHERE name = ${name} AND ${isOpen(nowMs)} FOR NO KEY UPDATE
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
        SELECT ${boundSlots} IS NULL OR ${boundSlots} > (
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
): Promise<Omit<ClaimedTask, 'isReserved'>> {
  const { rows } = await sql<{ isFirst: boolean }>`
    WITH new_attempt AS (
      INSERT INTO attempt (task_id, number, worker_id, started_at_ms)
      VALUES (${taskId}, ${attempt}, ${workerId}, ${nowMs})
    ), before AS (SELECT id, status FROM job WHERE id = ${jobId})
    UPDATE job SET status = 'PROGRESSING', phase = 'PROBING', started_at_ms = coalesce(job.started_at_ms, ${nowMs}),
      engine_version_used = (SELECT submission ->> 'jobEngineVersionToUse' FROM job_document WHERE job_id = job.id)
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
