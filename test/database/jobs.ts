/** Jobs and envelopes for database tests. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/database/database.ts';
import type { JobSubmission } from '../../src/database/job-repository.ts';
import type { Completion } from '../../src/database/statements/finish-attempt.ts';
import type { EnvelopeOf } from '../../src/database/statements/store-event.ts';
import { jobEnvelopeOf } from '../../src/operations/job-envelope.ts';

/** 2026-01-01T00:00:00Z. */
export const startOfTimeMs = 1_767_225_600_000;

let submissions = 0;

/** A small valid submission; each is a millisecond younger than the one before. */
export function submission(changes: Partial<JobSubmission> = {}): JobSubmission {
  submissions += 1;
  const createdAtMs = changes.createdAtMs ?? startOfTimeMs + submissions;
  return {
    id: `${createdAtMs}-${randomBytes(3).toString('hex')}`,
    createdAtMs,
    queueName: 'Default',
    priority: 0,
    role: 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role',
    settings: { inputs: [{ fileInput: 's3://in/clip.mp4' }], outputGroups: [] },
    accelerationMode: 'DISABLED',
    billingTagsSource: 'JOB',
    simulateReservedQueue: 'DISABLED',
    statusUpdateIntervalSeconds: 60,
    hopDestinations: [],
    jobTemplate: null,
    jobEngineVersionRequested: null,
    jobEngineVersionToUse: null,
    clientRequestToken: null,
    userMetadata: null,
    tags: {},
    infoMessages: [],
    warningMessages: [],
    ...changes,
  };
}

/** Envelopes of an account 000000000000 in us-east-1. */
export const envelopeOf: EnvelopeOf = jobEnvelopeOf({ accountId: '000000000000', region: 'us-east-1' });

/** A clock that stands still unless told. */
export const reportingAt = (nowMs: number) => ({ nowMs, envelopeOf });

/** A completion without outputs. */
export const completion: Completion = {
  outputs: [],
  infoMessages: [],
  accelerationStatus: 'NOT_APPLICABLE',
  body: () => ({ status: 'COMPLETE', outputGroupDetails: [], paddingInserted: 0, blackVideoDetected: 0 }),
};

/** Adds a queue as it is, without the rules of its operation. */
export async function createQueue(
  { sql }: Database,
  name: string,
  changes: { concurrentJobs?: number | null; status?: 'ACTIVE' | 'PAUSED'; createdAtMs?: number } = {},
): Promise<void> {
  const createdAtMs = changes.createdAtMs ?? startOfTimeMs;
  await sql
    .insertInto('queue')
    .values({
      name,
      description: null,
      type: 'CUSTOM',
      status: changes.status ?? 'ACTIVE',
      pricing_plan: 'ON_DEMAND',
      concurrent_jobs: changes.concurrentJobs ?? null,
      created_at_ms: createdAtMs,
      updated_at_ms: createdAtMs,
    })
    .execute();
}

/** Statuses of a job's events in the order they were stored. */
export async function eventStatuses({ sql }: Database, jobId: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('event')
    .select('status')
    .where('job_id', '=', jobId)
    .orderBy('id')
    .execute();
  return rows.map(({ status }) => status);
}

/** Removes all jobs and custom queues between tests. */
export async function clear({ sql }: Database): Promise<void> {
  await sql.deleteFrom('job').execute();
  await sql.deleteFrom('tag').execute();
  await sql.deleteFrom('queue').where('name', '<>', 'Default').execute();
  await sql.updateTable('queue').set({ status: 'ACTIVE', concurrent_jobs: null }).execute();
  await sql.deleteFrom('worker').execute();
}
