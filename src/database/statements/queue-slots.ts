/**
 * How many jobs a queue may run at a time, and whether it may start any: one rule for claims, lists and changes.
 * The fragments speak of a row called `queue`.
 */
import { type RawBuilder, sql } from 'kysely';

/** A worker not seen for so long has no slots to offer. */
const workerSilence = sql`interval '60 seconds'`;

/** Slots of all workers that are alive; 0 when there is none. */
export const fleetSlots = sql<number>`
  (SELECT coalesce(sum(slots), 0)::integer FROM worker WHERE seen_at > clock_timestamp() - ${workerSilence})`;

/** Slots of an on-demand queue as it is shown: its own number, or what the workers have. */
export const shownSlots = sql<number>`coalesce(queue.concurrent_jobs, greatest(1, ${fleetSlots}))`;

/** Slots that bound claims: reserved slots or the queue's own number; null: only the workers bound it. */
export const boundSlots = sql<number | null>`coalesce(queue.reserved_slots, queue.concurrent_jobs)`;

/** True: the queue may start jobs, as far as slots allow. A plan that has expired runs nothing. */
export function isOpen(nowMs: number): RawBuilder<boolean> {
  return sql<boolean>`
    (queue.status = 'ACTIVE' AND (queue.reserved_slots IS NULL OR queue.renewal_type = 'AUTO_RENEW'
      OR queue.expires_at_ms > ${nowMs}))`;
}
