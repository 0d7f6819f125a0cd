/**
 * Runs asynchronous queries over jobs, one at a time. States: new → running → stopped. It looks when a query is stored
 * (NOTIFY); a slow poll is the net under that, for queries whose process died.
 */
import { channels } from '../database/channels.ts';
import type { Database } from '../database/database.ts';
import {
  type ClaimedJobsQuery,
  claimJobsQuery,
  completeJobsQuery,
  failJobsQuery,
} from '../database/statements/jobs-queries.ts';
import { searchJobs } from '../database/statements/search-jobs.ts';
import { isTransientDatabaseError } from '../database/transient-errors.ts';
import { createBell } from './bell.ts';

const idlePollMs = 30_000;

/** What a runner works with. */
export interface QueryRunnerOptions {
  readonly database: Database;
  /** Aborting it stops the runner. */
  readonly signal: AbortSignal;
  /** Hears of queries that failed and of a database that is away. */
  readonly onTrouble?: (error: Error) => void;
  /** Hears of every query that was run. */
  readonly onRun?: (id: string) => void;
}

/** A runner. */
export interface QueryRunner {
  /** Resolves when it listens. Starting twice is a bug and throws. */
  start(): Promise<void>;
  /** Returns when nothing runs. Tolerates never started and stopped twice. */
  stop(): Promise<void>;
}

/** Makes a runner that is not running yet. */
export function createQueryRunner(options: QueryRunnerOptions): QueryRunner {
  const { database, signal, onTrouble = () => {} } = options;
  const stopping = new AbortController();
  const bell = createBell();
  let loop: Promise<void> | null = null;
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        if (await runNext(options)) continue;
      } catch (error) {
        onTrouble(error as Error);
      }
      await bell.wait(idlePollMs, stopping.signal);
    }
  };
  const stop = async () => {
    stopping.abort();
    await loop;
  };
  return {
    async start() {
      if (loop !== null || stopping.signal.aborted) throw new Error('a query runner starts once');
      signal.throwIfAborted();
      signal.addEventListener('abort', () => void stop(), { once: true, signal: stopping.signal });
      await database.listen(channels.jobsQueryStored, () => bell.ring(), stopping.signal);
      loop = run();
    },
    stop,
  };
}

/** Runs one query; false when none waits. */
async function runNext({ database: { sql }, onTrouble, onRun }: QueryRunnerOptions): Promise<boolean> {
  const claimed = await claimJobsQuery(sql);
  if (claimed === null) return false;
  try {
    await answer(sql, claimed);
  } catch (error) {
    // A database that is away answers later: the lease runs out.
    if (isTransientDatabaseError(error)) throw error;
    onTrouble?.(error as Error);
    await failJobsQuery(sql, claimed.id);
  }
  onRun?.(claimed.id);
  return true;
}

async function answer(sql: Database['sql'], { id, query }: ClaimedJobsQuery): Promise<void> {
  // One more than the page holds tells whether there is another.
  const found = await searchJobs(sql, { ...query, limit: query.limit + 1 });
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const nextPlace =
    found.length > page.length && last !== undefined ? { createdAtMs: last.createdAtMs, id: last.id } : null;
  await completeJobsQuery(sql, id, page, nextPlace);
}
