/** Old jobs are forgotten with everything that belongs to them, on both databases. */
import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { completeAttempt } from '../../src/database/statements/finish-attempt.ts';
import { createRetention } from '../../src/queue/retention.ts';
import { describeOnBoth } from '../database/implementations.ts';
import { clear, completion, envelopeOf, reportingAt, startOfTimeMs, submission } from '../database/jobs.ts';
import { storeManyJobs } from '../database/many-jobs.ts';
import { createSignals } from './signals.ts';

const dayMs = 86_400_000;
/** Retention keeps jobs of the last 90 days before this. */
const nowMs = startOfTimeMs + 400 * dayMs;
const limitMs = nowMs - 90 * dayMs;
const tables = [
  'job',
  'job_document',
  'job_search',
  'task',
  'attempt',
  'output',
  'event',
  'idempotency',
] as const;

describeOnBoth('retention', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    await database.sql.deleteFrom('jobs_query').execute();
    jobs = createJobRepository(database, envelopeOf);
  });

  const submit = async (
    createdAtMs: number,
    changes: Partial<JobSubmission> = {},
    token: string | null = null,
  ) => {
    const job = submission({ createdAtMs, ...changes });
    await jobs.submitJob(job, token === null ? null : { token, windowMs: 1000 }, createdAtMs);
    return job.id;
  };
  const complete = async () => {
    const task = await claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf });
    if (task === null) throw new Error('nothing waits');
    const output = { groupIndex: 0, outputIndex: 0, durationMs: 1, video: null, details: {}, verdict: null };
    await completeAttempt(database.sql, task, { ...completion, outputs: [output] }, reportingAt(nowMs));
  };
  const count = async (table: (typeof tables)[number] | 'tag' | 'jobs_query') =>
    Number(
      (
        await database.sql
          .selectFrom(table)
          .select(({ fn }) => fn.countAll().as('rows'))
          .executeTakeFirst()
      )?.rows,
    );
  /** One round; the number of jobs it has forgotten. */
  const forget = async (changes: { stepSize?: number; retentionDays?: number } = {}) => {
    const rounds = createSignals<number>();
    const troubles: Error[] = [];
    const retention = createRetention({
      database,
      signal: new AbortController().signal,
      now: () => nowMs,
      onRound: rounds.emit,
      onTrouble: (error) => troubles.push(error),
      ...changes,
    });
    retention.start();
    const forgotten = await rounds.next();
    await retention.stop();
    expect(troubles).toEqual([]);
    return forgotten;
  };

  test('a job of 90 days ago vanishes with documents, outputs, events, tags and token', async () => {
    const old = await submit(limitMs - 1, { tags: { a: 'b' } }, 'old');
    await complete();
    for (const table of tables) expect(await count(table), table).toBeGreaterThan(0);
    expect(await count('tag')).toBe(1);
    expect(await forget()).toBe(1);
    expect(await jobs.findJob(old)).toBeNull();
    for (const table of [...tables, 'tag'] as const) expect(await count(table), table).toBe(0);
  });

  test('younger jobs and jobs that have not ended stay, whatever their age', async () => {
    await submit(limitMs);
    await complete();
    await submit(limitMs - 100 * dayMs);
    expect(await forget()).toBe(0);
    expect(await count('job')).toBe(2);
    await complete();
    expect(await forget()).toBe(1);
    expect(await forget({ retentionDays: 30 })).toBe(1);
  });

  test('a backlog goes in small steps, in one round', async () => {
    await storeManyJobs(database, {
      count: 130,
      firstMs: startOfTimeMs,
      fileInput: () => 's3://in/a.mp4',
      status: (number) => (number % 2 === 0 ? 'ERROR' : 'CANCELED'),
    });
    expect(await forget({ stepSize: 20 })).toBe(130);
    expect(await count('job_search')).toBe(0);
  });

  test('tokens and queries past their time go without their jobs', async () => {
    const id = await submit(nowMs - 1000, {}, 'past');
    await submit(nowMs - 999, {}, 'present');
    const query = { conditions: [], order: 'ASCENDING', after: null, limit: 1 } as const;
    await jobs.startJobsQuery({ id: 'past', query, createdAtMs: 1, expiresAtMs: nowMs }, null);
    await jobs.startJobsQuery({ id: 'present', query, createdAtMs: 1, expiresAtMs: nowMs + 1 }, null);
    expect(await forget()).toBe(0);
    expect(await jobs.findJob(id)).not.toBeNull();
    expect(await count('idempotency')).toBe(1);
    expect(await jobs.findJobByToken('present', nowMs)).not.toBeNull();
    expect(await count('jobs_query')).toBe(1);
  });

  test('tolerates being stopped before it started, and twice; its signal stops it', async () => {
    const stopping = new AbortController();
    const never = createRetention({ database, signal: stopping.signal });
    await never.stop();
    const rounds = createSignals<number>();
    const retention = createRetention({ database, signal: stopping.signal, onRound: rounds.emit });
    retention.start();
    await rounds.next();
    stopping.abort();
    await retention.stop();
    await retention.stop();
  });
});
