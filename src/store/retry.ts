/** Bounded repetition with exponential pauses, for what may work the next time. */
import { setTimeout as pause } from 'node:timers/promises';

/** How often and how long. */
export interface RetryRule {
  /** Tries in total, at least 1. */
  readonly attempts: number;
  /** Pause before the second try; doubles each time, and varies by a quarter so that many do not return at once. */
  readonly firstPauseMs: number;
  /** No try begins later than this after the first. */
  readonly totalMs: number;
}

/**
 * The result of `work`, repeated while it fails with an error that `isTransient` accepts. Rejects with the last
 * error, or with the signal's reason as soon as it fires.
 */
export async function retry<Result>(
  rule: RetryRule,
  work: () => Promise<Result>,
  isTransient: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<Result> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const pauseMs = rule.firstPauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      const isTooLate = performance.now() - startedAt + pauseMs > rule.totalMs;
      if (attempt >= rule.attempts || isTooLate || !isTransient(error)) throw error;
      await pause(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}
