import { beforeEach, expect, test } from 'vitest';
import { channels } from '../../src/database/channels.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { type ClaimedTask, claimTask } from '../../src/database/statements/claim-task.ts';
import {
  cancelAttempt,
  completeAttempt,
  failAttempt,
  releaseAttempt,
} from '../../src/database/statements/finish-attempt.ts';
import { expireLeases } from '../../src/database/statements/leases.ts';
import { recordProgress } from '../../src/database/statements/record-progress.ts';
import { describeOnBoth } from './implementations.ts';
import {
  clear,
  completion,
  envelopeOf,
  eventStatuses,
  reportingAt,
  startOfTimeMs,
  submission,
} from './jobs.ts';

const nowMs = startOfTimeMs + 1_000_000;
const reporting = reportingAt(nowMs);
const failure = { errorCode: 1517, errorMessage: 'away', isRetriable: true, fault: null } as const;

describeOnBoth('cancel', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    jobs = createJobRepository(database, envelopeOf);
  });

  const submitAndClaim = async (leaseMs = 60_000): Promise<ClaimedTask> => {
    const job = submission();
    await jobs.submitJob(job, null, job.createdAtMs);
    const claimed = await claimTask(database.sql, { workerId: 'w', leaseMs, nowMs, envelopeOf });
    if (claimed === null) throw new Error('nothing to claim');
    return claimed;
  };
  const enter = (claimed: ClaimedTask, phase: 'TRANSCODING' | 'UPLOADING') =>
    recordProgress(database.sql, claimed, { phase, percent: null, statusUpdate: null }, reporting);

  test('a job that wished for acceleration ends NOT_ACCELERATED, canceled or failed', async () => {
    const status = async (id: string) => (await jobs.findJob(id))?.accelerationStatus;
    const wished = () => ({ ...submission(), accelerationMode: 'PREFERRED' as const });
    const waiting = wished();
    await jobs.submitJob(waiting, null, waiting.createdAtMs);
    expect(await status(waiting.id)).toBe('IN_PROGRESS');
    await jobs.requestCancel(waiting.id, nowMs);
    expect(await status(waiting.id)).toBe('NOT_ACCELERATED');

    const failing = wished();
    await jobs.submitJob(failing, null, failing.createdAtMs);
    const claimed = await claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf });
    if (claimed === null) throw new Error('nothing to claim');
    expect(await status(failing.id)).toBe('IN_PROGRESS');
    // Decided when the plan is made.
    await enter(claimed, 'TRANSCODING');
    expect(await status(failing.id)).toBe('NOT_ACCELERATED');
  });

  test('the end of a failed job tells its explanation in its messages and its event', async () => {
    const claimed = await submitAndClaim();
    const explanation = {
      pointer: '/inputs/0/fileInput',
      mediaFact: 'no such key',
      remedy: 'Correct it.',
      alsoWrong: [{ code: 1040, pointer: '/outputGroups/0', message: 'no' }],
    };
    const final = { ...failure, isRetriable: false, explanation, infoMessages: ['a notice'] };
    expect(await failAttempt(database.sql, claimed, final, reporting)).toBe('failed');
    const job = await jobs.findJob(claimed.job.id);
    expect(job?.infoMessages).toEqual([
      'a notice',
      'Setting: /inputs/0/fileInput',
      'Found: no such key',
      'Remedy: Correct it.',
    ]);
    expect(job?.warningMessages).toEqual(['Also wrong: 1040 at /outputGroups/0: no']);
  });

  test('a waiting job is CANCELED at once, with its event, and is never claimed', async () => {
    const job = submission();
    await jobs.submitJob(job, null, job.createdAtMs);
    expect(await jobs.requestCancel(job.id, nowMs)).toEqual({ outcome: 'canceled' });
    expect(await jobs.findJob(job.id)).toMatchObject({
      status: 'CANCELED',
      finishTimeMs: nowMs,
      startTimeMs: null,
    });
    expect(await eventStatuses(database, job.id)).toEqual(['CANCELED']);
    expect(await claimTask(database.sql, { workerId: 'w', leaseMs: 1, nowMs, envelopeOf })).toBeNull();
    expect(await jobs.requestCancel(job.id, nowMs)).toEqual({
      outcome: 'refused',
      status: 'CANCELED',
      phase: null,
    });
  });

  test('an unknown job is not found', async () => {
    expect(await jobs.requestCancel('1700000000000-aaaaaa', nowMs)).toEqual({ outcome: 'not-found' });
  });

  test('a running job is told to stop, twice if need be, and is CANCELED when its worker has stopped', async () => {
    const claimed = await submitAndClaim();
    await enter(claimed, 'TRANSCODING');
    expect(await jobs.requestCancel(claimed.job.id, nowMs)).toEqual({ outcome: 'requested' });
    expect(await jobs.requestCancel(claimed.job.id, nowMs)).toEqual({ outcome: 'requested' });
    expect(await jobs.findJob(claimed.job.id)).toMatchObject({ status: 'PROGRESSING' });
    expect(await cancelAttempt(database.sql, claimed, reporting)).toBe('canceled');
    expect(await jobs.findJob(claimed.job.id)).toMatchObject({
      status: 'CANCELED',
      currentPhase: 'TRANSCODING',
    });
    expect(await eventStatuses(database, claimed.job.id)).toEqual(['PROGRESSING', 'CANCELED']);
  });

  test('the worker hears of it by notification', async () => {
    const claimed = await submitAndClaim();
    const listening = new AbortController();
    const heard = new Promise<string | null>((resolve) => {
      void database.listen(channels.cancelRequested, resolve, listening.signal).then(async () => {
        await jobs.requestCancel(claimed.job.id, nowMs);
      });
    });
    expect(await heard).toBe(String(claimed.taskId));
    listening.abort();
  });

  test('UPLOADING is too late', async () => {
    const claimed = await submitAndClaim();
    expect(await enter(claimed, 'UPLOADING')).toBe('stored');
    expect(await jobs.requestCancel(claimed.job.id, nowMs)).toEqual({
      outcome: 'refused',
      status: 'PROGRESSING',
      phase: 'UPLOADING',
    });
    expect(await completeAttempt(database.sql, claimed, completion, reporting)).toBe('complete');
  });

  test('an accepted cancel wins over UPLOADING, completion, failure, handing back and a dead worker', async () => {
    const endings: ((claimed: ClaimedTask) => Promise<unknown>)[] = [
      (claimed) => completeAttempt(database.sql, claimed, completion, reporting),
      (claimed) => failAttempt(database.sql, claimed, failure, reporting),
      (claimed) => releaseAttempt(database.sql, claimed, reporting),
    ];
    for (const end of endings) {
      const claimed = await submitAndClaim();
      await jobs.requestCancel(claimed.job.id, nowMs);
      expect(await enter(claimed, 'UPLOADING')).toBe('cancel-requested');
      expect(await end(claimed)).toBe('canceled');
      expect(await eventStatuses(database, claimed.job.id)).toEqual(['PROGRESSING', 'CANCELED']);
    }
    const orphan = await submitAndClaim(0);
    await jobs.requestCancel(orphan.job.id, nowMs);
    await expireLeases(database.sql, { errorCode: 1999, errorMessage: '' }, reporting);
    expect(await jobs.findJob(orphan.job.id)).toMatchObject({ status: 'CANCELED', retryCount: 0 });
  });

  test('a job between two attempts is CANCELED at once', async () => {
    const claimed = await submitAndClaim();
    await enter(claimed, 'UPLOADING');
    await failAttempt(database.sql, claimed, failure, reporting);
    expect(await jobs.requestCancel(claimed.job.id, nowMs)).toEqual({ outcome: 'canceled' });
  });

  test('cancel and claim at the same moment: canceled unclaimed, or claimed and told; never both, never neither', async () => {
    const second = await under.openSecond();
    for (let round = 0; round < 30; round += 1) {
      const job = submission();
      await jobs.submitJob(job, null, job.createdAtMs);
      const [claimed, cancel] = await Promise.all([
        claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf }),
        createJobRepository(second, envelopeOf).requestCancel(job.id, nowMs),
      ]);
      expect(cancel.outcome).toBe(claimed === null ? 'canceled' : 'requested');
      if (claimed !== null) await cancelAttempt(database.sql, claimed, reporting);
      expect(await jobs.findJob(job.id)).toMatchObject({ status: 'CANCELED' });
    }
    await second.close();
  });
});
