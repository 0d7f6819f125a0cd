/** GetJob, ListJobs and CancelJob through the real SDK: what a client sees of jobs in every state. */
import {
  BadRequestException,
  CancelJobCommand,
  ConflictException,
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobCommand,
  type Job,
  ListJobsCommand,
  type MediaConvertClient,
  NotFoundException,
  paginateListJobs,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobPhase } from '../../src/database/job-repository.ts';
import { type ClaimedTask, claimTask } from '../../src/database/statements/claim-task.ts';
import {
  type CompletedOutput,
  cancelAttempt,
  completeAttempt,
  type Failure,
  failAttempt,
} from '../../src/database/statements/finish-attempt.ts';
import { recordProgress } from '../../src/database/statements/record-progress.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

async function submit(members: Partial<CreateJobCommandInput> = {}): Promise<string> {
  const { Job } = await client.send(
    new CreateJobCommand({ Role: role, Settings: mp4Settings(), ...members }),
  );
  return Job?.Id ?? '';
}

async function job(id: string): Promise<Partial<Job>> {
  return (await client.send(new GetJobCommand({ Id: id }))).Job ?? {};
}

const cancel = (id: string) => client.send(new CancelJobCommand({ Id: id }));

const reporting = () => ({ nowMs: Date.now(), envelopeOf: api.envelopeOf });

/** Claims the given job as a worker would; jobs of earlier tests are ended, so it is the only one that waits. */
async function claim(id: string): Promise<ClaimedTask> {
  const task = await claimTask(api.database.sql, { workerId: 'tester', leaseMs: 600_000, ...reporting() });
  expect(task?.job.id).toBe(id);
  if (task === null) throw new Error('nothing waits');
  return task;
}

const enter = (task: ClaimedTask, phase: JobPhase, percent: number) =>
  recordProgress(api.database.sql, task, { phase, percent, statusUpdate: null }, reporting());

const complete = (task: ClaimedTask) =>
  completeAttempt(
    api.database.sql,
    task,
    {
      outputs: [output(0, 2000, { widthPx: 1280, heightPx: 720 }), output(1, 2010, null)],
      infoMessages: [],
      accelerationStatus: 'NOT_APPLICABLE',
      body: () => ({ status: 'COMPLETE', outputGroupDetails: [], paddingInserted: 0, blackVideoDetected: 0 }),
    },
    reporting(),
  );

const output = (
  outputIndex: number,
  durationMs: number,
  video: CompletedOutput['video'],
): CompletedOutput => ({
  groupIndex: 0,
  outputIndex,
  durationMs,
  video,
  details: {},
  verdict: null,
});

const failure: Failure = {
  errorCode: 1404,
  errorMessage: 'Unable to open input file',
  isRetriable: false,
  fault: null,
};
const fail = (task: ClaimedTask) => failAttempt(api.database.sql, task, failure, reporting());

describe('GetJob', () => {
  conformance(
    'GetJob',
    'success',
    'shows a running and a completed job with the documented members',
    async () => {
      const id = await submit();
      const task = await claim(id);
      expect(await job(id)).toMatchObject({
        Status: 'PROGRESSING',
        CurrentPhase: 'PROBING',
        Timing: { StartTime: expect.any(Date) },
      });
      await enter(task, 'TRANSCODING', 42);
      const running = await job(id);
      expect(running).toMatchObject({ CurrentPhase: 'TRANSCODING', JobPercentComplete: 42 });
      expect(running).not.toHaveProperty('OutputGroupDetails');
      expect(running.Timing).not.toHaveProperty('FinishTime');
      await enter(task, 'UPLOADING', 91);
      await complete(task);
      const done = await job(id);
      expect(done).toMatchObject({
        Status: 'COMPLETE',
        CurrentPhase: 'UPLOADING',
        JobPercentComplete: 100,
        Timing: { FinishTime: expect.any(Date) },
      });
      expect(done.OutputGroupDetails).toEqual([
        {
          OutputDetails: [
            { DurationInMs: 2000, VideoDetails: { WidthInPx: 1280, HeightInPx: 720 } },
            { DurationInMs: 2010 },
          ],
        },
      ]);
      expect(done).not.toHaveProperty('ErrorCode');
    },
  );

  it('shows code and message of a failed job', async () => {
    const id = await submit();
    await fail(await claim(id));
    expect(await job(id)).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1404,
      ErrorMessage: 'Unable to open input file',
    });
  });

  conformance('GetJob', 'NotFoundException', 'an id that no job has', async () => {
    await expect(job('1671476818694-phptj0')).rejects.toBeInstanceOf(NotFoundException);
  });

  it.each([
    '1671476818694-phptj0',
    'no-job',
    '\u0000',
    '../../etc',
    'arn:aws:mediaconvert:us-east-1:000000000000:jobs/1671476818694-phptj0',
  ])('answers 404 or 400 for %j', async (id) => {
    const expected = id === '\u0000' ? BadRequestException : NotFoundException;
    await expect(job(id)).rejects.toBeInstanceOf(expected);
  });
});

describe('CancelJob', () => {
  conformance('CancelJob', 'success', 'cancels a waiting job at once', async () => {
    const id = await submit();
    expect((await cancel(id)).$metadata.httpStatusCode).toBe(202);
    expect(await job(id)).toMatchObject({ Status: 'CANCELED', Timing: { FinishTime: expect.any(Date) } });
  });

  it.each<JobPhase>(['PROBING', 'TRANSCODING'])(
    'is accepted in %s, repeatedly, and takes effect when the worker has stopped',
    async (phase) => {
      const id = await submit();
      const task = await claim(id);
      await enter(task, phase, 10);
      await cancel(id);
      expect((await cancel(id)).$metadata.httpStatusCode).toBe(202);
      expect(await enter(task, phase, 11)).toBe('cancel-requested');
      expect(await job(id)).toMatchObject({ Status: 'PROGRESSING' });
      await cancelAttempt(api.database.sql, task, reporting());
      expect(await job(id)).toMatchObject({ Status: 'CANCELED' });
    },
  );

  conformance(
    'CancelJob',
    'ConflictException',
    'is refused in UPLOADING and in terminal states',
    async () => {
      const id = await submit();
      const task = await claim(id);
      await enter(task, 'UPLOADING', 95);
      await expect(cancel(id)).rejects.toBeInstanceOf(ConflictException);
      await complete(task);
      await expect(cancel(id)).rejects.toThrow(`The job ${id} cannot be canceled: its status is COMPLETE.`);
      const canceled = await submit();
      await cancel(canceled);
      await expect(cancel(canceled)).rejects.toBeInstanceOf(ConflictException);
      const failed = await submit();
      await fail(await claim(failed));
      await expect(cancel(failed)).rejects.toBeInstanceOf(ConflictException);
    },
  );

  conformance('CancelJob', 'NotFoundException', 'an id that no job has', async () => {
    await expect(cancel('1671476818694-phptj0')).rejects.toThrow('jobId=1671476818694-phptj0');
    await expect(cancel('1671476818694-phptj0')).rejects.toBeInstanceOf(NotFoundException);
  });
});

describe('ListJobs', () => {
  conformance(
    'ListJobs',
    'pagination',
    'walks all pages in order, and neither repeats nor loses a job when others come and go meanwhile',
    async () => {
      const waiting: string[] = [];
      try {
        for (let index = 0; index < 9; index += 1) {
          // Three jobs to an instant: the id decides among them.
          api.clock.now = 2_000_000_000_000 + Math.floor(index / 3);
          waiting.push(await submit());
        }
        const expected = [...waiting].sort().reverse();
        const seen: string[] = [];
        for await (const page of paginateListJobs({ client, pageSize: 2 }, { Status: 'SUBMITTED' })) {
          seen.push(...(page.Jobs ?? []).map(({ Id }) => Id ?? ''));
          // Newer than the walk's place: must not push jobs onto the next page.
          api.clock.now = 2_000_000_001_000 + seen.length;
          await submit();
          if (seen.length === 4) await cancel(seen[3] ?? '');
        }
        expect(seen).toEqual(expected);
        const oldestFirst = await client.send(
          new ListJobsCommand({ Status: 'SUBMITTED', Order: 'ASCENDING', MaxResults: 3 }),
        );
        expect(oldestFirst.Jobs?.map(({ Id }) => Id)).toEqual(
          [...waiting]
            .sort()
            .filter((id) => id !== seen[3])
            .slice(0, 3),
        );
        expect(oldestFirst.Jobs?.[0]).toEqual(await job(oldestFirst.Jobs?.[0]?.Id ?? ''));
      } finally {
        api.clock.now = null;
      }
    },
  );

  conformance(
    'ListJobs',
    'success',
    'shows 20 jobs when no number is asked for, and all jobs of a queue by name or ARN',
    async () => {
      for (let index = 0; index < 21; index += 1) await submit();
      const page = await client.send(new ListJobsCommand({ Queue: 'Default' }));
      expect(page.Jobs).toHaveLength(20);
      const byArn = await client.send(
        new ListJobsCommand({ Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default' }),
      );
      expect(byArn.Jobs).toEqual(page.Jobs);
      expect((await client.send(new ListJobsCommand({ Queue: 'Other' }))).Jobs).toEqual([]);
    },
  );

  conformance(
    'ListJobs',
    'BadRequestException',
    'refuses tokens that are bent, of other filters, or of another list',
    async () => {
      const first = await client.send(new ListJobsCommand({ MaxResults: 1 }));
      const token = first.NextToken ?? '';
      const other = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
      for (const command of [
        new ListJobsCommand({ MaxResults: 1, NextToken: other }),
        new ListJobsCommand({ MaxResults: 1, NextToken: 'x' }),
        new ListJobsCommand({ MaxResults: 1, NextToken: token, Status: 'COMPLETE' }),
        new ListJobsCommand({ MaxResults: 1, NextToken: token, Order: 'ASCENDING' }),
      ]) {
        await expect(client.send(command)).rejects.toThrow('Invalid nextToken.');
      }
      expect((await client.send(new ListJobsCommand({ MaxResults: 2, NextToken: token }))).Jobs).toHaveLength(
        2,
      );
    },
  );

  it.each([
    [{ MaxResults: 21 }, '/maxResults: Should be less than or equal to 20'],
    [{ MaxResults: 0 }, '/maxResults: Should be greater than or equal to 1'],
    [
      { Status: 'RUNNING' as 'COMPLETE' },
      '/status: Should be equal to one of the allowed values in ["CANCELED","COMPLETE","ERROR","PROGRESSING","SUBMITTED"]',
    ],
  ])('refuses %j', async (filters, message) => {
    await expect(client.send(new ListJobsCommand(filters))).rejects.toThrow(message);
  });
});
