/** Queues made, changed and deleted, and what their state does to claims, on both databases. */
import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import type { NewQueue, ReservationPlanRecord } from '../../src/database/queue-repository.ts';
import { type ClaimRequest, claimTask } from '../../src/database/statements/claim-task.ts';
import { completeAttempt, releaseAttempt } from '../../src/database/statements/finish-attempt.ts';
import { renewLeases } from '../../src/database/statements/leases.ts';
import { describeOnBoth } from './implementations.ts';
import {
  clear,
  completion,
  createQueue,
  envelopeOf,
  reportingAt,
  startOfTimeMs,
  submission,
} from './jobs.ts';

const nowMs = startOfTimeMs + 1_000_000;
const reporting = reportingAt(nowMs);

describeOnBoth('queues', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    jobs = createJobRepository(database, envelopeOf);
  });

  const newQueue = (changes: Partial<NewQueue> = {}): NewQueue => ({
    name: 'fast',
    description: null,
    status: 'ACTIVE',
    createdAtMs: nowMs,
    concurrentJobs: null,
    maximumConcurrentFeeds: null,
    reservationPlan: null,
    tags: {},
    ...changes,
  });
  const plan = (changes: Partial<ReservationPlanRecord> = {}): ReservationPlanRecord => ({
    reservedSlots: 2,
    commitment: 'ONE_YEAR',
    renewalType: 'EXPIRE',
    purchasedAtMs: nowMs,
    expiresAtMs: nowMs + 1000,
    ...changes,
  });
  const create = (changes: Partial<NewQueue> = {}) => jobs.createQueue(newQueue(changes), () => {});
  const submit = async (changes: Partial<JobSubmission> = {}) => {
    const job = submission(changes);
    await jobs.submitJob(job, null, job.createdAtMs);
    return job.id;
  };
  const claim = (changes: Partial<ClaimRequest> = {}) =>
    claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf, ...changes });
  const tagsOf = (name: string) =>
    database.sql.selectFrom('tag').select(['key', 'value']).where('resource_id', '=', name).execute();

  test('a queue comes back as it was made, and its name is taken', async () => {
    const record = await create({
      description: 'd',
      concurrentJobs: 3,
      maximumConcurrentFeeds: 0,
      tags: { a: 'b' },
    });
    expect(record).toEqual({
      name: 'fast',
      description: 'd',
      type: 'CUSTOM',
      status: 'ACTIVE',
      pricingPlan: 'ON_DEMAND',
      createdAtMs: nowMs,
      lastUpdatedMs: nowMs,
      submittedJobsCount: 0,
      progressingJobsCount: 0,
      concurrentJobs: 3,
      fleetSlots: 0,
      maximumConcurrentFeeds: 0,
      reservationPlan: null,
    });
    expect(await jobs.findQueue('fast')).toEqual(record);
    expect(await tagsOf('fast')).toEqual([{ key: 'a', value: 'b' }]);
    expect(await create({ description: 'other' })).toBeNull();
    expect(await jobs.findQueue('fast')).toMatchObject({ description: 'd' });
  });

  test('of ten queues with one name made at once there is one', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => create()));
    expect(made.filter((queue) => queue !== null)).toHaveLength(1);
  });

  test('a rule about all queues sees those before, and what it throws leaves nothing behind', async () => {
    await create({ concurrentJobs: 7 });
    await create({ name: 'reserved', reservationPlan: plan() });
    const refused = jobs.createQueue(newQueue({ name: 'more' }), (usage) => {
      // Default has one slot while no worker lives; reserved slots are not the account's.
      expect(usage).toEqual({ queues: 3, allocatedConcurrentJobs: 8 });
      throw new RangeError('too many');
    });
    await expect(refused).rejects.toThrow('too many');
    expect(await jobs.findQueue('more')).toBeNull();
  });

  test('an update changes what it names, keeps the rest, and leaves all when it is refused', async () => {
    await create({ description: 'd', concurrentJobs: 3 });
    const later = nowMs + 5000;
    expect(await jobs.updateQueue('fast', () => ({ status: 'PAUSED' }), later)).toMatchObject({
      description: 'd',
      concurrentJobs: 3,
      status: 'PAUSED',
      createdAtMs: nowMs,
      lastUpdatedMs: later,
    });
    expect(await jobs.updateQueue('fast', () => ({ description: '' }), later)).toMatchObject({
      description: '',
      status: 'PAUSED',
    });
    const refuse = () => {
      throw new RangeError('no');
    };
    await expect(jobs.updateQueue('fast', refuse, later + 1)).rejects.toThrow('no');
    expect(await jobs.findQueue('fast')).toMatchObject({ lastUpdatedMs: later });
    expect(await jobs.updateQueue('none', () => ({}), later)).toBeNull();
  });

  test('a paused queue starts nothing from the very next claim on, and keeps what runs', async () => {
    await create();
    const id = await submit({ queueName: 'fast' });
    await submit({ queueName: 'fast' });
    const running = await claim();
    expect(running?.job.id).toBe(id);
    await jobs.updateQueue('fast', () => ({ status: 'PAUSED' }), nowMs);
    expect(await claim()).toBeNull();
    expect(await jobs.findQueue('fast')).toMatchObject({ submittedJobsCount: 1, progressingJobsCount: 1 });
    if (running === null) throw new Error('nothing ran');
    expect(await completeAttempt(database.sql, running, completion, reporting)).toBe('complete');
    expect(await claim()).toBeNull();
    await jobs.updateQueue('fast', () => ({ status: 'ACTIVE' }), nowMs);
    expect(await claim()).not.toBeNull();
  });

  test('a job that waits for its next attempt counts as progressing', async () => {
    const id = await submit();
    const running = await claim();
    if (running === null) throw new Error('nothing ran');
    await releaseAttempt(database.sql, running, reporting);
    await submit();
    expect(await jobs.findJob(id)).toMatchObject({ status: 'PROGRESSING' });
    expect(await jobs.findQueue('Default')).toMatchObject({ submittedJobsCount: 1, progressingJobsCount: 1 });
  });

  test('a reserved queue runs as many jobs as it has slots, and none once its plan has expired', async () => {
    await create({ reservationPlan: plan() });
    for (let index = 0; index < 4; index += 1) await submit({ queueName: 'fast' });
    const [first, second] = [await claim(), await claim()];
    expect([first, second]).not.toContain(null);
    expect(await claim()).toBeNull();
    if (first === null || second === null) throw new Error('nothing ran');
    await completeAttempt(database.sql, first, completion, reporting);
    expect(await claim({ nowMs: nowMs + 1000 })).toBeNull();
    expect(await claim({ nowMs: nowMs + 999 })).not.toBeNull();
    await completeAttempt(database.sql, second, completion, reporting);
    const renewing = { reservationPlan: plan({ renewalType: 'AUTO_RENEW' }) };
    await jobs.updateQueue('fast', () => renewing, nowMs);
    expect(await claim({ nowMs: nowMs + 1_000_000 })).not.toBeNull();
    expect(await jobs.findQueue('fast')).toMatchObject({ concurrentJobs: null, pricingPlan: 'RESERVED' });
  });

  test('the account’s limit holds over all on-demand queues, also under parallel claimers', async () => {
    await createQueue(database, 'a');
    await createQueue(database, 'b');
    await create({ name: 'r', reservationPlan: plan({ reservedSlots: 1 }) });
    for (let index = 0; index < 5; index += 1) {
      for (const queueName of ['a', 'b', 'r', 'Default']) await submit({ queueName });
    }
    await renewLeases(database.sql, { workerId: 'w', host: 'h', slots: 50, leaseMs: 60_000, attempts: [] });
    const second = await under.openSecond();
    const from = [database, second];
    const claims = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        claimTask((from[index % 2] ?? database).sql, {
          workerId: 'w',
          leaseMs: 60_000,
          nowMs,
          envelopeOf,
          accountConcurrentJobs: 4,
        }),
      ),
    );
    await second.close();
    const queues = claims.flatMap((task) => (task === null ? [] : [task.job.queueName]));
    expect(queues.filter((name) => name !== 'r')).toHaveLength(4);
    expect(queues.filter((name) => name === 'r')).toHaveLength(1);
  });

  test('a queue with waiting or running jobs stays; an empty one goes with its tags, and jobs keep its name', async () => {
    await create({ tags: { a: 'b' } });
    const id = await submit({ queueName: 'fast' });
    const permit = () => {};
    expect(await jobs.deleteQueue('fast', permit)).toBe('busy');
    const running = await claim();
    expect(await jobs.deleteQueue('fast', permit)).toBe('busy');
    if (running === null) throw new Error('nothing ran');
    await completeAttempt(database.sql, running, completion, reporting);
    const refuse = () => {
      throw new RangeError('plan');
    };
    await expect(jobs.deleteQueue('fast', refuse)).rejects.toThrow('plan');
    expect(await jobs.deleteQueue('fast', permit)).toBe('deleted');
    expect(await jobs.deleteQueue('fast', permit)).toBe('not-found');
    expect(await tagsOf('fast')).toEqual([]);
    expect(await jobs.findJob(id)).toMatchObject({ queueName: 'fast' });
  });

  test('of a deletion and submits at once either the jobs are refused or the queue stays', async () => {
    const second = await under.openSecond();
    const others = createJobRepository(second, envelopeOf);
    for (let round = 0; round < 5; round += 1) {
      const name = `race-${round}`;
      await create({ name });
      const job = submission({ queueName: name });
      const [outcome, submitted] = await Promise.all([
        jobs.deleteQueue(name, () => {}),
        others.submitJob(job, null, job.createdAtMs),
      ]);
      expect([outcome, submitted.outcome]).toEqual(
        outcome === 'deleted' ? ['deleted', 'queue-not-found'] : ['busy', 'created'],
      );
    }
    await second.close();
  });
});
