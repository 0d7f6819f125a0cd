import type { JobCursor, JobRecord } from '../database/job-repository.ts';
import { checkedRequest } from './checked-request.ts';
import { toJob } from './job-shape.ts';
import type { Operation } from './operation.ts';
import { fetchPage } from './page.ts';
import { readReference } from './resource-reference.ts';

/** ListJobs: newest first unless asked otherwise; a hopped job is listed under its submission queue (spec api.md 6.6). */
export const listJobs: Operation = async (input, context) => {
  const {
    queue,
    status = null,
    order = 'DESCENDING',
    maxResults,
    nextToken,
  } = checkedRequest('ListJobs', input);
  const queueName = queue === undefined ? null : readReference(queue, 'queues', context).name;
  // An ARN that can name no queue of ours has no jobs.
  if (queue !== undefined && queueName === null) return { jobs: [] };
  const { rows, nextToken: next } = await fetchPage<JobRecord, JobCursor>({
    scope: JSON.stringify(['ListJobs', queueName, status, order]),
    maxResults,
    nextToken,
    tokens: context.pageTokens,
    fetch: (after, limit) => context.repository.listJobs({ queueName, status, order, after, limit }),
    cursorOf: ({ createdAtMs, id }) => ({ createdAtMs, id }),
  });
  return {
    jobs: rows.map((record) => toJob(record, context.identity)),
    ...(next === undefined ? {} : { nextToken: next }),
  };
};
