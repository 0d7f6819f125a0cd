/** Searches over jobs and asynchronous queries, on both databases. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository, JobSubmission } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { fileNameOf } from '../../src/database/search-keys.ts';
import type { JobConditionKey, JobSearchQuery } from '../../src/database/search-repository.ts';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { completeAttempt, failAttempt } from '../../src/database/statements/finish-attempt.ts';
import {
  claimJobsQuery,
  completeJobsQuery,
  failJobsQuery,
} from '../../src/database/statements/jobs-queries.ts';
import { createQueryRunner } from '../../src/queue/query-runner.ts';
import { createSignals } from '../queue/signals.ts';
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
import { storeManyJobs } from './many-jobs.ts';

const nowMs = startOfTimeMs + 9_000_000;

describeOnBoth('searches', (under) => {
  let database: Database;
  let jobs: JobRepository;
  beforeEach(async () => {
    database = under.database;
    await clear(database);
    await database.sql.deleteFrom('jobs_query').execute();
    jobs = createJobRepository(database, envelopeOf);
  });

  const submit = async (fileInput: string, changes: Partial<JobSubmission> = {}) => {
    const job = submission({ settings: { inputs: [{ fileInput }], outputGroups: [] }, ...changes });
    await jobs.submitJob(job, null, job.createdAtMs);
    return job.id;
  };
  const query = (
    conditions: Partial<Record<JobConditionKey, string | readonly string[]>>,
    changes: Partial<JobSearchQuery> = {},
  ): JobSearchQuery => ({
    conditions: Object.entries(conditions).map(([key, values]) => ({
      key: key as JobConditionKey,
      values: [values].flat(),
    })),
    order: 'ASCENDING',
    after: null,
    limit: 20,
    ...changes,
  });
  const found = async (...of: Parameters<typeof query>) =>
    (await jobs.searchJobs(query(...of))).map(({ id }) => id);
  const claim = async () => {
    const task = await claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs, envelopeOf });
    if (task === null) throw new Error('nothing waits');
    return task;
  };

  test('finds inputs by whole URL, by a part of the URL with a slash, and by a part of the name in any case', async () => {
    const film = await submit('s3://Media/films/Summer Clip_01.MP4');
    const other = await submit('s3://Media/films/winter.mov');
    const web = await submit('https://host/a/Clip.ts?token=a/b');
    for (const part of ['summer', 'Clip_0', 'MER CL', '_01.mp4', 'p_0'])
      expect(await found({ fileInput: part })).toEqual([film]);
    expect(await found({ fileInput: 'clip' })).toEqual([film, web]);
    expect(await found({ fileInput: 'films' })).toEqual([]);
    expect(await found({ fileInput: 'token' })).toEqual([]);
    expect(await found({ fileInput: '.m' })).toEqual([film, other]);
    expect(await found({ fileInput: 'films/w' })).toEqual([other]);
    expect(await found({ fileInput: 'Films/w' })).toEqual([]);
    expect(await found({ fileInput: 's3://Media/films/winter.mov' })).toEqual([other]);
    expect(await found({ fileInput: 's3://Media/films/winter' })).toEqual([]);
    expect(await found({ fileInput: 's3://media/films/winter.mov' })).toEqual([]);
    expect(await found({ fileInput: ['WINTER', 'https://host/a/Clip.ts?token=a/b'] })).toEqual([other, web]);
    // Not patterns: these are letters.
    for (const letters of ['s%r', 'C__p', "'; DROP TABLE job; --", '\\', '.*'])
      expect(await found({ fileInput: letters })).toEqual([]);
  });

  test('finds a rare name among many jobs, and the newest of a frequent one, page by page', async () => {
    const rare = await submit('s3://in/needle.mp4');
    await storeManyJobs(database, {
      count: 1500,
      firstMs: nowMs,
      fileInput: (number) => `s3://in/straw-${number}.mp4`,
    });
    const filled = await database.sql.selectFrom('job').select('id').where('id', '<>', rare).execute();
    expect(await found({ fileInput: 'needle' }, { order: 'DESCENDING' })).toEqual([rare]);
    expect(await found({ fileInput: 'eedl', status: 'SUBMITTED' }, { order: 'DESCENDING' })).toEqual([rare]);
    expect(await found({ fileInput: 'needle', status: 'COMPLETE' }, { order: 'DESCENDING' })).toEqual([]);
    expect(await found({ fileInput: 'ne' }, { order: 'DESCENDING' })).toEqual([rare]);
    expect(await found({ fileInput: 'in/needle' }, { order: 'DESCENDING' })).toEqual([rare]);
    const seen: string[] = [];
    for (let after: JobSearchQuery['after'] = null; ; ) {
      const page = await jobs.searchJobs(
        query({ fileInput: 'straw' }, { after, limit: 400, order: 'DESCENDING' }),
      );
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = { createdAtMs: last.createdAtMs, id: last.id };
    }
    expect(seen).toHaveLength(1500);
    expect(new Set(seen)).toEqual(new Set(filled.map(({ id }) => id)));
  });

  test('joins conditions by AND and their values by OR', async () => {
    await createQueue(database, 'other');
    const output = (video: string, audio: string) => ({
      outputs: [
        {
          videoDescription: { codecSettings: { codec: video } },
          audioDescriptions: [{ codecSettings: { codec: audio } }, {}],
        },
        { videoDescription: {} },
      ],
    });
    const settings = (video: string, audio: string) => ({
      inputs: [{ fileInput: 's3://in/a.mp4' }, { fileInput: 's3://in/b.mp4' }, {}],
      outputGroups: [output(video, audio), {}],
    });
    const avc = await submit('', { settings: settings('H_264', 'AAC'), jobEngineVersionToUse: '2026-11-01' });
    const hevc = await submit('', {
      settings: settings('H_265', 'AAC'),
      queueName: 'other',
      jobEngineVersionRequested: '2026-01-01',
    });
    const both = await submit('', {
      settings: { outputGroups: [output('H_264', 'AC3'), output('H_265', 'AC3')] },
    });
    expect(await found({ videoCodec: 'H_264' })).toEqual([avc, both]);
    expect(await found({ videoCodec: ['H_264', 'H_265'] })).toEqual([avc, hevc, both]);
    expect(await found({ videoCodec: 'H_265', audioCodec: 'AAC' })).toEqual([hevc]);
    const twice = [
      { key: 'videoCodec', values: ['H_264'] },
      { key: 'videoCodec', values: ['H_265'] },
    ] as const;
    expect((await jobs.searchJobs({ ...query({}), conditions: twice })).map(({ id }) => id)).toEqual([both]);
    expect(await found({ queue: ['other', 'none'] })).toEqual([hevc]);
    expect(await found({ fileInput: 'b.mp4', queue: 'Default' })).toEqual([avc]);
    expect(await found({ jobEngineVersionRequested: '2026-01-01' })).toEqual([hevc]);
    expect(await found({ jobEngineVersionUsed: '2026-11-01' })).toEqual([]);
    const first = await claim();
    expect(first.job).toMatchObject({ id: avc, jobEngineVersionUsed: '2026-11-01' });
    expect(await found({ jobEngineVersionUsed: '2026-11-01' })).toEqual([avc]);
    const failure = { errorCode: 1404, errorMessage: 'no', isRetriable: false, fault: null } as const;
    await failAttempt(database.sql, first, failure, reportingAt(nowMs));
    expect(await found({ errorCode: ['1404', '1040'] })).toEqual([avc]);
    expect(await found({ errorCode: '1040' })).toEqual([]);
    await completeAttempt(database.sql, await claim(), completion, reportingAt(nowMs));
    expect(await found({ status: ['COMPLETE', 'ERROR'] })).toHaveLength(2);
    expect(await found({}, { order: 'DESCENDING', limit: 2 })).toEqual([both, hevc]);
  });

  const start = (id: string, asked: JobSearchQuery, limit: number | null = null, expiresAtMs = nowMs + 1) =>
    jobs.startJobsQuery({ id, query: asked, createdAtMs: nowMs, expiresAtMs }, limit);

  test('a query is run as soon as it is stored, and its page knows whether there is another', async () => {
    const ids = [await submit('s3://in/1.mp4'), await submit('s3://in/2.mp4'), await submit('s3://in/3.mp4')];
    const ran = createSignals<string>();
    const runner = createQueryRunner({
      database,
      signal: new AbortController().signal,
      onRun: (id) => ran.emit(id),
    });
    await start('early', query({}, { limit: 2 }));
    await runner.start();
    expect(await ran.next()).toBe('early');
    const early = await jobs.findJobsQuery('early', nowMs);
    expect(early).toMatchObject({ status: 'COMPLETE', nextPlace: { id: ids[1] } });
    expect(early?.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    await start('late', query({ fileInput: '3.mp4' }, { order: 'DESCENDING' }));
    expect(await ran.next()).toBe('late');
    await runner.stop();
    await runner.stop();
    expect(await jobs.findJobsQuery('late', nowMs)).toMatchObject({
      status: 'COMPLETE',
      jobs: [{ id: ids[2] }],
      nextPlace: null,
    });
    expect(await jobs.findJobsQuery('late', nowMs + 1)).toBeNull();
    expect(await jobs.findJobsQuery('unknown', nowMs)).toBeNull();
  });

  test('open queries are limited, also when all are asked at once; finished ones do not count', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => start(`q${index}`, query({}), 10)),
    );
    expect(answers.filter((isStored) => isStored)).toHaveLength(10);
    expect(await start('more', query({}), 10)).toBe(false);
    const claimed = await claimJobsQuery(database.sql);
    expect(await start('more', query({}), 10)).toBe(false);
    await completeJobsQuery(database.sql, claimed?.id ?? '', [], null);
    expect(await start('more', query({}), 10)).toBe(true);
  });

  test('a query whose process died is run by another; one that cannot be run is an ERROR', async () => {
    await start('q', query({}));
    expect((await claimJobsQuery(database.sql))?.id).toBe('q');
    expect(await jobs.findJobsQuery('q', nowMs)).toMatchObject({ status: 'PROGRESSING' });
    expect(await claimJobsQuery(database.sql)).toBeNull();
    await database.sql
      .updateTable('jobs_query')
      .set({ lease_expires_at: new Date(0) })
      .execute();
    expect((await claimJobsQuery(database.sql))?.id).toBe('q');
    await failJobsQuery(database.sql, 'q');
    expect(await jobs.findJobsQuery('q', nowMs)).toMatchObject({ status: 'ERROR', jobs: [] });
    expect(await claimJobsQuery(database.sql)).toBeNull();
  });
});

describe('the name of a file', () => {
  test.each([
    ['s3://b/a/c d.mp4', 'c d.mp4'],
    ['s3://b/a?b.mp4', 'a?b.mp4'],
    ['https://h/x.mp4?a=/y', 'x.mp4'],
    ['s3://b/folder/', ''],
    ['', ''],
  ])('of %j is %j', (url, name) => expect(fileNameOf(url)).toBe(name));
});
