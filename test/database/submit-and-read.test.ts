import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import type { Statements } from '../../src/database/database.ts';
import type {
  JobListQuery,
  JobRecord,
  JobRepository,
  JobSubmission,
} from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { listJobs } from '../../src/database/statements/list-jobs.ts';
import { describeOnBoth } from './implementations.ts';
import { clear, createQueue, envelopeOf, startOfTimeMs, submission } from './jobs.ts';

describeOnBoth('submitted jobs', (under) => {
  let jobs: JobRepository;
  beforeEach(async () => {
    await clear(under.database);
    jobs = createJobRepository(under.database, envelopeOf);
  });

  test('a job is read back exactly as it was submitted, with awkward text and numbers', async () => {
    const given = submission({
      priority: -50,
      settings: { 'ключ "q"': [1e21, 0.1, -0, null, true, '\u0000 \ud83d\ude00 \\u0000'], nested: { a: {} } },
      accelerationMode: 'PREFERRED',
      hopDestinations: [{ queueName: null, waitMinutes: 1, priority: 5 }],
      jobTemplate: "it's",
      userMetadata: { 'a b': 'ü', empty: '' },
      tags: { team: 'x', 'aws like': 'y' },
      infoMessages: ['info'],
      warningMessages: ['queue paused'],
      clientRequestToken: 'token',
    });
    const outcome = await jobs.submitJob(given, null, given.createdAtMs);
    const expected: JobRecord = {
      ...given,
      status: 'SUBMITTED',
      submitTimeMs: given.createdAtMs,
      startTimeMs: null,
      finishTimeMs: null,
      currentPhase: null,
      percentComplete: null,
      retryCount: 0,
      accelerationStatus: 'IN_PROGRESS',
      errorCode: null,
      errorMessage: null,
      warnings: [],
      outputGroupDetails: null,
      queueTransitions: [],
      jobEngineVersionUsed: null,
      share: null,
    };
    expect(outcome).toEqual({ outcome: 'created', job: expected });
    const read = await jobs.findJob(given.id);
    expect(read).toEqual({ ...expected, settings: JSON.parse(JSON.stringify(given.settings)) });
    expect(await jobs.findJob('1700000000000-zzzzzz')).toBeNull();
    expect(await jobs.findJob('\u0000')).toBeNull();
  });

  test('absent and empty user metadata stay different', async () => {
    const [without, empty] = [submission(), submission({ userMetadata: {} })];
    for (const job of [without, empty]) await jobs.submitJob(job, null, job.createdAtMs);
    expect((await jobs.findJob(without.id))?.userMetadata).toBeNull();
    expect((await jobs.findJob(empty.id))?.userMetadata).toEqual({});
  });

  test('a job for a queue that does not exist is not stored and leaves its token free', async () => {
    const token = { token: 'once', windowMs: 60_000 };
    const lost = submission({ queueName: 'Nowhere' });
    expect(await jobs.submitJob(lost, token, startOfTimeMs)).toEqual({
      outcome: 'queue-not-found',
      queueName: 'Nowhere',
    });
    const hop = submission({ hopDestinations: [{ queueName: 'Gone', waitMinutes: 1, priority: null }] });
    expect(await jobs.submitJob(hop, token, startOfTimeMs)).toMatchObject({ queueName: 'Gone' });
    expect(await jobs.findJob(lost.id)).toBeNull();
    expect(await jobs.findJobByToken('once', startOfTimeMs)).toBeNull();
    expect(await jobs.submitJob(submission(), token, startOfTimeMs)).toMatchObject({ outcome: 'created' });
  });

  test('a token stands for its job for 60 s, whatever the second body says, and for a new job afterwards', async () => {
    const token = { token: 'mine', windowMs: 60_000 };
    const first = submission();
    await jobs.submitJob(first, token, startOfTimeMs);
    const second = submission({ queueName: 'Nowhere', settings: { other: true } });
    expect(await jobs.submitJob(second, token, startOfTimeMs + 59_999)).toMatchObject({
      outcome: 'repeated',
      job: { id: first.id, settings: first.settings },
    });
    expect((await jobs.findJobByToken('mine', startOfTimeMs + 59_999))?.id).toBe(first.id);
    expect(await jobs.findJobByToken('mine', startOfTimeMs + 60_000)).toBeNull();
    const third = submission();
    expect(await jobs.submitJob(third, token, startOfTimeMs + 60_000)).toMatchObject({ outcome: 'created' });
    expect((await jobs.findJobByToken('mine', startOfTimeMs + 60_000))?.id).toBe(third.id);
  });

  test('ten submits at once with one token make one job: 100 tokens, 100 jobs', async () => {
    const second = createJobRepository(await under.openSecond(), envelopeOf);
    const storms = Array.from({ length: 100 }, (_, number) => ({ token: `t${number}`, windowMs: 60_000 }));
    const outcomes = await Promise.all(
      storms.flatMap((token) =>
        Array.from({ length: 10 }, async (_, index) => {
          const result = await (index % 2 === 0 ? jobs : second).submitJob(
            submission(),
            token,
            startOfTimeMs,
          );
          if (result.outcome === 'queue-not-found') throw new Error('the Default queue is missing');
          return { token: token.token, ...result };
        }),
      ),
    );
    for (const { token } of storms) {
      const ofToken = outcomes.filter((outcome) => outcome.token === token);
      expect(new Set(ofToken.map(({ job }) => job.id)).size).toBe(1);
      expect(ofToken.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    }
    const { count } = await under.database.sql
      .selectFrom('job')
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(100);
  });

  test('expired tokens do not pile up', async () => {
    for (let number = 0; number < 20; number += 1) {
      const token = { token: `n${number}`, windowMs: 10 };
      await jobs.submitJob(submission(), token, startOfTimeMs + number * 100);
    }
    const left = await under.database.sql.selectFrom('idempotency').select('token').execute();
    expect(left.length).toBeLessThanOrEqual(3);
  });

  test('pages of jobs neither repeat nor skip while jobs arrive, in both directions and with filters', async () => {
    await createQueue(under.database, 'Other');
    const all: JobSubmission[] = [];
    for (let number = 0; number < 25; number += 1) {
      // Pairs with the same instant: the id decides.
      const createdAtMs = startOfTimeMs + 10_000 + Math.floor(number / 2);
      all.push(submission({ createdAtMs, queueName: number % 3 === 0 ? 'Other' : 'Default' }));
    }
    for (const job of all) await jobs.submitJob(job, null, job.createdAtMs);
    const sorted = all
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);

    const query = { queueName: null, status: null, limit: 7 } as const;
    const walkWithArrivals = async (order: JobListQuery['order'], newcomerAtMs: number) => {
      const seen: string[] = [];
      for (let after: JobListQuery['after'] = null; ; ) {
        const page = await jobs.listJobs({ ...query, order, after });
        seen.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) return seen;
        after = { createdAtMs: last.createdAtMs, id: last.id };
        await jobs.submitJob(submission({ createdAtMs: newcomerAtMs }), null, newcomerAtMs);
      }
    };
    // Newcomers arrive on the side that was read already.
    expect(await walkWithArrivals('DESCENDING', startOfTimeMs + 99_000)).toEqual(sorted.toReversed());
    const ascending = await walkWithArrivals('ASCENDING', startOfTimeMs + 1);
    expect(ascending.slice(0, sorted.length)).toEqual(sorted);

    const others = await jobs.listJobs({
      ...query,
      queueName: 'Other',
      order: 'ASCENDING',
      after: null,
      limit: 20,
    });
    expect(others.map(({ id }) => id)).toEqual(
      sorted.filter((id) => all.find((job) => job.id === id)?.queueName === 'Other'),
    );
    expect(await jobs.listJobs({ ...query, status: 'COMPLETE', order: 'ASCENDING', after: null })).toEqual(
      [],
    );
    const waiting = {
      ...query,
      queueName: 'Other',
      status: 'SUBMITTED',
      order: 'DESCENDING',
      after: null,
    } as const;
    expect(await jobs.listJobs({ ...waiting, limit: 3 })).toHaveLength(3);
  });

  test('a page reads the settings documents of its own jobs only', async () => {
    // As large as real ones: a table of a few pages is rightly read as a whole.
    const settings = { inputs: [{ fileInput: `s3://in/${'x'.repeat(1_500)}` }] };
    for (let number = 0; number < 200; number += 1) {
      await jobs.submitJob(submission({ settings }), null, startOfTimeMs);
    }
    // As autovacuum and the embedded housekeeping do: without statistics the planner guesses.
    await sql`ANALYZE job, job_document`.execute(under.database.sql);
    const query = {
      queueName: 'Default',
      status: 'SUBMITTED',
      order: 'DESCENDING',
      after: null,
      limit: 5,
    } as const;
    await under.database.sql.transaction().execute(async (transaction) => {
      const before = await documentsRead(transaction);
      expect(await listJobs(transaction, query)).toHaveLength(5);
      expect((await documentsRead(transaction)) - before).toBe(5);
    });
  });

  test('queues are counted, paged by name and by age, and Default is always there', async () => {
    await createQueue(under.database, 'b', { concurrentJobs: 3, createdAtMs: startOfTimeMs + 1 });
    await createQueue(under.database, 'B', { status: 'PAUSED', createdAtMs: startOfTimeMs + 1 });
    await jobs.submitJob(submission({ queueName: 'b' }), null, startOfTimeMs);
    const byName = await jobs.listQueues({ listBy: 'NAME', order: 'ASCENDING', after: null, limit: 20 });
    expect(byName.map(({ name }) => name)).toEqual(['B', 'Default', 'b']);
    expect(byName.at(-1)).toMatchObject({
      submittedJobsCount: 1,
      progressingJobsCount: 0,
      concurrentJobs: 3,
    });
    const firstByAge = await jobs.listQueues({
      listBy: 'CREATION_DATE',
      order: 'ASCENDING',
      after: null,
      limit: 1,
    });
    expect(firstByAge.map(({ name }) => name)).toEqual(['B']);
    const behind = { createdAtMs: startOfTimeMs + 1, name: 'B' };
    const rest = await jobs.listQueues({
      listBy: 'CREATION_DATE',
      order: 'ASCENDING',
      after: behind,
      limit: 9,
    });
    expect(rest.map(({ name }) => name)).toEqual(['b', 'Default']);
    expect(await jobs.findQueue('default')).toBeNull();
    expect(await jobs.findQueue('Default')).toMatchObject({ type: 'SYSTEM', status: 'ACTIVE' });
    expect(await jobs.allocatedConcurrentJobs()).toBe(1 + 3 + 1);
  });
});

/** Rows of job_document this session has read and not yet reported: within one transaction, the difference is exact. */
async function documentsRead(db: Statements): Promise<number> {
  const { rows } = await sql<{ reads: number }>`
    SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS reads FROM pg_stat_xact_user_tables
    WHERE relname = 'job_document'
  `.execute(db);
  return rows[0]?.reads ?? 0;
}
