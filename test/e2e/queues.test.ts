/**
 * Queues as their users meet them: the real SDK against a running process, over restarts. Where minutes must pass,
 * the server is stopped and what it stored is made older.
 */
import path from 'node:path';
import {
  CreateJobCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetJobCommand,
  GetJobsQueryResultsCommand,
  GetQueueCommand,
  type HopDestination,
  MediaConvertClient,
  SearchJobsCommand,
  StartJobsQueryCommand,
  UpdateQueueCommand,
} from '@aws-sdk/client-mediaconvert';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { mp4Settings, prepareData, role } from './tiny-jobs.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let client: MediaConvertClient;
const start = async () => {
  server = await startServer(folder.path, '--slots', '1');
  client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
};
beforeAll(async () => {
  folder = await temporaryFolder();
  await prepareData(folder.path);
  await start();
}, 120_000);
afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

const createQueue = (Name: string, Status: 'ACTIVE' | 'PAUSED') =>
  client.send(new CreateQueueCommand({ Name, Status, ConcurrentJobs: 1 }));
const submit = async (Queue: string, ...HopDestinations: HopDestination[]) => {
  const Settings = mp4Settings(`s3://out/${Queue}-${HopDestinations[0]?.Queue ?? 'none'}`) as never;
  return (
    (await client.send(new CreateJobCommand({ Role: role, Queue, Settings, HopDestinations }))).Job?.Id ?? ''
  );
};
const job = async (Id: string) => (await client.send(new GetJobCommand({ Id }))).Job;
const arn = (name: string) => `arn:aws:mediaconvert:us-east-1:000000000000:queues/${name}`;

/** Stops the server, works on what it stored, and starts it again. */
async function betweenRuns(work: (database: Database) => Promise<void>): Promise<void> {
  client.destroy();
  expect(await server.stop()).toBe(0);
  const location = { dataFolder: path.join(folder.path, 'database') };
  const database = await openDatabase(location, new AbortController().signal);
  try {
    await work(database);
  } finally {
    await database.close();
  }
  await start();
}

test('jobs wait in a paused queue over a restart and run in order of priority when it is active again', async () => {
  await createQueue('slow', 'PAUSED');
  const ids = [await submit('slow'), await submit('slow')];
  const urgent = mp4Settings('s3://out/urgent') as never;
  const { Job } = await client.send(
    new CreateJobCommand({ Role: role, Queue: 'slow', Settings: urgent, Priority: 5 }),
  );
  await betweenRuns(async () => {});
  const { Queue } = await client.send(new GetQueueCommand({ Name: 'slow' }));
  expect(Queue).toMatchObject({ Status: 'PAUSED', SubmittedJobsCount: 3, ProgressingJobsCount: 0 });
  await client.send(new UpdateQueueCommand({ Name: 'slow', Status: 'ACTIVE' }));
  for (const id of [Job?.Id, ...ids]) await server.logged('attempt ended', (line) => line['jobId'] === id);
  const begun = server.log().filter((line) => line['msg'] === 'attempt begins');
  expect(begun.map((line) => line['jobId'])).toEqual([Job?.Id, ...ids]);
  expect(await job(ids[1] ?? '')).toMatchObject({ Status: 'COMPLETE' });
  await client.send(new DeleteQueueCommand({ Name: 'slow' }));
});

test('a job whose hop has lost its destination provokes 100000', async () => {
  for (const name of ['from', 'to', 'gone']) await createQueue(name, name === 'gone' ? 'ACTIVE' : 'PAUSED');
  const first = await submit('from');
  const hopping = await submit('from', { Queue: 'to', WaitMinutes: 1, Priority: 9 });
  const stranded = await submit('from', { Queue: arn('gone'), WaitMinutes: 1 });
  await client.send(new DeleteQueueCommand({ Name: 'gone' }));
  await betweenRuns(async ({ sql: db }) => {
    await sql`UPDATE task SET hop_at_ms = hop_at_ms - 60000`.execute(db);
  });
  expect(await job(hopping)).not.toHaveProperty('QueueTransitions');
  await client.send(new UpdateQueueCommand({ Name: 'from', Status: 'ACTIVE' }));
  expect(await job(hopping)).toMatchObject({
    Status: 'SUBMITTED',
    Queue: arn('from'),
    Priority: 0,
    QueueTransitions: [{ SourceQueue: arn('from'), DestinationQueue: arn('to') }],
  });
  expect(await job(stranded)).toMatchObject({ Warnings: [{ Code: 100000, Count: 1 }] });
  for (const id of [first, stranded]) await server.logged('attempt ended', (line) => line['jobId'] === id);
  expect(await job(stranded)).toMatchObject({ Status: 'COMPLETE', Warnings: [{ Code: 100000, Count: 1 }] });
  expect(await job(hopping)).toMatchObject({ Status: 'SUBMITTED' });
  await client.send(new UpdateQueueCommand({ Name: 'to', Status: 'ACTIVE' }));
  await server.logged('attempt ended', (line) => line['jobId'] === hopping);
  await betweenRuns(async ({ sql: db }) => {
    const rows = await db.selectFrom('event').select(['job_id', 'body']).orderBy('id').execute();
    const told = (id: string) => rows.filter((row) => row.job_id === id).map((row) => row.body.detail);
    expect(told(hopping)[0]).toMatchObject({
      status: 'QUEUE_HOP',
      queue: arn('to'),
      previousQueue: arn('from'),
      priority: 9,
      previousPriority: 0,
    });
    expect(told(hopping).at(-1)).toMatchObject({ status: 'COMPLETE', queue: arn('from') });
    expect(told(stranded)[0]).toMatchObject({ status: 'NEW_WARNING', warningCode: '100000' });
    expect(told(stranded).filter(({ status }) => status === 'NEW_WARNING')).toHaveLength(1);
  });
});

test('jobs of earlier runs are found by a part of their input’s name, now or by a query', async () => {
  const { Jobs } = await client.send(new SearchJobsCommand({ InputFile: 'CLIP', Status: 'COMPLETE' }));
  expect(Jobs).toHaveLength(6);
  const FilterList = [
    { Key: 'fileInput' as const, Values: ['clip.mp4'] },
    { Key: 'queue' as const, Values: [arn('slow')] },
  ];
  const { Id } = await client.send(new StartJobsQueryCommand({ FilterList }));
  let results = await client.send(new GetJobsQueryResultsCommand({ Id }));
  while (results.Status === 'SUBMITTED' || results.Status === 'PROGRESSING')
    results = await client.send(new GetJobsQueryResultsCommand({ Id }));
  expect(results).toMatchObject({ Status: 'COMPLETE' });
  expect(results.Jobs?.map(({ Queue }) => Queue)).toEqual([arn('slow'), arn('slow'), arn('slow')]);
});
