import { checkedRequest } from './checked-request.ts';
import { type JobEngineVersionEntry, jobEngineVersions } from './job-engine-versions.table.ts';
import { toEpochSeconds } from './job-shape.ts';
import type { Operation } from './operation.ts';
import { fetchPage } from './page.ts';

/** ListVersions: the job engine versions of this release, newest first (spec api.md 14). */
export const listVersions: Operation = async (input, { pageTokens }) => {
  const { maxResults, nextToken } = checkedRequest('ListVersions', input);
  const { rows, nextToken: next } = await fetchPage<JobEngineVersionEntry, { readonly version: string }>({
    scope: JSON.stringify(['ListVersions']),
    maxResults,
    nextToken,
    tokens: pageTokens,
    fetch: async (after, limit) =>
      jobEngineVersions.filter(({ version }) => after === null || version < after.version).slice(0, limit),
    cursorOf: ({ version }) => ({ version }),
  });
  return {
    versions: rows.map(({ version, expiresAtMs }) => ({
      version,
      expirationDate: toEpochSeconds(expiresAtMs),
    })),
    ...(next === undefined ? {} : { nextToken: next }),
  };
};
