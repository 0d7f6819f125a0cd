import type { QueueCursor, QueueRecord } from '../database/queue-repository.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';
import { fetchPage } from './page.ts';
import { toQueue } from './queue-shape.ts';

/** ListQueues: by creation date, oldest first, unless asked otherwise (spec api.md 5). */
export const listQueues: Operation = async (input, context) => {
  const {
    listBy = 'CREATION_DATE',
    order = 'ASCENDING',
    maxResults,
    nextToken,
  } = checkedRequest('ListQueues', input);
  const { rows, nextToken: next } = await fetchPage<QueueRecord, QueueCursor>({
    scope: JSON.stringify(['ListQueues', listBy, order]),
    maxResults,
    nextToken,
    tokens: context.pageTokens,
    fetch: (after, limit) => context.repository.listQueues({ listBy, order, after, limit }),
    cursorOf: ({ createdAtMs, name }) => ({ createdAtMs, name }),
  });
  const allocated = await context.repository.allocatedConcurrentJobs();
  return {
    queues: rows.map((record) => toQueue(record, context.identity, context.now())),
    totalConcurrentJobs: context.accountConcurrentJobs,
    unallocatedConcurrentJobs: Math.max(0, context.accountConcurrentJobs - allocated),
    ...(next === undefined ? {} : { nextToken: next }),
  };
};
