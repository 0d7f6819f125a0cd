import { afterEach, beforeEach, expect, test } from 'vitest';
import { jobFault } from '../../src/catalogue/fault.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import type { ClaimedTask } from '../../src/database/statements/claim-task.ts';
import {
  type AttemptControls,
  type AttemptEnd,
  type AttemptOutcome,
  AttemptStopped,
  type RunAttempt,
} from '../../src/queue/attempt.ts';
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../src/queue/dispatcher.ts';
import { describeOnBoth } from '../database/implementations.ts';
import { clear, completion, createQueue, envelopeOf, eventStatuses, submission } from '../database/jobs.ts';
import { createSignals } from './signals.ts';

/** No round within a test: what happens, happens by notification. */
const noRounds = 3_600_000;
const complete: AttemptEnd = { status: 'COMPLETE', completion };

describeOnBoth('a dispatcher', (under) => {
  let database: Database;
  let jobs: JobRepository;
  const dispatchers: Dispatcher[] = [];
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    jobs = createJobRepository(database, envelopeOf);
  });
  afterEach(async () => {
    await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
  });

  const submit = async (changes: Partial<JobSubmission> = {}) => {
    const job = submission(changes);
    await jobs.submitJob(job, null, job.createdAtMs);
    return job.id;
  };
  /** A dispatcher that tells when an attempt began and how it ended. */
  const dispatch = (runAttempt: RunAttempt, changes: Partial<DispatcherOptions> = {}) => {
    const began = createSignals<{ claimed: ClaimedTask; controls: AttemptControls }>();
    const ended = createSignals<{ id: string; outcome: AttemptOutcome }>();
    const troubles: Error[] = [];
    const dispatcher = createDispatcher({
      database,
      slots: 2,
      runAttempt: (claimed, controls) => {
        began.emit({ claimed, controls });
        return runAttempt(claimed, controls);
      },
      envelopeOf,
      signal: new AbortController().signal,
      roundMs: noRounds,
      onTrouble: (error) => troubles.push(error),
      onAttemptEnded: ({ job }, outcome) => ended.emit({ id: job.id, outcome }),
      ...changes,
    });
    dispatchers.push(dispatcher);
    return { dispatcher, began, ended, troubles };
  };
  /** An attempt that works until it is told to stop. */
  const untilStopped: RunAttempt = (_claimed, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ status: 'STOPPED' }), { once: true });
    });
  const whyStopped = ({ signal }: AttemptControls) => (signal.reason as AttemptStopped).why;

  test('runs waiting jobs at start and new ones when they are submitted', async () => {
    const waiting = await submit();
    const { dispatcher, ended } = dispatch(async () => complete);
    await dispatcher.start();
    expect(await ended.next()).toEqual({ id: waiting, outcome: 'complete' });
    const submitted = await submit();
    expect(await ended.next()).toEqual({ id: submitted, outcome: 'complete' });
    expect(await jobs.findJob(submitted)).toMatchObject({ status: 'COMPLETE' });
    expect(await jobs.findQueue('Default')).toMatchObject({ concurrentJobs: 2 });
  });

  test('never runs more attempts than slots, nor more jobs of a queue than its own', async () => {
    await createQueue(database, 'narrow', { concurrentJobs: 1 });
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const { dispatcher, ended } = dispatch(
      async ({ job }, { recordProgress }) => {
        for (const name of ['all', job.queueName]) {
          const now = (running.get(name) ?? 0) + 1;
          running.set(name, now);
          most.set(name, Math.max(most.get(name) ?? 0, now));
        }
        await recordProgress({ phase: 'UPLOADING', percent: 90, statusUpdate: null });
        for (const name of ['all', job.queueName]) running.set(name, (running.get(name) ?? 0) - 1);
        return complete;
      },
      { slots: 3 },
    );
    await dispatcher.start();
    const ids = [];
    for (let number = 0; number < 24; number += 1) {
      ids.push(await submit({ queueName: number % 2 === 0 ? 'narrow' : 'Default' }));
    }
    const done = [];
    while (done.length < ids.length) done.push((await ended.next()).id);
    expect(done.toSorted()).toEqual(ids.toSorted());
    expect(most.get('all')).toBeLessThanOrEqual(3);
    expect(most.get('narrow')).toBe(1);
  });

  test('stops an attempt whose job is canceled, and the job is CANCELED', async () => {
    const id = await submit();
    const { dispatcher, began, ended } = dispatch(untilStopped);
    await dispatcher.start();
    const { controls } = await began.next();
    expect(await jobs.requestCancel(id, 1)).toEqual({ outcome: 'requested' });
    expect(await ended.next()).toEqual({ id, outcome: 'canceled' });
    expect(controls.signal.reason).toBeInstanceOf(AttemptStopped);
    expect(whyStopped(controls)).toBe('canceled');
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'CANCELED']);
  });

  test('a cancel that only a report sees stops the attempt too', async () => {
    const id = await submit();
    const { dispatcher, ended } = dispatch(async (_claimed, controls) => {
      await database.sql
        .updateTable('task')
        .set({ cancel_requested: true })
        .where('job_id', '=', id)
        .execute();
      expect(await controls.recordProgress({ phase: 'UPLOADING', percent: 1, statusUpdate: null })).toBe(
        false,
      );
      expect(whyStopped(controls)).toBe('canceled');
      throw new Error('an effect of stopping');
    });
    await dispatcher.start();
    expect(await ended.next()).toEqual({ id, outcome: 'canceled' });
  });

  test('stores reports in the order they were made, awaited or not', async () => {
    const id = await submit();
    const { dispatcher, ended } = dispatch(async (_claimed, controls) => {
      void controls.recordEvent({ status: 'INPUT_INFORMATION', inputDetails: [] });
      for (let percent = 0; percent < 20; percent += 1) {
        void controls.recordProgress({
          phase: percent < 10 ? 'PROBING' : 'TRANSCODING',
          percent,
          statusUpdate: null,
        });
      }
      void controls.recordWarning({ code: 270000, count: 1, message: 'slow' });
      return complete;
    });
    await dispatcher.start();
    await ended.next();
    expect(await jobs.findJob(id)).toMatchObject({ status: 'COMPLETE', currentPhase: 'TRANSCODING' });
    expect(await eventStatuses(database, id)).toEqual([
      'PROGRESSING',
      'INPUT_INFORMATION',
      'NEW_WARNING',
      'COMPLETE',
    ]);
  });

  test('stopping hands running tasks back without spending an attempt, and another worker finishes them', async () => {
    const id = await submit();
    const first = dispatch(untilStopped);
    await first.dispatcher.start();
    const { controls } = await first.began.next();
    await first.dispatcher.stop();
    expect(whyStopped(controls)).toBe('stopping');
    expect(await first.ended.next()).toEqual({ id, outcome: 'released' });
    expect(await jobs.findJob(id)).toMatchObject({ status: 'PROGRESSING', retryCount: 0 });
    const second = dispatch(async () => complete);
    await second.dispatcher.start();
    expect(await second.ended.next()).toEqual({ id, outcome: 'complete' });
    expect(await jobs.findJob(id)).toMatchObject({ status: 'COMPLETE', retryCount: 0 });
  });

  test('stopping with grace lets attempts end by themselves and claims nothing more', async () => {
    const id = await submit();
    let finish = (_end: AttemptEnd) => {};
    const { dispatcher, began, ended } = dispatch(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    await dispatcher.start();
    const { controls } = await began.next();
    const stopped = dispatcher.stop(60_000);
    const late = await submit();
    finish(complete);
    await stopped;
    expect(controls.signal.aborted).toBe(false);
    expect(await ended.next()).toEqual({ id, outcome: 'complete' });
    expect(await jobs.findJob(late)).toMatchObject({ status: 'SUBMITTED' });
  });

  test('tolerates being stopped before it started, and twice; its signal stops it', async () => {
    const { dispatcher: never } = dispatch(untilStopped);
    await never.stop();
    await never.stop();
    const stopping = new AbortController();
    const { dispatcher, began, ended } = dispatch(untilStopped, { signal: stopping.signal });
    await submit();
    await dispatcher.start();
    await began.next();
    stopping.abort();
    expect(await ended.next()).toMatchObject({ outcome: 'released' });
    await dispatcher.stop();
    expect(dispatcher.runningCount).toBe(0);
  });

  test('tries environment faults again within the bound and keeps the job PROGRESSING meanwhile', async () => {
    const id = await submit();
    const seen: unknown[] = [];
    const { dispatcher, ended } = dispatch(async ({ job, retryCount }) => {
      seen.push([job.status, retryCount, job.retryCount]);
      throw jobFault(1999, 'unknown', {});
    });
    await dispatcher.start();
    expect(await ended.next()).toEqual({ id, outcome: 'retrying' });
    expect(await ended.next()).toEqual({ id, outcome: 'retrying' });
    expect(await ended.next()).toEqual({ id, outcome: 'failed' });
    expect(seen).toEqual([0, 1, 2].map((retries) => ['PROGRESSING', retries, retries]));
    expect(await jobs.findJob(id)).toMatchObject({ status: 'ERROR', errorCode: 1999, retryCount: 2 });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'ERROR']);
  });

  test('a fault of the user is final; a bug of ours is told and ends as 1999', async () => {
    const settings = await submit();
    const { dispatcher, ended, troubles } = dispatch(async ({ job }) => {
      if (job.id === settings) {
        return {
          status: 'ERROR',
          failure: { errorCode: 1040, errorMessage: 'no', isRetriable: false, fault: null },
        };
      }
      throw new TypeError('undefined is not a function');
    });
    await dispatcher.start();
    expect(await ended.next()).toEqual({ id: settings, outcome: 'failed' });
    const bug = await submit();
    for (const outcome of ['retrying', 'retrying', 'failed'])
      expect(await ended.next()).toEqual({ id: bug, outcome });
    expect(troubles.map(({ message }) => message)).toEqual(Array(3).fill('undefined is not a function'));
    expect(await jobs.findJob(bug)).toMatchObject({ errorCode: 1999, errorMessage: 'Unknown error' });
  });

  test('a lost lease aborts the attempt, and nothing of it is stored', async () => {
    const id = await submit();
    const { dispatcher, began, ended } = dispatch(untilStopped, { slots: 1, leaseMs: 3_600_000, roundMs: 5 });
    await dispatcher.start();
    const { controls } = await began.next();
    // As another worker's sweep would after this one fell silent.
    await database.sql
      .updateTable('task')
      .set({ state: 'READY', lease_worker: null, lease_expires_at: null, spent_attempts: 1 })
      .execute();
    expect(await ended.next()).toEqual({ id, outcome: 'abandoned' });
    expect(whyStopped(controls)).toBe('lease-lost');
    const { claimed } = await began.next();
    expect(claimed).toMatchObject({ attempt: 2, retryCount: 1 });
  });

  test('takes over the tasks of a worker that died', async () => {
    const id = await submit();
    const dead = dispatch(untilStopped, { slots: 1, leaseMs: 0, workerId: 'dead' });
    await dead.dispatcher.start();
    await dead.began.next();
    const alive = dispatch(async () => complete);
    await alive.dispatcher.start();
    expect(await alive.ended.next()).toEqual({ id, outcome: 'complete' });
    expect(await jobs.findJob(id)).toMatchObject({ retryCount: 1 });
  });

  test('in its rounds waiting jobs hop when their time has come, and run where they went', async () => {
    await createQueue(database, 'blocked', { concurrentJobs: 1 });
    const blocking = await submit({ queueName: 'blocked' });
    const { dispatcher, began } = dispatch(untilStopped, { roundMs: 5 });
    await dispatcher.start();
    expect((await began.next()).claimed.job.id).toBe(blocking);
    const hopDestinations = [{ queueName: 'Default', waitMinutes: 1, priority: null }];
    const waiting = await submit({ queueName: 'blocked', hopDestinations });
    expect((await began.next()).claimed.job.id).toBe(waiting);
    expect(await eventStatuses(database, waiting)).toEqual(['QUEUE_HOP', 'PROGRESSING']);
    expect(await jobs.findJob(waiting)).toMatchObject({
      queueName: 'blocked',
      queueTransitions: [{ sourceQueueName: 'blocked', destinationQueueName: 'Default' }],
    });
  });

  test('in its rounds jobs end that wait for their next attempt beyond the time limit', async () => {
    await createQueue(database, 'slow');
    const id = await submit({ queueName: 'slow' });
    const first = dispatch(untilStopped);
    await first.dispatcher.start();
    await first.began.next();
    await jobs.updateQueue('slow', () => ({ status: 'PAUSED' }), 1);
    await first.dispatcher.stop();
    const hours = (count: number) => () => Date.now() + count * 3_600_000;
    const early = dispatch(untilStopped, { now: hours(47) });
    await early.dispatcher.start();
    expect(await jobs.findJob(id)).toMatchObject({ status: 'PROGRESSING' });
    const late = dispatch(untilStopped, { now: hours(49) });
    await late.dispatcher.start();
    expect(await jobs.findJob(id)).toMatchObject({ status: 'ERROR', errorCode: 1522 });
    expect(await eventStatuses(database, id)).toEqual(['PROGRESSING', 'ERROR']);
  });

  test('an end is stored although the connections broke under it', async (context) => {
    const id = await submit();
    let broke = true;
    const { dispatcher, ended } = dispatch(async (_claimed, controls) => {
      broke = await under.breakConnections();
      await controls.recordProgress({ phase: 'TRANSCODING', percent: 50, statusUpdate: null });
      return complete;
    });
    await dispatcher.start();
    expect(await ended.next()).toEqual({ id, outcome: 'complete' });
    if (!broke) context.skip('the embedded engine has no connections to break');
  });
});
