/**
 * Jobs by conditions, in the order of their creation. Two ways, the second only when the first did not do:
 *
 * 1. Walk the newest jobs (or the oldest, as asked) and look at each. What many jobs have is found at once.
 * 2. What is so rare that a thousand jobs did not fill the page is looked up by its keys, of which there are few.
 *
 * Left to the planner, a frequent name is collected a hundred thousand times and sorted, or a rare one is sought by
 * walking over all jobs: it cannot know how frequent a part of a name is.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Statements } from '../database.ts';
import { readJobRecords } from '../job-record.ts';
import type { JobRecord } from '../job-repository.ts';
import { audioCodecKey, engineVersionKey, partKeys, urlKey, videoCodecKey } from '../search-keys.ts';
import type { JobCondition, JobSearchQuery } from '../search-repository.ts';

/** Jobs walked before keys are used: some milliseconds on either database. */
const walkedJobs = 1000;

/** One page of jobs that meet all conditions. */
export async function searchJobs(db: Statements, query: JobSearchQuery): Promise<readonly JobRecord[]> {
  const direction = query.order === 'ASCENDING' ? sql`ASC` : sql`DESC`;
  const order = sql`created_at_ms ${direction}, id ${direction}`;
  const ids = await findIds(db, query, order);
  return ids.length === 0
    ? []
    : await readJobRecords(db, sql`SELECT * FROM job WHERE id = ANY(${ids})`, order);
}

async function findIds(
  db: Statements,
  query: JobSearchQuery,
  order: RawBuilder<unknown>,
): Promise<readonly string[]> {
  const plain = sql.join([afterPlace(query), ...query.conditions.flatMap(plainCondition)], sql` AND `);
  const keyed = query.conditions.flatMap(keyedCondition);
  if (keyed.length === 0) {
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM job WHERE ${plain} ORDER BY ${order} LIMIT ${query.limit}
    `.execute(db);
    return rows.map(({ id }) => id);
  }
  const matches = sql.join(keyed, sql` AND `);
  const { rows: walks } = await sql<{ walked: number; ids: string[] }>`
    WITH walked AS MATERIALIZED (
      SELECT id, created_at_ms FROM job WHERE ${plain} ORDER BY ${order} LIMIT ${walkedJobs}
    ), found AS (
      SELECT id, created_at_ms FROM walked JOIN job_search AS search ON search.job_id = walked.id
      WHERE ${matches} ORDER BY ${order} LIMIT ${query.limit}
    )
    SELECT (SELECT count(*)::integer FROM walked) AS walked, (SELECT coalesce(array_agg(id), '{}') FROM found) AS ids
  `.execute(db);
  const [walk] = walks;
  if (walk === undefined || walk.walked < walkedJobs || walk.ids.length >= query.limit)
    return walk?.ids ?? [];
  const { rows } = await sql<{ id: string }>`
    WITH candidate AS MATERIALIZED (SELECT job_id FROM job_search AS search WHERE ${matches})
    SELECT id FROM candidate JOIN job ON job.id = candidate.job_id
    WHERE ${plain} ORDER BY ${order} LIMIT ${query.limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

function afterPlace({ after, order }: JobSearchQuery): RawBuilder<unknown> {
  if (after === null) return sql`true`;
  const behind = order === 'ASCENDING' ? sql`>` : sql`<`;
  return sql`(created_at_ms, id) ${behind} (${after.createdAtMs}, ${after.id})`;
}

/** Conditions on the job's own row. */
function plainCondition({ key, values }: JobCondition): readonly RawBuilder<unknown>[] {
  switch (key) {
    case 'queue':
      return [isOneOf(sql`queue_name`, values)];
    case 'status':
      return [isOneOf(sql`status`, values)];
    case 'jobEngineVersionUsed':
      return [isOneOf(sql`engine_version_used`, values)];
    case 'errorCode':
      return [sql`error_code = ANY(${values.map(Number)}::integer[])`];
    case 'fileInput':
    case 'jobEngineVersionRequested':
    case 'audioCodec':
    case 'videoCodec':
      return [];
  }
}

/** One value as an equality, so that an index on (value, creation) can be walked in order. */
function isOneOf(column: RawBuilder<unknown>, values: readonly string[]): RawBuilder<unknown> {
  return values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} = ANY(${values})`;
}

/** Conditions on the job's search row, named `search`. */
function keyedCondition({ key, values }: JobCondition): readonly RawBuilder<unknown>[] {
  switch (key) {
    case 'fileInput':
      return [sql`(${sql.join(values.map(inputCondition), sql` OR `)})`];
    case 'jobEngineVersionRequested':
      return [sql`search.keys && ${values.map(engineVersionKey)}`];
    case 'audioCodec':
      return [sql`search.keys && ${values.map(audioCodecKey)}`];
    case 'videoCodec':
      return [sql`search.keys && ${values.map(videoCodecKey)}`];
    case 'queue':
    case 'status':
    case 'jobEngineVersionUsed':
    case 'errorCode':
      return [];
  }
}

function inputCondition(value: string): RawBuilder<unknown> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return sql`search.keys @> ${[urlKey(value)]}`;
  if (value.includes('/')) return sql`strpos(search.input_urls, ${value}) > 0`;
  const contains = sql`strpos(search.input_names, ${value.toLowerCase()}) > 0`;
  const keys = partKeys(value);
  return keys.length === 0 ? contains : sql`(search.keys @> ${keys} AND ${contains})`;
}
