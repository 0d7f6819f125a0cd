/**
 * Retention: what is old enough is deleted in small transactions, so that nothing else waits long. Several processes
 * may do it at once; each takes rows that nobody else has.
 */
import { sql } from 'kysely';
import type { Database } from '../database.ts';

/** What one step deleted. */
export interface ForgottenRows {
  /** With their documents, tasks, attempts, outputs, events, tags and tokens. */
  readonly jobs: number;
  /** Submit tokens past their window. */
  readonly tokens: number;
  /** Expired asynchronous queries. */
  readonly queries: number;
}

/**
 * One step: up to `limit` jobs that have ended and were created before `createdBeforeMs`, oldest first; up to as
 * many tokens and queries that have expired by `nowMs`. Jobs that have not ended stay.
 */
export async function forgetOldRows(
  db: Database['sql'],
  { createdBeforeMs, nowMs, limit }: { createdBeforeMs: number; nowMs: number; limit: number },
): Promise<ForgottenRows> {
  const count = (rows: readonly unknown[]) => rows.length;
  const jobs = await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM job
      WHERE created_at_ms < ${createdBeforeMs} AND status IN ('COMPLETE', 'CANCELED', 'ERROR')
      ORDER BY created_at_ms, id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    `.execute(transaction);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return ids;
    await sql`DELETE FROM tag WHERE resource_type = 'job' AND resource_id = ANY(${ids})`.execute(transaction);
    // Everything else refers to the job and goes with it.
    await sql`DELETE FROM job WHERE id = ANY(${ids})`.execute(transaction);
    return ids;
  });
  const { rows: tokens } = await sql`
    DELETE FROM idempotency WHERE token IN (
      SELECT token FROM idempotency WHERE expires_at_ms <= ${nowMs}
      ORDER BY expires_at_ms LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING 1
  `.execute(db);
  const { rows: queries } = await sql`
    DELETE FROM jobs_query WHERE id IN (
      SELECT id FROM jobs_query WHERE expires_at_ms <= ${nowMs}
      ORDER BY expires_at_ms LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING 1
  `.execute(db);
  return { jobs: count(jobs), tokens: count(tokens), queries: count(queries) };
}
