/**
 * How long deliveries to one target wait after failures. Two pauses, each doubled with every further failure up to
 * a minute:
 * - the failed event's job is postponed, so that an event a target always refuses holds up only its own job;
 * - the target rests, once two different jobs have failed without a success between them: then the target is the
 *   trouble, not the event.
 */
const longestPauseMs = 60_000;

/** The pauses of one target. Times are milliseconds of the monotonic clock. */
export interface DeliveryPauses {
  /** An event of the job was not taken. */
  failed(jobId: string): void;
  /** An event was taken: the target is well. */
  succeeded(jobId: string): void;
  /** The database was away; nothing is known of the target. */
  interrupted(): void;
  /** Jobs that wait now. */
  postponedJobIds(): string[];
  /** Time until the first of `jobIds` may be tried; Infinity for none, 0 when one may be tried by now. */
  untilDueMs(jobIds: readonly string[]): number;
  /** How long the target rests now. */
  restMs(): number;
}

/** No failures yet. */
export function createDeliveryPauses(firstPauseMs: number): DeliveryPauses {
  const jobs = new Map<string, { failures: number; dueAtMs: number }>();
  const failedSinceSuccess = new Set<string>();
  let failuresOfTarget = 0;
  const pauseMs = (failures: number) => Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  return {
    failed(jobId) {
      const failures = (jobs.get(jobId)?.failures ?? 0) + 1;
      jobs.set(jobId, { failures, dueAtMs: performance.now() + pauseMs(failures) });
      failedSinceSuccess.add(jobId);
      if (failedSinceSuccess.size > 1) failuresOfTarget += 1;
    },
    succeeded(jobId) {
      jobs.delete(jobId);
      failedSinceSuccess.clear();
      failuresOfTarget = 0;
    },
    interrupted() {
      failuresOfTarget += 1;
    },
    postponedJobIds() {
      const nowMs = performance.now();
      return [...jobs].filter(([, { dueAtMs }]) => dueAtMs > nowMs).map(([jobId]) => jobId);
    },
    untilDueMs(jobIds) {
      const nowMs = performance.now();
      return Math.max(0, Math.min(...jobIds.map((jobId) => (jobs.get(jobId)?.dueAtMs ?? nowMs) - nowMs)));
    },
    restMs: () => (failuresOfTarget === 0 ? 0 : pauseMs(failuresOfTarget)),
  };
}
