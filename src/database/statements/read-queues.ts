/** Queues with their counts and slots. */
import { type RawBuilder, sql } from 'kysely';
import type { Statements } from '../database.ts';
import type { QueueListQuery, QueueRecord } from '../job-repository.ts';

/** A worker not seen for so long has no slots to offer. */
const workerSilence = sql`interval '60 seconds'`;

/** Slots of all workers that are alive; 0 when there is none. */
export async function totalSlots(db: Statements): Promise<number> {
  const { rows } = await sql<{ slots: number }>`SELECT ${aliveSlots} AS slots`.execute(db);
  return rows[0]?.slots ?? 0;
}

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

/** Σ slots of all on-demand queues; a queue without a number of its own counts with all slots of the workers. */
export async function allocatedConcurrentJobs(db: Statements): Promise<number> {
  const { rows } = await sql<{ allocated: number }>`
    SELECT coalesce(sum(${queueSlots}), 0)::integer AS allocated FROM queue WHERE pricing_plan = 'ON_DEMAND'
  `.execute(db);
  return rows[0]?.allocated ?? 0;
}

const aliveSlots = sql`
  (SELECT coalesce(sum(slots), 0)::integer FROM worker WHERE seen_at > clock_timestamp() - ${workerSilence})`;
const queueSlots = sql`coalesce(queue.concurrent_jobs, greatest(1, ${aliveSlots}))`;

function placeCondition({ after, order }: QueueListQuery, byName: boolean): RawBuilder<unknown> {
  if (after === null) return sql`true`;
  const behind = order === 'ASCENDING' ? sql`>` : sql`<`;
  return byName
    ? sql`name ${behind} ${after.name}`
    : sql`(created_at_ms, name) ${behind} (${after.createdAtMs}, ${after.name})`;
}

async function readQueues(
  db: Statements,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
): Promise<readonly QueueRecord[]> {
  const { rows } = await sql<QueueRecord>`
    SELECT name, description, type, status, pricing_plan AS "pricingPlan",
      created_at_ms AS "createdAtMs", updated_at_ms AS "lastUpdatedMs",
      (SELECT count(*)::integer FROM job WHERE queue_name = queue.name AND job.status = 'SUBMITTED')
        AS "submittedJobsCount",
      (SELECT count(*)::integer FROM job WHERE queue_name = queue.name AND job.status = 'PROGRESSING')
        AS "progressingJobsCount",
      ${queueSlots} AS "concurrentJobs"
    FROM queue WHERE ${condition} ORDER BY ${order} LIMIT ${limit}
  `.execute(db);
  return rows;
}
