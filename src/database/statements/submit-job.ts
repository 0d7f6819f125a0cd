/**
 * Submit: token, job, document, first task, tags and the wake-up, in one transaction. The token comes first:
 * its primary key makes concurrent submits with one token queue up behind the first, and whoever comes second
 * finds the winner's row committed, or a free token after a failed submit.
 */
import { sql } from 'kysely';
import { channels } from '../channels.ts';
import type { Database, Statements } from '../database.ts';
import { readJobRecord, submittedJobRecord } from '../job-record.ts';
import type { JobRecord, JobSubmission, SubmitOutcome, SubmitToken } from '../job-repository.ts';
import type { StoredSubmission } from '../schema.ts';
import { searchKeysOf } from '../search-keys.ts';
import { isStorable } from '../storable-text.ts';
import { defaultQueueName } from './create-default-queue.ts';

/** Expired tokens removed by each submit that brings one: more than it adds, so the table stays small by itself. */
const expiredTokensPerSubmit = 2;

/** Stores a job, or returns the one the token stands for. */
export async function submitJob(
  db: Database['sql'],
  submission: JobSubmission,
  token: SubmitToken | null,
  nowMs: number,
): Promise<SubmitOutcome> {
  return await db.transaction().execute(async (transaction): Promise<SubmitOutcome> => {
    if (token !== null) {
      const earlier = await takeToken(transaction, submission.id, token, nowMs);
      if (earlier !== null) return { outcome: 'repeated', job: earlier };
    }
    const job = submittedJobRecord(submission);
    const missing = await insertJob(transaction, job);
    if (missing === null) return { outcome: 'created', job };
    if (token !== null) await freeToken(transaction, token.token);
    return { outcome: 'queue-not-found', queueName: missing };
  });
}

/** The job the token stands for; null when the token is now this submission's. */
async function takeToken(
  db: Statements,
  jobId: string,
  { token, windowMs }: SubmitToken,
  nowMs: number,
): Promise<JobRecord | null> {
  const { rows } = await sql`
    WITH expired AS (
      DELETE FROM idempotency WHERE token IN (
        SELECT token FROM idempotency WHERE expires_at_ms <= ${nowMs} AND token <> ${token}
        ORDER BY expires_at_ms LIMIT ${expiredTokensPerSubmit} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO idempotency AS held (token, job_id, expires_at_ms) VALUES (${token}, ${jobId}, ${nowMs + windowMs})
    ON CONFLICT (token) DO UPDATE SET job_id = excluded.job_id, expires_at_ms = excluded.expires_at_ms
      WHERE held.expires_at_ms <= ${nowMs}
    RETURNING job_id
  `.execute(db);
  return rows.length === 0 ? await findJobByToken(db, token, nowMs) : null;
}

/** The job a token stands for at `nowMs`, or null. */
export async function findJobByToken(
  db: Statements,
  token: string,
  nowMs: number,
): Promise<JobRecord | null> {
  const held = await db
    .selectFrom('idempotency')
    .select('job_id')
    .where('token', '=', token)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return held === undefined ? null : await readJobRecord(db, held.job_id);
}

async function freeToken(db: Statements, token: string): Promise<void> {
  await db.deleteFrom('idempotency').where('token', '=', token).execute();
}

/**
 * One round trip for all rows of a job. Its queues are locked against deletion until they are stored; when one does not
 * exist, nothing is stored and the first such name is returned.
 */
async function insertJob(db: Statements, job: JobRecord): Promise<string | null> {
  const stored: StoredSubmission = {
    role: job.role,
    accelerationMode: job.accelerationMode,
    billingTagsSource: job.billingTagsSource,
    simulateReservedQueue: job.simulateReservedQueue,
    statusUpdateIntervalSeconds: job.statusUpdateIntervalSeconds,
    hopDestinations: job.hopDestinations,
    jobTemplate: job.jobTemplate,
    jobEngineVersionRequested: job.jobEngineVersionRequested,
    jobEngineVersionToUse: job.jobEngineVersionToUse,
    clientRequestToken: job.clientRequestToken,
  };
  const search = searchKeysOf(job);
  // The service knows one destination; a request with more is refused.
  const [hop] = job.hopDestinations;
  const queueNames = [
    job.queueName,
    ...job.hopDestinations.map((each) => each.queueName ?? defaultQueueName),
  ];
  const { rows } = await sql<{ name: string }>`
    WITH found AS MATERIALIZED (
      SELECT name FROM queue WHERE name = ANY(${queueNames.filter(isStorable)}) ORDER BY name FOR KEY SHARE
    ), accepted AS MATERIALIZED (
      SELECT 1 WHERE (SELECT count(*) FROM found) = ${new Set(queueNames).size}
    ), new_job AS (
      INSERT INTO job (id, created_at_ms, queue_name, priority, status, acceleration_status, user_metadata,
        info_messages, warning_messages)
      SELECT ${job.id}, ${job.createdAtMs}, ${job.queueName}, ${job.priority}, ${job.status},
        ${job.accelerationStatus}, ${job.userMetadata === null ? null : JSON.stringify(job.userMetadata)},
        ${JSON.stringify(job.infoMessages)}, ${JSON.stringify(job.warningMessages)} FROM accepted
    ), new_document AS (
      INSERT INTO job_document (job_id, submission, settings)
      SELECT ${job.id}, ${JSON.stringify(stored)}, ${JSON.stringify(job.settings)} FROM accepted
    ), new_search AS (
      INSERT INTO job_search (job_id, input_urls, input_names, keys)
      SELECT ${job.id}, ${search.inputUrls}, ${search.inputNames}, ${search.keys} FROM accepted
    ), new_task AS (
      INSERT INTO task (job_id, kind, queue_name, priority, submitted_at_ms, hop_at_ms, hop_queue_name, hop_priority)
      SELECT ${job.id}, 'job', ${job.queueName}, ${job.priority}, ${job.createdAtMs},
        ${hop === undefined ? null : job.createdAtMs + hop.waitMinutes * 60_000},
        ${hop === undefined ? null : (hop.queueName ?? defaultQueueName)}, ${hop?.priority ?? null} FROM accepted
    ), new_tags AS (
      INSERT INTO tag (resource_type, resource_id, key, value)
      SELECT 'job', ${job.id}, key, value FROM json_each_text(${JSON.stringify(job.tags)}::json), accepted
    )
    SELECT name, (SELECT pg_notify(${channels.taskReady}, ${job.queueName}) FROM accepted) FROM found
  `.execute(db);
  const existing = new Set(rows.map(({ name }) => name));
  return queueNames.find((name) => !existing.has(name)) ?? null;
}
