import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { toJob } from './job-shape.ts';
import type { Operation } from './operation.ts';
import { sealNextQuery } from './start-jobs-query.ts';

/** GetJobsQueryResults: the status of a query, and its page once it is COMPLETE. 404 for unknown and expired ids. */
export const getJobsQueryResults: Operation = async (input, { repository, identity, pageTokens, now }) => {
  const { id } = checkedRequest('GetJobsQueryResults', input);
  const record = await repository.findJobsQuery(id, now());
  if (record === null)
    throw apiFault(
      'NotFoundException',
      `The specified jobs query was not found: id=${id}.`,
      'results are kept for an hour: start the query again',
    );
  const { status, query, jobs, nextPlace } = record;
  if (status !== 'COMPLETE') return { status };
  return {
    status,
    jobs: jobs.map((job) => toJob(job, identity)),
    ...(nextPlace === null ? {} : { nextToken: sealNextQuery(pageTokens, query, nextPlace) }),
  };
};
