/**
 * Schema 1: queues, jobs, what workers claim, results, the outbox.
 *
 * Choices that hold for all tables:
 * - instants are `bigint` milliseconds since the Unix epoch, given by the caller; only leases use the server's
 *   clock (`timestamptz`);
 * - names and ids compare by code point (`COLLATE "C"`), whatever the server's locale: pages are stable and equal
 *   on both implementations;
 * - queues are referred to by name without a foreign key: jobs outlive their queue (spec queues-and-lifecycle.md 4.2);
 * - rows that change often are narrow and leave room on their page (`fillfactor`), so that an update of a column
 *   without index stays on the page.
 */
import { type Kysely, type Migration, sql } from 'kysely';

/** Makes all tables of schema 1. */
export const jobsAndQueues: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  // concurrent_jobs null: as many as the workers have slots.
  `CREATE TABLE queue (
    name text COLLATE "C" PRIMARY KEY,
    description text,
    type text NOT NULL CHECK (type IN ('SYSTEM', 'CUSTOM')),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'PAUSED')),
    pricing_plan text NOT NULL DEFAULT 'ON_DEMAND' CHECK (pricing_plan IN ('ON_DEMAND', 'RESERVED')),
    concurrent_jobs integer CHECK (concurrent_jobs >= 1),
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL
  )`,

  `CREATE TABLE job (
    id text COLLATE "C" PRIMARY KEY,
    created_at_ms bigint NOT NULL,
    queue_name text COLLATE "C" NOT NULL,
    priority integer NOT NULL CHECK (priority BETWEEN -50 AND 50),
    status text NOT NULL CHECK (status IN ('SUBMITTED', 'PROGRESSING', 'COMPLETE', 'CANCELED', 'ERROR')),
    phase text CHECK (phase IN ('PROBING', 'TRANSCODING', 'UPLOADING')),
    percent integer CHECK (percent BETWEEN 0 AND 100),
    retry_count integer NOT NULL DEFAULT 0,
    started_at_ms bigint,
    finished_at_ms bigint,
    error_code integer,
    error_message text,
    acceleration_status text NOT NULL,
    engine_version_used text,
    user_metadata json,
    warnings jsonb NOT NULL DEFAULT '[]',
    info_messages jsonb NOT NULL DEFAULT '[]',
    warning_messages jsonb NOT NULL DEFAULT '[]',
    queue_transitions jsonb NOT NULL DEFAULT '[]'
  ) WITH (fillfactor = 80)`,
  'CREATE INDEX job_by_creation ON job (created_at_ms, id)',
  'CREATE INDEX job_by_queue ON job (queue_name, created_at_ms, id)',
  'CREATE INDEX job_by_status ON job (status, created_at_ms, id)',
  // Counts of unfinished jobs per queue never walk the history.
  `CREATE INDEX job_unfinished ON job (queue_name, status) WHERE status IN ('SUBMITTED', 'PROGRESSING')`,

  // json, not jsonb: written once and echoed as sent; checked as JSON, not taken apart.
  `CREATE TABLE job_document (
    job_id text COLLATE "C" PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    submission json NOT NULL,
    settings json NOT NULL
  )`,

  `CREATE TABLE task (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE,
    kind text NOT NULL,
    queue_name text COLLATE "C" NOT NULL,
    priority integer NOT NULL,
    submitted_at_ms bigint NOT NULL,
    state text NOT NULL DEFAULT 'READY' CHECK (state IN ('READY', 'RUNNING', 'DONE')),
    attempt_number integer NOT NULL DEFAULT 0,
    spent_attempts integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    lease_worker text,
    lease_expires_at timestamptz,
    CHECK ((state = 'RUNNING') = (lease_worker IS NOT NULL AND lease_expires_at IS NOT NULL))
  ) WITH (fillfactor = 80)`,
  'CREATE INDEX task_of_job ON task (job_id)',
  // The order of claims inside a queue; holds waiting tasks only, so its head is the next task.
  `CREATE INDEX task_ready ON task (queue_name, priority DESC, submitted_at_ms, job_id, id) WHERE state = 'READY'`,
  `CREATE INDEX task_running ON task (queue_name) WHERE state = 'RUNNING'`,

  `CREATE TABLE attempt (
    task_id bigint NOT NULL REFERENCES task ON DELETE CASCADE,
    number integer NOT NULL,
    worker_id text NOT NULL,
    started_at_ms bigint NOT NULL,
    ended_at_ms bigint,
    outcome text CHECK (outcome IN ('COMPLETE', 'ERROR', 'CANCELED', 'RELEASED', 'LOST')),
    error_code integer,
    error_message text,
    fault json,
    PRIMARY KEY (task_id, number)
  )`,

  `CREATE TABLE output (
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE,
    group_index integer NOT NULL,
    output_index integer NOT NULL,
    duration_ms bigint NOT NULL,
    width_px integer,
    height_px integer,
    details json NOT NULL,
    verdict json,
    PRIMARY KEY (job_id, group_index, output_index)
  )`,

  // Events of one job get their ids under the lock of its task, so ids are the order of events within a job.
  `CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE,
    status text NOT NULL,
    at_ms bigint NOT NULL,
    body json NOT NULL,
    delivered_to text[] NOT NULL DEFAULT '{}',
    done boolean NOT NULL DEFAULT false
  ) WITH (fillfactor = 80)`,
  'CREATE INDEX event_of_job ON event (job_id, id)',
  'CREATE INDEX event_waiting ON event (id) WHERE NOT done',

  `CREATE TABLE target_lease (
    target_name text PRIMARY KEY,
    owner text NOT NULL,
    expires_at timestamptz NOT NULL
  )`,

  `CREATE TABLE idempotency (
    token text PRIMARY KEY,
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    expires_at_ms bigint NOT NULL
  )`,
  'CREATE INDEX idempotency_by_expiry ON idempotency (expires_at_ms)',
  'CREATE INDEX idempotency_of_job ON idempotency (job_id)',

  `CREATE TABLE tag (
    resource_type text NOT NULL CHECK (resource_type IN ('job', 'queue', 'job-template', 'preset')),
    resource_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (resource_type, resource_id, key)
  )`,

  `CREATE TABLE worker (
    id text PRIMARY KEY,
    host text NOT NULL,
    slots integer NOT NULL CHECK (slots >= 0),
    seen_at timestamptz NOT NULL
  )`,
];
