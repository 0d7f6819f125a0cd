/**
 * Queues made, changed and deleted. Rules about one queue run while its row is locked, rules about all queues
 * together while nobody else makes or changes one. All statements lock in the order queue, task, job.
 */
import { sql } from 'kysely';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import type {
  DeleteQueueOutcome,
  NewQueue,
  QueueChanges,
  QueueRecord,
  QueueUsage,
  ReservationPlanRecord,
} from '../queue-repository.ts';
import { decideOverdueHops } from './hop-tasks.ts';
import { findQueue, readQueueUsage } from './read-queues.ts';
import type { EnvelopeOf } from './store-event.ts';

/** Key of the advisory lock that changes of queues take, so that sums over all queues hold. Any number of our own. */
const queueChangesLock = 7_031_771;

/** Stores a queue and its tags; null when the name is taken. */
export async function createQueue(
  db: Database['sql'],
  queue: NewQueue,
  admit: (usage: QueueUsage) => void,
): Promise<QueueRecord | null> {
  return await db.transaction().execute(async (transaction) => {
    await lockChanges(transaction);
    if ((await findQueue(transaction, queue.name)) !== null) return null;
    admit(await readQueueUsage(transaction));
    await transaction
      .insertInto('queue')
      .values({
        name: queue.name,
        description: queue.description,
        type: 'CUSTOM',
        status: queue.status,
        pricing_plan: queue.reservationPlan === null ? 'ON_DEMAND' : 'RESERVED',
        concurrent_jobs: queue.concurrentJobs,
        maximum_concurrent_feeds: queue.maximumConcurrentFeeds,
        created_at_ms: queue.createdAtMs,
        updated_at_ms: queue.createdAtMs,
        ...(queue.reservationPlan === null ? {} : planColumns(queue.reservationPlan)),
      })
      .execute();
    await sql`
      INSERT INTO tag (resource_type, resource_id, key, value)
      SELECT 'queue', ${queue.name}, key, value FROM json_each_text(${JSON.stringify(queue.tags)}::json)
    `.execute(transaction);
    return await findQueue(transaction, queue.name);
  });
}

/** Changes a queue; null when there is none. Dispatchers look again: there may be slots now, or jobs may go. */
export async function updateQueue(
  db: Database['sql'],
  name: string,
  decide: (queue: QueueRecord, usage: QueueUsage) => QueueChanges,
  { nowMs, envelopeOf }: { readonly nowMs: number; readonly envelopeOf: EnvelopeOf },
): Promise<QueueRecord | null> {
  return await db.transaction().execute(async (transaction) => {
    await lockChanges(transaction);
    // Not FOR UPDATE: submits into the queue need not wait.
    await sql`SELECT name FROM queue WHERE name = ${name} FOR NO KEY UPDATE`.execute(transaction);
    const before = await findQueue(transaction, name);
    if (before === null) return null;
    const changes = decide(before, await readQueueUsage(transaction));
    await transaction
      .updateTable('queue')
      .set({
        updated_at_ms: nowMs,
        ...(changes.description === undefined ? {} : { description: changes.description }),
        ...(changes.status === undefined ? {} : { status: changes.status }),
        ...(changes.concurrentJobs === undefined ? {} : { concurrent_jobs: changes.concurrentJobs }),
        ...(changes.maximumConcurrentFeeds === undefined
          ? {}
          : { maximum_concurrent_feeds: changes.maximumConcurrentFeeds }),
        ...(changes.reservationPlan === undefined ? {} : planColumns(changes.reservationPlan)),
      })
      .where('name', '=', name)
      .execute();
    if (before.status === 'PAUSED' && changes.status === 'ACTIVE')
      await decideOverdueHops(transaction, name, { nowMs, envelopeOf });
    await sql`SELECT pg_notify(${channels.taskReady}, ${name})`.execute(transaction);
    return await findQueue(transaction, name);
  });
}

/** Deletes a queue that no job waits in or runs from. Submits and hops into it wait, and find it gone. */
export async function deleteQueue(
  db: Database['sql'],
  name: string,
  permit: (queue: QueueRecord) => void,
): Promise<DeleteQueueOutcome> {
  return await db.transaction().execute(async (transaction): Promise<DeleteQueueOutcome> => {
    await sql`SELECT name FROM queue WHERE name = ${name} FOR UPDATE`.execute(transaction);
    const queue = await findQueue(transaction, name);
    if (queue === null) return 'not-found';
    permit(queue);
    if (queue.submittedJobsCount + queue.progressingJobsCount > 0) return 'busy';
    await transaction.deleteFrom('queue').where('name', '=', name).execute();
    await transaction
      .deleteFrom('tag')
      .where('resource_type', '=', 'queue')
      .where('resource_id', '=', name)
      .execute();
    return 'deleted';
  });
}

async function lockChanges(db: Statements): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${queueChangesLock})`.execute(db);
}

function planColumns(plan: ReservationPlanRecord) {
  return {
    reserved_slots: plan.reservedSlots,
    commitment: plan.commitment,
    renewal_type: plan.renewalType,
    purchased_at_ms: plan.purchasedAtMs,
    expires_at_ms: plan.expiresAtMs,
  };
}
