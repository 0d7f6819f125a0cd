/**
 * Schema 2: plans of reserved queues, hops of waiting tasks, search over jobs, asynchronous job queries.
 *
 * Search without an extension, because a server may not have any: a job's search keys are an array with a GIN index,
 * which every PostgreSQL has (`search-keys.ts` says what the keys are). They are beside the job and not in it, so that
 * an update of a job's progress does not copy them.
 */
import { type Kysely, type Migration, sql } from 'kysely';
import { searchKeysOf } from '../search-keys.ts';

/** Makes the tables and columns of schema 2, and fills them for jobs that are there. */
export const queuePlansHopsSearch: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
    await fillHops(db);
    await fillSearch(db);
  },
};

const statements = [
  // Null on on-demand queues. expires_at_ms is the end of the term that was bought: with AUTO_RENEW the plan goes on.
  `ALTER TABLE queue
    ADD COLUMN maximum_concurrent_feeds integer CHECK (maximum_concurrent_feeds >= 0),
    ADD COLUMN reserved_slots integer CHECK (reserved_slots >= 1),
    ADD COLUMN commitment text,
    ADD COLUMN renewal_type text CHECK (renewal_type IN ('AUTO_RENEW', 'EXPIRE')),
    ADD COLUMN purchased_at_ms bigint,
    ADD COLUMN expires_at_ms bigint,
    ADD CHECK ((pricing_plan = 'RESERVED') = (reserved_slots IS NOT NULL)),
    ADD CHECK ((reserved_slots IS NULL) = (expires_at_ms IS NULL))`,

  // A hop that is still to come; null: none, it has happened, or it was decided that the job stays.
  `ALTER TABLE task
    ADD COLUMN hop_at_ms bigint,
    ADD COLUMN hop_queue_name text COLLATE "C",
    ADD COLUMN hop_priority integer,
    ADD CHECK ((hop_at_ms IS NULL) = (hop_queue_name IS NULL))`,
  `CREATE INDEX task_hop ON task (queue_name, hop_at_ms) WHERE state = 'READY' AND hop_at_ms IS NOT NULL`,

  // A short pending list: a search reads all of it, and the engine without background processes never empties it.
  `CREATE TABLE job_search (
    job_id text COLLATE "C" PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    input_urls text NOT NULL,
    input_names text NOT NULL,
    keys text[] NOT NULL
  )`,
  'CREATE INDEX job_search_by_key ON job_search USING gin (keys) WITH (gin_pending_list_limit = 128)',
  'CREATE INDEX job_by_error_code ON job (error_code, created_at_ms, id) WHERE error_code IS NOT NULL',

  `CREATE TABLE jobs_query (
    id text COLLATE "C" PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('SUBMITTED', 'PROGRESSING', 'COMPLETE', 'ERROR')),
    query json NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    lease_expires_at timestamptz,
    job_ids text[] NOT NULL DEFAULT '{}',
    next_place json
  )`,
  `CREATE INDEX jobs_query_open ON jobs_query (created_at_ms) WHERE status IN ('SUBMITTED', 'PROGRESSING')`,
  'CREATE INDEX jobs_query_by_expiry ON jobs_query (expires_at_ms)',
];

async function fillHops(db: Kysely<unknown>): Promise<void> {
  await sql`
    UPDATE task SET hop_at_ms = task.submitted_at_ms + (hop ->> 'waitMinutes')::bigint * 60000,
      hop_queue_name = coalesce(hop ->> 'queueName', 'Default'), hop_priority = (hop ->> 'priority')::integer
    FROM job_document AS document
    CROSS JOIN LATERAL (SELECT document.submission -> 'hopDestinations' -> 0 AS hop) AS first
    WHERE document.job_id = task.job_id AND task.state = 'READY' AND task.attempt_number = 0 AND hop IS NOT NULL
  `.execute(db);
}

/** Documents are read in pages: a database may hold a hundred thousand of them. */
const filledAtOnce = 500;

async function fillSearch(db: Kysely<unknown>): Promise<void> {
  for (let after = ''; ; ) {
    const { rows } = await sql<StoredDocument>`
      SELECT job_id AS id, settings, submission ->> 'jobEngineVersionRequested' AS "jobEngineVersionRequested"
      FROM job_document WHERE job_id > ${after} ORDER BY job_id LIMIT ${filledAtOnce}
    `.execute(db);
    for (const row of rows) {
      const { inputUrls, inputNames, keys } = searchKeysOf(row);
      await sql`
        INSERT INTO job_search (job_id, input_urls, input_names, keys)
        VALUES (${row.id}, ${inputUrls}, ${inputNames}, ${keys})
      `.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

interface StoredDocument {
  readonly id: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly jobEngineVersionRequested: string | null;
}
