/** Queues with their counts and slots. */
import { type RawBuilder, sql } from 'kysely';
import type { Statements } from '../database.ts';
import type { QueueListQuery, QueueRecord, QueueUsage, ReservationPlanRecord } from '../queue-repository.ts';
import { fleetSlots, shownSlots } from './queue-slots.ts';

/** One queue, or null. Names are exact. */
export async function findQueue(db: Statements, name: string): Promise<QueueRecord | null> {
  const [queue] = await readQueues(db, sql`name = ${name}`, sql`name`, 1);
  return queue ?? null;
}

/** One page of queues behind a place in the asked order. */
export async function listQueues(db: Statements, query: QueueListQuery): Promise<readonly QueueRecord[]> {
  const direction = query.order === 'ASCENDING' ? sql`ASC` : sql`DESC`;
  const byName = query.listBy === 'NAME';
  const order = byName ? sql`name ${direction}` : sql`created_at_ms ${direction}, name ${direction}`;
  return await readQueues(db, placeCondition(query, byName), order, query.limit);
}

/**
 * Queues and what they have of the account's slots; a queue without a number of its own counts with all of the workers'.
 * Two queues may have more slots together than an integer holds.
 */
export async function readQueueUsage(db: Statements): Promise<QueueUsage> {
  const { rows } = await sql<QueueUsage>`
    SELECT count(*)::integer AS queues,
      coalesce(sum(${shownSlots}) FILTER (WHERE pricing_plan = 'ON_DEMAND'), 0)::bigint AS "allocatedConcurrentJobs"
    FROM queue
  `.execute(db);
  return rows[0] ?? { queues: 0, allocatedConcurrentJobs: 0 };
}

function placeCondition({ after, order }: QueueListQuery, byName: boolean): RawBuilder<unknown> {
  if (after === null) return sql`true`;
  const behind = order === 'ASCENDING' ? sql`>` : sql`<`;
  return byName
    ? sql`name ${behind} ${after.name}`
    : sql`(created_at_ms, name) ${behind} (${after.createdAtMs}, ${after.name})`;
}

type QueueRow = Omit<QueueRecord, 'reservationPlan'> & {
  readonly [Member in keyof ReservationPlanRecord]: ReservationPlanRecord[Member] | null;
};

/**
 * Waiting tasks are counted in their index, jobs under way by their state: a job that waits for its next attempt is
 * PROGRESSING, and there are never many of those.
 */
async function readQueues(
  db: Statements,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
): Promise<readonly QueueRecord[]> {
  const { rows } = await sql<QueueRow>`
    SELECT name, description, type, queue.status, pricing_plan AS "pricingPlan",
      created_at_ms AS "createdAtMs", updated_at_ms AS "lastUpdatedMs",
      waiting.tasks - progressing.waiting AS "submittedJobsCount",
      progressing.waiting + progressing.running AS "progressingJobsCount",
      CASE WHEN pricing_plan = 'ON_DEMAND' THEN ${shownSlots} END AS "concurrentJobs",
      ${fleetSlots} AS "fleetSlots", maximum_concurrent_feeds AS "maximumConcurrentFeeds",
      reserved_slots AS "reservedSlots", commitment, renewal_type AS "renewalType",
      purchased_at_ms AS "purchasedAtMs", expires_at_ms AS "expiresAtMs"
    FROM queue
    CROSS JOIN LATERAL (
      SELECT count(*)::integer AS tasks FROM task WHERE queue_name = queue.name AND state = 'READY'
    ) AS waiting
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE task.state = 'READY')::integer AS waiting,
        count(*) FILTER (WHERE task.state = 'RUNNING')::integer AS running
      FROM job JOIN task ON task.job_id = job.id
      WHERE job.status = 'PROGRESSING' AND task.queue_name = queue.name
    ) AS progressing
    WHERE ${condition} ORDER BY ${order} LIMIT ${limit}
  `.execute(db);
  return rows.map(toQueueRecord);
}

function toQueueRecord(row: QueueRow): QueueRecord {
  const { reservedSlots, commitment, renewalType, purchasedAtMs, expiresAtMs, ...queue } = row;
  const isReserved =
    reservedSlots !== null &&
    commitment !== null &&
    renewalType !== null &&
    purchasedAtMs !== null &&
    expiresAtMs !== null;
  return {
    ...queue,
    reservationPlan: isReserved
      ? { reservedSlots, commitment, renewalType, purchasedAtMs, expiresAtMs }
      : null,
  };
}
