import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { type ClaimedTask, claimTask } from '../../src/database/statements/claim-task.ts';
import {
  completeAttempt,
  failAttempt,
  releaseAttempt,
} from '../../src/database/statements/finish-attempt.ts';
import { expireLeases, renewLeases } from '../../src/database/statements/leases.ts';
import { noJobResult } from '../../src/database/statements/read-job-result.ts';
import { recordEvent, recordProgress, recordWarning } from '../../src/database/statements/record-progress.ts';
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

const nowMs = startOfTimeMs + 1_000_000;
const reporting = reportingAt(nowMs);
const environmentFailure = {
  errorCode: 1517,
  errorMessage: 'storage is away',
  isRetriable: true,
  fault: null,
} as const;
const userFailure = {
  errorCode: 1040,
  errorMessage: 'bad setting',
  isRetriable: false,
  fault: { pointer: '/a' },
} as const;
const lost = { errorCode: 1999, errorMessage: 'Unknown error' } as const;

describeOnBoth('claims', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    jobs = createJobRepository(database, envelopeOf);
  });

  const submit = async (changes: Partial<JobSubmission> = {}) => {
    const job = submission(changes);
    await jobs.submitJob(job, null, job.createdAtMs);
    return job.id;
  };
  const claim = (workerId = 'w', leaseMs = 60_000, from: Database = database) =>
    claimTask(from.sql, { workerId, leaseMs, nowMs, envelopeOf });
  const claimOne = async (leaseMs?: number): Promise<ClaimedTask> => {
    const claimed = await claim('w', leaseMs);
    if (claimed === null) throw new Error('nothing to claim');
    return claimed;
  };

  test('highest priority first, then the earliest submitted, then the smaller id', async () => {
    const at = startOfTimeMs + 500_000;
    const ids = {
      low: await submit({ priority: -1 }),
      late: await submit({ priority: 10, createdAtMs: at + 2 }),
      twinB: await submit({ id: `${at}-b00000`, priority: 10, createdAtMs: at }),
      twinA: await submit({ id: `${at}-a00000`, priority: 10, createdAtMs: at }),
      zero: await submit(),
    };
    const order = [];
    for (let claimed = await claim(); claimed !== null; claimed = await claim()) order.push(claimed.job.id);
    expect(order).toEqual([ids.twinA, ids.twinB, ids.late, ids.zero, ids.low]);
  });

  test('a claimed job is PROGRESSING in PROBING, with its start and one event', async () => {
    const id = await submit({ userMetadata: { a: 'b' } });
    const claimed = await claimOne();
    expect(claimed).toMatchObject({ attempt: 1, retryCount: 0 });
    expect(claimed.job).toMatchObject({
      id,
      status: 'PROGRESSING',
      currentPhase: 'PROBING',
      startTimeMs: nowMs,
    });
    expect(await jobs.findJob(id)).toEqual(claimed.job);
    const [event] = await database.sql.selectFrom('event').select('body').where('job_id', '=', id).execute();
    expect(event?.body.detail).toEqual({
      timestamp: nowMs,
      accountId: '000000000000',
      queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      jobId: id,
      status: 'PROGRESSING',
      userMetadata: { a: 'b' },
    });
    expect(await jobs.findQueue('Default')).toMatchObject({ submittedJobsCount: 0, progressingJobsCount: 1 });
  });

  test('the least-loaded open queue goes first, paused and full queues are passed over', async () => {
    await createQueue(database, 'two', { concurrentJobs: 2 });
    await createQueue(database, 'four', { concurrentJobs: 4 });
    await createQueue(database, 'paused', { status: 'PAUSED' });
    for (let number = 0; number < 4; number += 1) {
      for (const queueName of ['two', 'four', 'paused'])
        await submit({ queueName, priority: queueName === 'two' ? 9 : 0 });
    }
    const order = [];
    for (let claimed = await claim(); claimed !== null; claimed = await claim())
      order.push(claimed.job.queueName);
    // Loads 0/0: priority decides; then 1/2 against 0/4, 1/4, 2/4 (equal: priority), and 'two' is full.
    expect(order).toEqual(['two', 'four', 'four', 'two', 'four', 'four']);
  });

  test('slots are exact under parallel claimers', async () => {
    await createQueue(database, 'narrow', { concurrentJobs: 3 });
    await createQueue(database, 'wide', { concurrentJobs: 5 });
    for (let number = 0; number < 20; number += 1) {
      await submit({ queueName: 'narrow' });
      await submit({ queueName: 'wide' });
    }
    const second = await under.openSecond();
    for (let wave = 0; wave < 3; wave += 1) {
      const waves = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          claim(`w${index}`, 60_000, index % 2 === 0 ? database : second),
        ),
      );
      const claimed = waves.filter((task) => task !== null);
      const inQueue = (name: string) => claimed.filter(({ job }) => job.queueName === name).length;
      expect(new Set(claimed.map(({ taskId }) => taskId)).size).toBe(claimed.length);
      expect(inQueue('narrow')).toBeLessThanOrEqual(3);
      expect(inQueue('wide')).toBeLessThanOrEqual(5);
      // A claimer that lost a race for the last slot of one queue still finds the other.
      expect(claimed).toHaveLength(8);
      for (const task of claimed) await completeAttempt(database.sql, task, completion, reporting);
    }
    await second.close();
  });

  test('lowering the slots below what runs stops nothing and starts nothing', async () => {
    for (let number = 0; number < 3; number += 1) await submit();
    await claimOne();
    await claimOne();
    await database.sql.updateTable('queue').set({ concurrent_jobs: 1 }).execute();
    expect(await claim()).toBeNull();
  });

  test('a completed attempt stores job, outputs and event together, once', async () => {
    const id = await submit();
    const claimed = await claimOne();
    expect(
      await recordEvent(database.sql, claimed, { status: 'INPUT_INFORMATION', inputDetails: [] }, reporting),
    ).toBe('stored');
    const outcome = await completeAttempt(
      database.sql,
      claimed,
      {
        ...completion,
        infoMessages: ['substituted', 'nul \0 in it'],
        outputs: [
          { groupIndex: 1, outputIndex: 0, durationMs: 1000, video: null, details: { a: 1 }, verdict: null },
          {
            groupIndex: 0,
            outputIndex: 1,
            durationMs: 2000,
            video: null,
            details: {},
            verdict: { ok: true },
          },
          {
            groupIndex: 0,
            outputIndex: 0,
            durationMs: 2000.4,
            video: { widthPx: 640, heightPx: 360 },
            details: {},
            verdict: null,
          },
        ],
      },
      reporting,
    );
    expect(outcome).toBe('complete');
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'COMPLETE',
      finishTimeMs: nowMs,
      percentComplete: 100,
      infoMessages: ['substituted', 'nul  in it'],
      outputGroupDetails: [
        {
          outputs: [
            { durationMs: 2000, video: { widthPx: 640, heightPx: 360 } },
            { durationMs: 2000, video: null },
          ],
        },
        { outputs: [{ durationMs: 1000, video: null }] },
      ],
    });
    expect(await completeAttempt(database.sql, claimed, completion, reporting)).toBe('stale');
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'INPUT_INFORMATION', 'COMPLETE']);
  });

  test('an output that cannot be stored leaves no half-completed job', async () => {
    const id = await submit();
    const claimed = await claimOne();
    const twin = { groupIndex: 0, outputIndex: 0, durationMs: 1, video: null, details: {}, verdict: null };
    const twice = { ...completion, outputs: [twin, twin] };
    await expect(completeAttempt(database.sql, claimed, twice, reporting)).rejects.toThrow(/duplicate key/);
    expect(await jobs.findJob(id)).toMatchObject({ status: 'PROGRESSING', outputGroupDetails: null });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING']);
    expect(await completeAttempt(database.sql, claimed, completion, reporting)).toBe('complete');
  });

  test('an environment failure is tried again twice, then it is the job’s error; percent starts over', async () => {
    const id = await submit();
    for (const retryCount of [0, 1]) {
      const claimed = await claimOne();
      expect(claimed.retryCount).toBe(retryCount);
      await recordProgress(
        database.sql,
        claimed,
        { phase: 'TRANSCODING', percent: 40.9, statusUpdate: null },
        reporting,
      );
      expect(await failAttempt(database.sql, claimed, environmentFailure, reporting)).toBe('retrying');
      expect(await jobs.findJob(id)).toMatchObject({
        status: 'PROGRESSING',
        currentPhase: 'PROBING',
        percentComplete: null,
        retryCount: retryCount + 1,
        errorCode: null,
      });
    }
    const last = await claimOne();
    expect(last).toMatchObject({ attempt: 3, retryCount: 2 });
    expect(await failAttempt(database.sql, last, environmentFailure, reporting)).toBe('failed');
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'ERROR',
      errorCode: 1517,
      errorMessage: 'storage is away',
      finishTimeMs: nowMs,
      retryCount: 2,
    });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'ERROR']);
    expect(await claim()).toBeNull();
  });

  test('what a job left names every attempt with its fault, and what was probed once', async () => {
    const id = await submit();
    expect(await jobs.findJobResult(id)).toEqual(noJobResult);
    expect(await jobs.findJobResult('\u0000')).toEqual(noJobResult);
    await failAttempt(database.sql, await claimOne(), environmentFailure, reporting);
    const second = await claimOne();
    // An attempt that begins again reports its inputs again; the job has one event of them.
    for (const uri of ['s3://in/clip.mp4', 's3://in/again'])
      await recordEvent(
        database.sql,
        second,
        { status: 'INPUT_INFORMATION', inputDetails: [{ id: 1, uri }] },
        reporting,
      );
    await failAttempt(database.sql, second, userFailure, reporting);
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'INPUT_INFORMATION', 'ERROR']);
    const attempt = { startedAtMs: nowMs, endedAtMs: nowMs, outcome: 'ERROR' };
    const { errorCode, errorMessage, fault } = userFailure;
    expect(await jobs.findJobResult(id)).toMatchObject({
      lastBody: { status: 'ERROR', errorCode },
      probedBody: { status: 'INPUT_INFORMATION', inputDetails: [{ id: 1, uri: 's3://in/clip.mp4' }] },
      attempts: [
        { ...attempt, number: 1, errorCode: 1517, errorMessage: 'storage is away', fault: null },
        { ...attempt, number: 2, errorCode, errorMessage, fault },
      ],
      outputs: [],
    });
  });

  test('a user’s failure is final at once and its event carries the warnings', async () => {
    const id = await submit();
    const claimed = await claimOne();
    for (const count of [1, 3]) {
      await recordWarning(database.sql, claimed, { code: 270000, count, message: 'slow storage' }, reporting);
    }
    await recordWarning(database.sql, claimed, { code: 240000, count: 1, message: 'other' }, reporting);
    const failure = { ...userFailure, errorMessage: 'bad\0setting' };
    expect(await failAttempt(database.sql, claimed, failure, reporting)).toBe('failed');
    const warnings = [
      { code: 270000, count: 4 },
      { code: 240000, count: 1 },
    ];
    expect(await jobs.findJob(id)).toMatchObject({ status: 'ERROR', errorMessage: 'badsetting', warnings });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'NEW_WARNING', 'NEW_WARNING', 'ERROR']);
    const event = await database.sql
      .selectFrom('event')
      .select('body')
      .where('status', '=', 'ERROR')
      .executeTakeFirst();
    expect(event?.body.detail).toMatchObject({ errorCode: 1040, errorMessage: 'badsetting', warnings });
  });

  test('percent never decreases within an attempt', async () => {
    const id = await submit();
    const claimed = await claimOne();
    for (const percent of [10, 50, 30, null]) {
      await recordProgress(
        database.sql,
        claimed,
        { phase: 'TRANSCODING', percent, statusUpdate: null },
        reporting,
      );
    }
    expect(await jobs.findJob(id)).toMatchObject({ currentPhase: 'TRANSCODING', percentComplete: 50 });
  });

  test('a task handed back spends no attempt and starts without a second PROGRESSING', async () => {
    const id = await submit();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const claimed = await claimOne();
      expect(claimed).toMatchObject({ attempt, retryCount: 0 });
      expect(await releaseAttempt(database.sql, claimed, reporting)).toBe('released');
    }
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'PROGRESSING',
      retryCount: 0,
      startTimeMs: nowMs,
    });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING']);
  });

  test('everything a stale attempt writes is refused', async () => {
    const id = await submit();
    const stale = await claimOne();
    await releaseAttempt(database.sql, stale, reporting);
    const current = await claimOne();
    const { sql } = database;
    expect(
      await recordProgress(sql, stale, { phase: 'UPLOADING', percent: 99, statusUpdate: null }, reporting),
    ).toBe('stale');
    expect(await recordEvent(sql, stale, { status: 'INPUT_INFORMATION', inputDetails: [] }, reporting)).toBe(
      'stale',
    );
    expect(await recordWarning(sql, stale, { code: 270000, count: 1, message: '' }, reporting)).toBe('stale');
    expect(await completeAttempt(sql, stale, completion, reporting)).toBe('stale');
    expect(await failAttempt(sql, stale, userFailure, reporting)).toBe('stale');
    expect(await releaseAttempt(sql, stale, reporting)).toBe('stale');
    const heartbeat = { workerId: 'w', host: 'h', slots: 1, leaseMs: 60_000, attempts: [stale, current] };
    expect(await renewLeases(sql, heartbeat)).toEqual([
      { taskId: current.taskId, attempt: 2, cancelRequested: false },
    ]);
    expect(await jobs.findJob(id)).toMatchObject({
      status: 'PROGRESSING',
      currentPhase: 'PROBING',
      warnings: [],
    });
    expect(await completeAttempt(sql, current, completion, reporting)).toBe('complete');
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'COMPLETE']);
  });

  test('a worker that falls silent loses its tasks: two more attempts, then 1999 with its event', async () => {
    const id = await submit();
    for (const retryCount of [0, 1, 2]) {
      const claimed = await claimOne(0);
      expect(claimed).toMatchObject({ retryCount });
      if (retryCount === 0)
        await recordProgress(
          database.sql,
          claimed,
          { phase: 'TRANSCODING', percent: 5, statusUpdate: null },
          reporting,
        );
      expect(await expireLeases(database.sql, lost, reporting)).toBe(1);
    }
    expect(await jobs.findJob(id)).toMatchObject({ status: 'ERROR', errorCode: 1999, retryCount: 2 });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'ERROR']);
    const attempts = await database.sql
      .selectFrom('attempt')
      .select(['outcome', 'fault'])
      .orderBy('number')
      .execute();
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['LOST', 'LOST', 'LOST']);
    expect(attempts.map(({ fault }) => fault?.['phase'])).toEqual(['TRANSCODING', 'PROBING', 'PROBING']);
  });

  test('a renewed lease is not taken away, whoever sweeps', async () => {
    await submit();
    const claimed = await claimOne(0);
    const heartbeat = { workerId: 'w', host: 'h', slots: 4, leaseMs: 60_000, attempts: [claimed] };
    expect(await renewLeases(database.sql, heartbeat)).toHaveLength(1);
    expect(await expireLeases(database.sql, lost, reporting)).toBe(0);
    expect(await jobs.findQueue('Default')).toMatchObject({ concurrentJobs: 4 });
  });
});
