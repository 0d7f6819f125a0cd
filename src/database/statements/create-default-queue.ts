import type { Statements } from '../database.ts';

/** The queue of jobs that name none; always exists (spec queues-and-lifecycle.md 4). */
export const defaultQueueName = 'Default';

/** Creates `Default` on the first start; later starts change nothing. */
export async function createDefaultQueue(db: Statements, nowMs: number): Promise<void> {
  await db
    .insertInto('queue')
    .values({
      name: defaultQueueName,
      description: null,
      type: 'SYSTEM',
      status: 'ACTIVE',
      pricing_plan: 'ON_DEMAND',
      concurrent_jobs: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}
