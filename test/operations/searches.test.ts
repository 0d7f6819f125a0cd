/** SearchJobs, StartJobsQuery, GetJobsQueryResults and ListVersions through the real SDK. */
import {
  BadRequestException,
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobCommand,
  GetJobsQueryResultsCommand,
  type JobsQueryFilter,
  ListVersionsCommand,
  type MediaConvertClient,
  NotFoundException,
  paginateListVersions,
  paginateSearchJobs,
  SearchJobsCommand,
  type SearchJobsCommandInput,
  StartJobsQueryCommand,
  type StartJobsQueryCommandInput,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { failAttempt } from '../../src/database/statements/finish-attempt.ts';
import { createQueryRunner, type QueryRunner } from '../../src/queue/query-runner.ts';
import { createSignals } from '../queue/signals.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
let runner: QueryRunner;
const ran = createSignals<string>();
beforeAll(async () => {
  api = await startApi();
  client = api.client();
  runner = createQueryRunner({
    database: api.database,
    signal: new AbortController().signal,
    onRun: ran.emit,
  });
  await runner.start();
});
beforeEach(async () => {
  api.clock.now = null;
  await api.database.sql.deleteFrom('job').execute();
});
afterAll(async () => {
  await runner.stop();
  await api[Symbol.asyncDispose]();
});

const submit = async (fileInput: string, members: Partial<CreateJobCommandInput> = {}) =>
  (await client.send(new CreateJobCommand({ Role: role, Settings: mp4Settings(fileInput), ...members }))).Job
    ?.Id ?? '';
/** Ids by creation: instants a second apart. */
const submitAll = async (count: number) => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    api.clock.now = 2_000_000_000_000 + index * 1000;
    ids.push(await submit(`s3://media/Take ${index}.mov`));
  }
  return ids;
};
const search = async (input: SearchJobsCommandInput) =>
  ((await client.send(new SearchJobsCommand(input))).Jobs ?? []).map(({ Id }) => Id);
const claim = async () => {
  const reporting = { nowMs: Date.now(), envelopeOf: api.envelopeOf };
  const task = await claimTask(api.database.sql, { workerId: 'w', leaseMs: 60_000, ...reporting });
  if (task === null) throw new Error('nothing waits');
  return { task, reporting };
};
/** Starts a query and fetches its page once it has run, as a polling client would in the end. */
const ask = async (input: StartJobsQueryCommandInput = {}) => {
  const { Id } = await client.send(new StartJobsQueryCommand(input));
  expect(await ran.next()).toBe(Id);
  return await client.send(new GetJobsQueryResultsCommand({ Id }));
};
const asked = async (...FilterList: JobsQueryFilter[]) =>
  ((await ask({ FilterList })).Jobs ?? []).map(({ Id }) => Id);

conformance(
  'SearchJobs',
  'success',
  'finds jobs by a part of an input’s name, newest first, and shows them whole',
  async () => {
    const [first, second] = await submitAll(2);
    await submit('s3://media/other.mov');
    expect(await search({ InputFile: 'take' })).toEqual([second, first]);
    expect(await search({ InputFile: 'TAKE', Order: 'ASCENDING' })).toEqual([first, second]);
    expect(await search({ InputFile: 's3://media/Take 1.mov' })).toEqual([second]);
    const { Jobs } = await client.send(new SearchJobsCommand({ InputFile: 'Take 0' }));
    expect(Jobs).toEqual([(await client.send(new GetJobCommand({ Id: first }))).Job]);
  },
);

conformance('SearchJobs', 'success', 'joins input, queue and status', async () => {
  const [first, second] = await submitAll(2);
  const { task, reporting } = await claim();
  const failure = { errorCode: 1404, errorMessage: 'no', isRetriable: false, fault: null } as const;
  await failAttempt(api.database.sql, task, failure, reporting);
  expect(await search({ InputFile: '.mov', Status: 'ERROR' })).toEqual([first]);
  expect(await search({ Status: 'SUBMITTED' })).toEqual([second]);
  const arn = (kind: string) => `arn:aws:mediaconvert:us-east-1:000000000000:${kind}/Default`;
  expect(await search({ Queue: arn('queues'), InputFile: '1.m' })).toEqual([second]);
  expect(await search({ Queue: arn('presets') })).toEqual([]);
  expect(await search({ Queue: 'Other' })).toEqual([]);
  expect(await search({})).toEqual([second, first]);
});

conformance(
  'SearchJobs',
  'pagination',
  'neither repeats nor loses a job when others come meanwhile',
  async () => {
    const ids = await submitAll(7);
    const seen: (string | undefined)[] = [];
    for await (const page of paginateSearchJobs({ client, pageSize: 2 }, { InputFile: 'take' })) {
      seen.push(...(page.Jobs ?? []).map(({ Id }) => Id));
      api.clock.now = 2_000_000_100_000 + seen.length;
      await submit('s3://media/take-new.mov');
    }
    expect(seen).toEqual(ids.toReversed());
  },
);

conformance(
  'SearchJobs',
  'BadRequestException',
  'tokens of other filters, and values out of range',
  async () => {
    await submitAll(2);
    const { NextToken } = await client.send(new SearchJobsCommand({ InputFile: 'take', MaxResults: 1 }));
    for (const input of [
      { NextToken, InputFile: 'other' },
      { NextToken, InputFile: 'take', Order: 'ASCENDING' },
      { MaxResults: 21 },
      { InputFile: 'x'.repeat(301) },
      { Status: 'DONE' as 'ERROR' },
    ] as const)
      await expect(search(input), JSON.stringify(input)).rejects.toBeInstanceOf(BadRequestException);
  },
);

conformance('StartJobsQuery', 'success', 'finds jobs by every kind of filter', async () => {
  const [first, second] = await submitAll(2);
  api.clock.now = 2_000_000_009_000;
  const old = await submit('s3://media/old.mp4', { JobEngineVersion: '2024-05-01' });
  const { task, reporting } = await claim();
  const failure = { errorCode: 1404, errorMessage: 'no', isRetriable: false, fault: null } as const;
  expect(task.job.id).toBe(first);
  await failAttempt(api.database.sql, task, failure, reporting);
  expect(await asked()).toEqual([old, second, first]);
  expect(await asked({ Key: 'errorCode', Values: ['1040', '1404'] })).toEqual([first]);
  expect(await asked({ Key: 'status', Values: ['ERROR', 'COMPLETE'] })).toEqual([first]);
  expect(
    await asked({ Key: 'queue', Values: ['Default'] }, { Key: 'fileInput', Values: ['take 1', 'OLD'] }),
  ).toEqual([old, second]);
  expect(await asked({ Key: 'videoCodec', Values: ['H_265'] })).toEqual([]);
  expect(
    await asked({ Key: 'audioCodec', Values: ['AAC'] }, { Key: 'videoCodec', Values: ['H_264'] }),
  ).toHaveLength(3);
  expect(await asked({ Key: 'jobEngineVersionRequested', Values: ['2024-05-01'] })).toEqual([old]);
  expect(await asked({ Key: 'jobEngineVersionUsed', Values: ['2024-05-01'] })).toEqual([]);
});

conformance(
  'GetJobsQueryResults',
  'success',
  'shows the status first, then jobs as GetJob does',
  async () => {
    const [id] = await submitAll(1);
    await runner.stop();
    const { Id } = await client.send(new StartJobsQueryCommand({ Order: 'ASCENDING' }));
    const waiting = await client.send(new GetJobsQueryResultsCommand({ Id }));
    expect(waiting).toMatchObject({ Status: 'SUBMITTED' });
    expect(waiting).not.toHaveProperty('Jobs');
    runner = createQueryRunner({
      database: api.database,
      signal: new AbortController().signal,
      onRun: ran.emit,
    });
    await runner.start();
    await ran.next();
    const done = await client.send(new GetJobsQueryResultsCommand({ Id }));
    expect(done.Jobs).toEqual([(await client.send(new GetJobCommand({ Id: id }))).Job]);
    expect(done).not.toHaveProperty('NextToken');
  },
);

conformance(
  'GetJobsQueryResults',
  'pagination',
  'its token begins the next page in a query of its own',
  async () => {
    const ids = await submitAll(5);
    const FilterList: JobsQueryFilter[] = [
      { Key: 'fileInput', Values: ['take'] },
      { Key: 'status', Values: ['SUBMITTED', 'COMPLETE'] },
    ];
    const seen: (string | undefined)[] = [];
    for (let NextToken: string | undefined; ; ) {
      const page = await ask({ FilterList, MaxResults: 2, NextToken });
      seen.push(...(page.Jobs ?? []).map(({ Id }) => Id));
      api.clock.now = 2_000_000_100_000 + seen.length;
      await submit('s3://media/take-new.mov');
      NextToken = page.NextToken;
      if (NextToken === undefined) break;
      const bent = client.send(new StartJobsQueryCommand({ FilterList: [], NextToken }));
      await expect(bent).rejects.toThrow('Invalid nextToken.');
    }
    expect(seen).toEqual(ids.toReversed());
  },
);

conformance('StartJobsQuery', 'BadRequestException', 'names each filter that can find nothing', async () => {
  const refused = (...FilterList: JobsQueryFilter[]) =>
    client.send(new StartJobsQueryCommand({ FilterList }));
  for (const [filter, message] of [
    [
      { Key: 'status', Values: ['COMPLETE', 'DONE'] },
      '/filterList/0/values/1: Should be equal to one of the allowed',
    ],
    [{ Key: 'videoCodec', Values: ['AVC'] }, '/filterList/0/values/0: Should be equal to one of the allowed'],
    [{ Key: 'audioCodec', Values: ['aac'] }, '/filterList/0/values/0: Should be equal to one of the allowed'],
    [{ Key: 'errorCode', Values: ['none'] }, '/filterList/0/values/0: Should be a job error code'],
    [
      { Key: 'jobEngineVersionUsed', Values: ['new'] },
      '/filterList/0/values/0: Is not a valid job engine version',
    ],
    [{ Key: 'fileInput', Values: [] }, '/filterList/0: values is a required property'],
    [{ Values: ['x'] }, '/filterList/0: key is a required property'],
    [{ Key: 'owner' as 'queue', Values: ['x'] }, '/filterList/0/key: Should be equal to one of the allowed'],
    [{ Key: 'fileInput', Values: ['x'.repeat(101)] }, '/filterList/0/values/0: '],
  ] as const satisfies readonly (readonly [JobsQueryFilter, string])[]) {
    await expect(refused(filter as JobsQueryFilter), message).rejects.toThrow(message);
    await expect(refused(filter as JobsQueryFilter)).rejects.toBeInstanceOf(BadRequestException);
  }
});

conformance(
  'GetJobsQueryResults',
  'NotFoundException',
  'an id that no query has, and results past their hour',
  async () => {
    const fetch = (Id: string | undefined) => client.send(new GetJobsQueryResultsCommand({ Id }));
    await expect(fetch('nothing')).rejects.toBeInstanceOf(NotFoundException);
    const { Id } = await client.send(new StartJobsQueryCommand({}));
    await ran.next();
    api.clock.now = Date.now() + 3_700_000;
    await expect(fetch(Id)).rejects.toBeInstanceOf(NotFoundException);
  },
);

conformance('ListVersions', 'success', 'names the versions jobs can ask for, with their end', async () => {
  const { Versions } = await client.send(new ListVersionsCommand({}));
  expect(Versions).toEqual([{ Version: '2026-11-01', ExpirationDate: new Date('2028-11-01T00:00:00Z') }]);
});

conformance('ListVersions', 'pagination', 'the one page has no token', async () => {
  let pages = 0;
  for await (const page of paginateListVersions({ client, pageSize: 1 }, {})) {
    pages += 1;
    expect(page).not.toHaveProperty('NextToken');
  }
  expect(pages).toBe(1);
});

conformance('ListVersions', 'BadRequestException', 'a token it did not give', async () => {
  const bent = client.send(new ListVersionsCommand({ NextToken: 'x' }));
  await expect(bent).rejects.toBeInstanceOf(BadRequestException);
});

conformance(
  'CreateJob',
  'success',
  'asked for a version that has expired, runs as if none had been asked for',
  async () => {
    const known = await submit('s3://media/a.mp4', { JobEngineVersion: '2026-11-01' });
    api.clock.now = Date.parse('2028-11-01T00:00:00Z');
    const expired = await submit('s3://media/a.mp4', { JobEngineVersion: '2026-11-01' });
    const get = async (Id: string) => (await client.send(new GetJobCommand({ Id }))).Job;
    expect(await get(known)).not.toHaveProperty('JobEngineVersionUsed');
    await claim();
    await claim();
    expect(await get(known)).toMatchObject({
      JobEngineVersionRequested: '2026-11-01',
      JobEngineVersionUsed: '2026-11-01',
    });
    expect(await get(expired)).toMatchObject({
      JobEngineVersionRequested: '2026-11-01',
      Messages: { Info: [expect.stringContaining('has expired')] },
    });
    expect(await get(expired)).not.toHaveProperty('JobEngineVersionUsed');
  },
);

conformance('CreateJob', 'BadRequestException', 'a job engine version that never was', async () => {
  for (const JobEngineVersion of ['newest', '2026-13-01', '2999-01-01'])
    await expect(submit('s3://media/a.mp4', { JobEngineVersion })).rejects.toThrow(
      '/jobEngineVersion: Is not a valid job engine version',
    );
  expect(await search({})).toEqual([]);
});
