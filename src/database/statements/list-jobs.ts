import { type RawBuilder, sql } from 'kysely';
import type { Statements } from '../database.ts';
import { readJobRecords } from '../job-record.ts';
import type { JobListQuery, JobRecord } from '../job-repository.ts';

/**
 * One page of jobs by (creation, id). The page starts behind a place, not after a count, so jobs that arrive or
 * vanish between two pages neither repeat nor hide others. Walks one of the indexes on (…, created_at_ms, id).
 */
export async function listJobs(db: Statements, query: JobListQuery): Promise<readonly JobRecord[]> {
  const direction = query.order === 'ASCENDING' ? sql`ASC` : sql`DESC`;
  const order = sql`created_at_ms ${direction}, id ${direction}`;
  const chosen = sql`SELECT * FROM job WHERE ${conditions(query)} ORDER BY ${order} LIMIT ${query.limit}`;
  return await readJobRecords(db, chosen, order);
}

function conditions({ queueName, status, order, after }: JobListQuery): RawBuilder<unknown> {
  const all = [sql`true`];
  if (queueName !== null) all.push(sql`queue_name = ${queueName}`);
  if (status !== null) all.push(sql`status = ${status}`);
  if (after !== null) {
    const behind = order === 'ASCENDING' ? sql`>` : sql`<`;
    all.push(sql`(created_at_ms, id) ${behind} (${after.createdAtMs}, ${after.id})`);
  }
  return sql.join(all, sql` AND `);
}
