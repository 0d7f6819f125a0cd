/** Pages of lists: size, token, and the row a page ends with (spec api.md 5). */
import { apiFault } from './api-fault.ts';
import type { PageTokens } from './operation.ts';

/** Rows of a page when the caller names no number: the most the service allows. */
export const defaultPageSize = 20;

/** What a caller asks of a list, and how its places are written into tokens. */
export interface PageRequest<Row, Cursor> {
  /** Names the list and its filters. */
  readonly scope: string;
  /** 1–20; absent: 20. */
  readonly maxResults: number | undefined;
  readonly nextToken: string | undefined;
  readonly tokens: PageTokens;
  /** Up to `limit` rows behind the place. */
  readonly fetch: (after: Cursor | null, limit: number) => Promise<readonly Row[]>;
  readonly cursorOf: (row: Row) => Cursor;
}

/** A page; `nextToken` is absent on the last one. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken?: string;
}

/** Fetches a page. Throws ApiFault (400) for a token of another list, other filters, or another deployment. */
export async function fetchPage<Row, Cursor extends object>(
  request: PageRequest<Row, Cursor>,
): Promise<Page<Row>> {
  const { scope, nextToken, tokens, maxResults = defaultPageSize } = request;
  const after = openPageToken<Cursor>(tokens, scope, nextToken);
  // One more than asked for tells whether this page is the last.
  const rows = await request.fetch(after, maxResults + 1);
  const page = rows.slice(0, maxResults);
  const last = page.at(-1);
  if (rows.length <= maxResults || last === undefined) return { rows: page };
  return { rows: page, nextToken: tokens.seal(scope, request.cursorOf(last)) };
}

/** The place a token holds; null without a token. Throws ApiFault (400) for a token that was not sealed for this list. */
export function openPageToken<Cursor extends object>(
  tokens: PageTokens,
  scope: string,
  nextToken: string | undefined,
): Cursor | null {
  if (nextToken === undefined) return null;
  // What opens under this scope was sealed under it, from the list's own cursor.
  const cursor = tokens.open(scope, nextToken) as Cursor | null;
  if (cursor !== null) return cursor;
  throw apiFault(
    'BadRequestException',
    'Invalid nextToken.',
    'use the token of the page before, with the same filters and order; or list from the start',
  );
}
