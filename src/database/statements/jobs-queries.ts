/**
 * Asynchronous queries: stored by the API, run by whoever hears of them, fetched until they expire. A process that
 * dies while it runs one loses its lease, and another runs it again.
 */
import { type RawBuilder, sql } from 'kysely';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import { readJobRecords } from '../job-record.ts';
import type { JobCursor, JobRecord } from '../job-repository.ts';
import type { JobSearchQuery, JobsQueryRecord, NewJobsQuery } from '../search-repository.ts';

/** Key of the advisory lock under which open queries are counted. Any number of our own. */
const openQueriesLock = 7_031_773;
/** How long one run may take before another process tries, in milliseconds. */
const runLeaseMs = 60_000;

/** Stores a query and rings for its run; false when as many are open as may be. */
export async function startJobsQuery(
  db: Database['sql'],
  { id, query, createdAtMs, expiresAtMs }: NewJobsQuery,
  openLimit: number | null,
): Promise<boolean> {
  return await db.transaction().execute(async (transaction) => {
    if (openLimit !== null && (await countOpen(transaction)) >= openLimit) return false;
    await sql`
      WITH stored AS (
        INSERT INTO jobs_query (id, status, query, created_at_ms, expires_at_ms)
        VALUES (${id}, 'SUBMITTED', ${JSON.stringify(query)}, ${createdAtMs}, ${expiresAtMs})
      )
      SELECT pg_notify(${channels.jobsQueryStored}, '')
    `.execute(transaction);
    return true;
  });
}

async function countOpen(db: Statements): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(${openQueriesLock})`.execute(db);
  const { rows } = await sql<{ open: number }>`
    SELECT count(*)::integer AS open FROM jobs_query WHERE status IN ('SUBMITTED', 'PROGRESSING')
  `.execute(db);
  return rows[0]?.open ?? 0;
}

/** A query and what is known of its answer; null when there is none, or it has expired. */
export async function findJobsQuery(
  db: Statements,
  id: string,
  nowMs: number,
): Promise<JobsQueryRecord | null> {
  const row = await db
    .selectFrom('jobs_query')
    .selectAll()
    .where('id', '=', id)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { status, query, job_ids: ids, next_place: nextPlace } = row;
  const jobs = ids.length === 0 ? [] : await readJobRecords(db, chosenJobs(ids), inOrderOf(query));
  return { status, query, jobs, nextPlace };
}

const chosenJobs = (ids: readonly string[]) => sql`SELECT * FROM job WHERE id = ANY(${ids})`;

function inOrderOf({ order }: JobSearchQuery): RawBuilder<unknown> {
  return order === 'ASCENDING' ? sql`created_at_ms, id` : sql`created_at_ms DESC, id DESC`;
}

/** A query to run now. */
export interface ClaimedJobsQuery {
  readonly id: string;
  readonly query: JobSearchQuery;
}

/** Takes the oldest query that nobody runs. */
export async function claimJobsQuery(db: Statements): Promise<ClaimedJobsQuery | null> {
  const { rows } = await sql<ClaimedJobsQuery>`
    UPDATE jobs_query SET status = 'PROGRESSING',
      lease_expires_at = clock_timestamp() + ${runLeaseMs} * interval '1 millisecond'
    WHERE id = (
      SELECT id FROM jobs_query
      WHERE status = 'SUBMITTED' OR (status = 'PROGRESSING' AND lease_expires_at < clock_timestamp())
      ORDER BY created_at_ms, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, query
  `.execute(db);
  return rows[0] ?? null;
}

/** Stores the page of a query: COMPLETE. */
export async function completeJobsQuery(
  db: Statements,
  id: string,
  jobs: readonly JobRecord[],
  nextPlace: JobCursor | null,
): Promise<void> {
  await sql`
    UPDATE jobs_query SET status = 'COMPLETE', lease_expires_at = NULL, job_ids = ${jobs.map((job) => job.id)},
      next_place = ${nextPlace === null ? null : JSON.stringify(nextPlace)}
    WHERE id = ${id} AND status = 'PROGRESSING'
  `.execute(db);
}

/** A query that cannot be run: ERROR. */
export async function failJobsQuery(db: Statements, id: string): Promise<void> {
  await sql`
    UPDATE jobs_query SET status = 'ERROR', lease_expires_at = NULL WHERE id = ${id} AND status = 'PROGRESSING'
  `.execute(db);
}
