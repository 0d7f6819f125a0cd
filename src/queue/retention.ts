/**
 * Retention: forgets jobs after their time (90 days in the service), with their events, outputs, tags and tokens, and
 * submit tokens and asynchronous queries that have expired. States: new → running → stopped. A round deletes in small
 * steps until nothing is old enough, and leaves room for others between two steps.
 */
import type { Database } from '../database/database.ts';
import { forgetOldRows } from '../database/statements/forget-jobs.ts';
import { createBell } from './bell.ts';

/** How long the service keeps a job (spec queues-and-lifecycle.md 1.3). */
export const defaultRetentionDays = 90;

const dayMs = 86_400_000;
const defaultRoundMs = 60_000;
/** Rows of one step: some ten milliseconds on either database. */
const defaultStepSize = 50;
/** Between two steps of a round, so that a backlog of months does not occupy the embedded database. */
const stepPauseMs = 20;

/** What retention works with. */
export interface RetentionOptions {
  readonly database: Database;
  /** Aborting it stops it. */
  readonly signal: AbortSignal;
  /** Days from a job's creation. */
  readonly retentionDays?: number;
  readonly roundMs?: number;
  readonly stepSize?: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Hears of a database that is away. */
  readonly onTrouble?: (error: Error) => void;
  /** Hears of every round, with the number of jobs it has forgotten. */
  readonly onRound?: (forgottenJobs: number) => void;
}

/** Retention. */
export interface Retention {
  /** Begins with a round. Starting twice is a bug and throws. */
  start(): void;
  /** Returns when nothing runs. Tolerates never started and stopped twice. */
  stop(): Promise<void>;
}

/** Makes a retention that is not running yet. */
export function createRetention(options: RetentionOptions): Retention {
  const { signal, roundMs = defaultRoundMs, onTrouble = () => {}, onRound = () => {} } = options;
  const stopping = new AbortController();
  // Nobody rings: it waits for time, or for the stop.
  const bell = createBell();
  let loop: Promise<void> | null = null;
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        onRound(
          await forgetRound(options, stopping.signal, (pauseMs) => bell.wait(pauseMs, stopping.signal)),
        );
      } catch (error) {
        onTrouble(error as Error);
      }
      await bell.wait(roundMs, stopping.signal);
    }
  };
  const stop = async () => {
    stopping.abort();
    await loop;
  };
  return {
    start() {
      if (loop !== null || stopping.signal.aborted) throw new Error('retention starts once');
      signal.throwIfAborted();
      signal.addEventListener('abort', () => void stop(), { once: true, signal: stopping.signal });
      loop = run();
    },
    stop,
  };
}

async function forgetRound(
  options: RetentionOptions,
  signal: AbortSignal,
  pause: (ms: number) => Promise<void>,
): Promise<number> {
  const {
    database,
    now = Date.now,
    retentionDays = defaultRetentionDays,
    stepSize = defaultStepSize,
  } = options;
  const nowMs = now();
  const step = { createdBeforeMs: nowMs - retentionDays * dayMs, nowMs, limit: stepSize };
  let forgottenJobs = 0;
  while (!signal.aborted) {
    const { jobs, tokens, queries } = await forgetOldRows(database.sql, step);
    forgottenJobs += jobs;
    if (Math.max(jobs, tokens, queries) < stepSize) break;
    await pause(stepPauseMs);
  }
  return forgottenJobs;
}
