import { setTimeout as delay } from 'node:timers/promises';
import { isTransientDatabaseError } from '../database/transient-errors.ts';

const firstPauseMs = 200;
const longestPauseMs = 5_000;

/**
 * Runs a statement again while the database is away, until it succeeds or `giveUp` aborts. Other failures are thrown
 * at once. Safe for fenced statements only: one that was stored although its answer got lost comes back `stale`.
 */
export async function retryStoring<T>(
  store: () => Promise<T>,
  onTrouble: (error: Error) => void,
  giveUp: AbortSignal,
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await store();
    } catch (error) {
      if (giveUp.aborted || !isTransientDatabaseError(error)) throw error;
      onTrouble(error as Error);
      await delay(pauseMs, undefined, { signal: giveUp }).catch(() => {});
    }
  }
}
