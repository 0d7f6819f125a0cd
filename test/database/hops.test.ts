/** Hops of waiting jobs, row by row of their documented behaviour, on both databases. */
import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { completeAttempt, releaseAttempt } from '../../src/database/statements/finish-attempt.ts';
import { hopDueTasks } from '../../src/database/statements/hop-tasks.ts';
import { describeOnBoth } from './implementations.ts';
import {
  clear,
  completion,
  createQueue,
  envelopeOf,
  eventStatuses,
  reportingAt,
  startOfTimeMs,
  submission,
} from './jobs.ts';

const submittedMs = startOfTimeMs + 2_000_000;
/** One minute later: when jobs with `waitMinutes: 1` are due. */
const dueMs = submittedMs + 60_000;
const arn = (name: string) => `arn:aws:mediaconvert:us-east-1:000000000000:queues/${name}`;

describeOnBoth('hops', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    jobs = createJobRepository(database, envelopeOf);
    await createQueue(database, 'from', { concurrentJobs: 1 });
    await createQueue(database, 'to');
  });

  const submit = async (changes: Partial<JobSubmission> = {}) => {
    const job = submission({
      createdAtMs: submittedMs,
      queueName: 'from',
      hopDestinations: [{ queueName: 'to', waitMinutes: 1, priority: null }],
      ...changes,
    });
    await jobs.submitJob(job, null, job.createdAtMs);
    return job.id;
  };
  const sweep = (nowMs = dueMs) => hopDueTasks(database.sql, reportingAt(nowMs));
  const claim = (nowMs = dueMs) =>
    claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf });
  const claimAll = async () => {
    const ids: string[] = [];
    for (let claimed = await claim(); claimed !== null; claimed = await claim()) ids.push(claimed.job.id);
    return ids;
  };
  const setStatus = (name: string, status: 'ACTIVE' | 'PAUSED', nowMs: number) =>
    jobs.updateQueue(name, () => ({ status }), nowMs);
  const taskOf = async (id: string) =>
    await database.sql
      .selectFrom('task')
      .select(['queue_name', 'priority'])
      .where('job_id', '=', id)
      .executeTakeFirstOrThrow();
  const lastEvent = async (id: string) =>
    (
      await database.sql
        .selectFrom('event')
        .select('body')
        .where('job_id', '=', id)
        .orderBy('id', 'desc')
        .executeTakeFirst()
    )?.body.detail;

  test('a job that has waited long enough goes to its destination, with transition and event', async () => {
    const id = await submit({ priority: 3, userMetadata: { a: 'b' } });
    expect(await sweep(dueMs - 1)).toBe(0);
    expect(await sweep()).toBe(1);
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'SUBMITTED',
      queueName: 'from',
      priority: 3,
      queueTransitions: [{ sourceQueueName: 'from', destinationQueueName: 'to', atMs: dueMs }],
    });
    expect(await taskOf(id)).toEqual({ queue_name: 'to', priority: 3 });
    expect(await lastEvent(id)).toEqual({
      timestamp: dueMs,
      accountId: '000000000000',
      queue: arn('to'),
      previousQueue: arn('from'),
      priority: 3,
      previousPriority: 3,
      jobId: id,
      status: 'QUEUE_HOP',
      userMetadata: { a: 'b' },
    });
    expect(await jobs.findQueue('from')).toMatchObject({ submittedJobsCount: 0 });
    expect(await jobs.findQueue('to')).toMatchObject({ submittedJobsCount: 1 });
  });

  test('lists by queue show a hopped job under the queue it was submitted to only', async () => {
    const id = await submit();
    await sweep();
    const listed = async (queueName: string) =>
      (await jobs.listJobs({ queueName, status: null, order: 'ASCENDING', after: null, limit: 9 })).map(
        (job) => job.id,
      );
    expect(await listed('from')).toEqual([id]);
    expect(await listed('to')).toEqual([]);
  });

  test('the destination’s priority counts from then on, the submit time stays the tie-break', async () => {
    const hop = { queueName: 'to', waitMinutes: 1, priority: 7 };
    const hopped = await submit({ priority: -3, hopDestinations: [hop] });
    await sweep();
    expect(await lastEvent(hopped)).toMatchObject({ priority: 7, previousPriority: -3 });
    expect(await jobs.findJob(hopped)).toMatchObject({ priority: -3 });
    const lower = await submit({
      queueName: 'to',
      hopDestinations: [],
      priority: 6,
      createdAtMs: submittedMs - 9,
    });
    const equalButLater = await submit({
      queueName: 'to',
      hopDestinations: [],
      priority: 7,
      createdAtMs: dueMs,
    });
    expect(await claimAll()).toEqual([hopped, equalButLater, lower]);
  });

  test('a job hops once', async () => {
    const id = await submit();
    await sweep();
    expect(await sweep(dueMs + 3_600_000)).toBe(0);
    expect((await jobs.findJob(id))?.queueTransitions).toHaveLength(1);
    expect(await eventStatuses(database, id)).toEqual(['QUEUE_HOP']);
  });

  test('without a queue of its own the destination is Default', async () => {
    const id = await submit({ hopDestinations: [{ queueName: null, waitMinutes: 1, priority: null }] });
    await sweep();
    expect(await taskOf(id)).toMatchObject({ queue_name: 'Default' });
  });

  test('a paused destination takes the job, which waits there', async () => {
    await setStatus('to', 'PAUSED', submittedMs);
    const id = await submit();
    expect(await sweep()).toBe(1);
    expect(await claimAll()).toEqual([]);
    await setStatus('to', 'ACTIVE', dueMs);
    expect(await claimAll()).toEqual([id]);
  });

  test('a paused queue lets nobody go; awake again, the next job stays and those behind it go', async () => {
    const [first, second, third] = [await submit(), await submit(), await submit({ priority: 1 })];
    const notDue = await submit({ hopDestinations: [{ queueName: 'to', waitMinutes: 99, priority: null }] });
    await setStatus('from', 'PAUSED', dueMs - 1);
    expect(await sweep(dueMs + 1000)).toBe(0);
    await setStatus('from', 'ACTIVE', dueMs + 2000);
    // `third` has the highest priority: nobody is ahead of it.
    for (const id of [first, second]) expect(await taskOf(id)).toMatchObject({ queue_name: 'to' });
    for (const id of [third, notDue]) expect(await taskOf(id)).toMatchObject({ queue_name: 'from' });
    // Decided once: it does not hop later either.
    expect(await sweep(dueMs + 600_000)).toBe(0);
    expect((await claim())?.job.id).toBeDefined();
    expect(await eventStatuses(database, third)).not.toContain('QUEUE_HOP');
  });

  test('awake again with all slots taken, the next job goes too', async () => {
    const running = await submit({ hopDestinations: [] });
    expect((await claim())?.job.id).toBe(running);
    const id = await submit();
    await setStatus('from', 'PAUSED', submittedMs);
    await setStatus('from', 'ACTIVE', dueMs);
    expect(await taskOf(id)).toMatchObject({ queue_name: 'to' });
  });

  test('a pause that ends before the time is up changes nothing: the wait counts from the submit', async () => {
    const id = await submit();
    await setStatus('from', 'PAUSED', submittedMs + 1);
    await setStatus('from', 'ACTIVE', dueMs - 1);
    expect(await taskOf(id)).toMatchObject({ queue_name: 'from' });
    expect(await sweep()).toBe(1);
  });

  test('a destination that is gone is told once, and the job stays', async () => {
    const id = await submit();
    expect(await jobs.deleteQueue('to', () => {})).toBe('deleted');
    expect(await sweep()).toBe(0);
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'SUBMITTED',
      warnings: [{ code: 100000, count: 1 }],
      queueTransitions: [],
    });
    expect(await lastEvent(id)).toMatchObject({
      status: 'NEW_WARNING',
      warningCode: '100000',
      queue: arn('from'),
    });
    await createQueue(database, 'to');
    expect(await sweep(dueMs + 60_000)).toBe(0);
    expect(await eventStatuses(database, id)).toEqual(['NEW_WARNING']);
    expect((await claim())?.job.id).toBe(id);
  });

  test('a job that has started once does not hop, though it waits again', async () => {
    const id = await submit();
    const claimed = await claim(submittedMs);
    if (claimed === null) throw new Error('nothing ran');
    await releaseAttempt(database.sql, claimed, reportingAt(submittedMs));
    expect(await sweep()).toBe(0);
    expect(await taskOf(id)).toMatchObject({ queue_name: 'from' });
  });

  test('of a canceled job nothing hops', async () => {
    const id = await submit();
    await jobs.requestCancel(id, submittedMs + 1);
    expect(await sweep()).toBe(0);
    expect(await eventStatuses(database, id)).toEqual(['CANCELED']);
  });

  test('of sweeps and claims at once each job is started once and hops at most once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 40; index += 1) ids.push(await submit());
    const second = await under.openSecond();
    const started: string[] = [];
    for (let wave = 0; wave < 20 && started.length < ids.length; wave += 1) {
      const [, , ...claims] = await Promise.all([
        sweep(),
        hopDueTasks(second.sql, reportingAt(dueMs)),
        ...Array.from({ length: 6 }, (_, index) =>
          claimTask((index % 2 === 0 ? database : second).sql, {
            workerId: 'w',
            leaseMs: 60_000,
            nowMs: dueMs,
            envelopeOf,
          }),
        ),
      ]);
      for (const task of claims) {
        if (task === null) continue;
        started.push(task.job.id);
        await completeAttempt(database.sql, task, completion, reportingAt(dueMs));
      }
    }
    await second.close();
    expect(started.toSorted()).toEqual(ids.toSorted());
    for (const id of ids) {
      const hops = (await eventStatuses(database, id)).filter((status) => status === 'QUEUE_HOP');
      expect(hops.length).toBeLessThanOrEqual(1);
      expect((await jobs.findJob(id))?.queueTransitions).toHaveLength(hops.length);
    }
  });
});
