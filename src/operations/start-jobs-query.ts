import { randomUUID } from 'node:crypto';
import type { JobCursor, SortOrder } from '../database/job-repository.ts';
import type { JobCondition } from '../database/search-repository.ts';
import { apiFault, validationFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { readFilters } from './jobs-query-filters.ts';
import type { Operation, PageTokens } from './operation.ts';
import { defaultPageSize, openPageToken } from './page.ts';

/** How long a query and its page can be fetched. The service documents no time; pages are polled for within minutes. */
export const jobsQueryLifeMs = 3_600_000;

/**
 * StartJobsQuery: asks now, to be fetched with GetJobsQueryResults (spec api.md 6.6). The next page is another query
 * with the same filters, the same order and the token.
 */
export const startJobsQuery: Operation = async (input, context) => {
  const {
    filterList = [],
    order = 'DESCENDING',
    maxResults,
    nextToken,
  } = checkedRequest('StartJobsQuery', input);
  const { conditions, findings } = readFilters(filterList, context);
  if (findings.length > 0) throw validationFault(findings);
  const { pageTokens, repository, now, quotas } = context;
  const after = openPageToken<JobCursor>(pageTokens, queryScope(conditions, order), nextToken);
  const createdAtMs = now();
  const id = randomUUID();
  const query = { conditions, order, after, limit: maxResults ?? defaultPageSize };
  const isStored = await repository.startJobsQuery(
    { id, query, createdAtMs, expiresAtMs: createdAtMs + jobsQueryLifeMs },
    quotas?.jobsQueries ?? null,
  );
  if (!isStored)
    throw apiFault(
      'TooManyRequestsException',
      'Too many jobs queries are in progress.',
      'fetch the results of those under way before starting another',
    );
  return { id };
};

/** The token of the page behind `place`, for the next StartJobsQuery. */
export function sealNextQuery(
  tokens: PageTokens,
  { conditions, order }: { readonly conditions: readonly JobCondition[]; readonly order: SortOrder },
  place: JobCursor,
): string {
  return tokens.seal(queryScope(conditions, order), place);
}

/** Filters may come in any order. */
function queryScope(conditions: readonly JobCondition[], order: SortOrder): string {
  const filters = conditions.map(({ key, values }) => JSON.stringify([key, values.toSorted()])).toSorted();
  return JSON.stringify(['StartJobsQuery', filters, order]);
}
