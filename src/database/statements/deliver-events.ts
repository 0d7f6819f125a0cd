/**
 * The outbox as deliverers see it. An event is done when every configured target has it. A target gets the events
 * of one job in the order of their ids; a job whose event could not be delivered is left out until its turn comes
 * again, so that one bad event does not hold up other jobs.
 */
import { sql } from 'kysely';
import type { EventEnvelope } from '../../events/envelope.ts';
import type { Statements } from '../database.ts';

/** An event to deliver. */
export interface StoredEvent {
  /** Grows with time within a job. */
  readonly id: number;
  readonly jobId: string;
  readonly envelope: EventEnvelope;
}

/** Which events a target wants. */
export interface EventQuery {
  readonly target: string;
  /** Jobs to leave out for now. */
  readonly postponedJobIds: readonly string[];
  readonly limit: number;
}

/** The oldest events the target does not have, by id. Reads the partial index of undone events. */
export async function readWaitingEvents(db: Statements, query: EventQuery): Promise<readonly StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    SELECT id, job_id AS "jobId", body AS envelope FROM event
    WHERE NOT done AND NOT (${query.target} = ANY(delivered_to)) AND job_id <> ALL(${query.postponedJobIds})
    ORDER BY id LIMIT ${query.limit}
  `.execute(db);
  return rows;
}

/** Notes that a target has an event; done when all targets have it. */
export async function markDelivered(
  db: Statements,
  eventId: number,
  target: string,
  allTargets: readonly string[],
): Promise<void> {
  await sql`
    UPDATE event SET delivered_to = array_append(array_remove(delivered_to, ${target}), ${target}),
      done = array_append(delivered_to, ${target}) @> ${allTargets}::text[]
    WHERE id = ${eventId}
  `.execute(db);
}

/**
 * Takes or keeps the right to deliver to a target for `leaseMs`. False: another process has it. Crashed owners lose
 * it when it runs out.
 */
export async function leaseTarget(
  db: Statements,
  target: string,
  owner: string,
  leaseMs: number,
): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO target_lease AS held (target_name, owner, expires_at)
    VALUES (${target}, ${owner}, clock_timestamp() + ${leaseMs} * interval '1 millisecond')
    ON CONFLICT (target_name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
      WHERE held.owner = excluded.owner OR held.expires_at < clock_timestamp()
    RETURNING target_name
  `.execute(db);
  return rows.length > 0;
}

/** Gives the targets of an owner free for others. */
export async function releaseTargets(db: Statements, owner: string): Promise<void> {
  await db.deleteFrom('target_lease').where('owner', '=', owner).execute();
}

/** Closes events that every one of `targets` has; with no targets, all. */
export async function closeDelivered(db: Statements, targets: readonly string[]): Promise<void> {
  await sql`UPDATE event SET done = true WHERE NOT done AND delivered_to @> ${targets}::text[]`.execute(db);
}
