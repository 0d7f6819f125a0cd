import type { JobCursor, JobRecord } from '../database/job-repository.ts';
import type { JobCondition } from '../database/search-repository.ts';
import { checkedRequest } from './checked-request.ts';
import { toJob } from './job-shape.ts';
import type { Operation } from './operation.ts';
import { fetchPage } from './page.ts';
import { readReference } from './resource-reference.ts';

/**
 * SearchJobs: as ListJobs, and by input (spec api.md 6.6): a whole URL, a part of a URL that has a slash, or a part of
 * a file name, in which upper and lower case are one. `order` is that of creation, newest first unless asked otherwise.
 */
export const searchJobs: Operation = async (input, context) => {
  const request = checkedRequest('SearchJobs', input);
  const { inputFile, status, order = 'DESCENDING', maxResults, nextToken } = request;
  const queue =
    request.queue === undefined ? undefined : readReference(request.queue, 'queues', context).name;
  // An ARN that can name no queue of ours has no jobs.
  if (queue === null) return { jobs: [] };
  const conditions: JobCondition[] = [
    ...condition('queue', queue),
    ...condition('status', status),
    ...condition('fileInput', inputFile),
  ];
  const { rows, nextToken: next } = await fetchPage<JobRecord, JobCursor>({
    scope: JSON.stringify(['SearchJobs', conditions, order]),
    maxResults,
    nextToken,
    tokens: context.pageTokens,
    fetch: (after, limit) => context.repository.searchJobs({ conditions, order, after, limit }),
    cursorOf: ({ createdAtMs, id }) => ({ createdAtMs, id }),
  });
  return {
    jobs: rows.map((record) => toJob(record, context.identity)),
    ...(next === undefined ? {} : { nextToken: next }),
  };
};

function condition(key: JobCondition['key'], value: string | undefined): readonly JobCondition[] {
  return value === undefined ? [] : [{ key, values: [value] }];
}
