/**
 * The time a job may be in progress (spec errors.md 1522, queues-and-lifecycle.md 1): it counts from leaving the
 * queue, over all attempts, so that a job that is tried again cannot live for ever.
 */
import { type JobFault, jobFault } from '../catalogue/fault.ts';

/** The longest delay a timer takes, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** A signal that also fires when the time is over. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Fault 1522 when the time is over; null before. */
  fault(): JobFault | null;
  stop(): void;
}

/** Starts counting. `startTimeMs`: when the job left the queue. */
export function limitTime(startTimeMs: number, limitMs: number, signal: AbortSignal): TimeLimit {
  const overtime = new AbortController();
  const leftMs = Math.min(Math.max(0, startTimeMs + limitMs - Date.now()), longestTimerMs);
  const fault = jobFault(
    1522,
    'timed-out',
    {},
    {
      component: 'worker',
      mediaFact: `the job was in progress for more than ${limitMs / 1000} s`,
      expected: `at most ${limitMs / 1000} s from leaving the queue, retries included`,
    },
  );
  const timer = setTimeout(() => overtime.abort(fault), leftMs);
  timer.unref();
  return {
    signal: AbortSignal.any([signal, overtime.signal]),
    fault: () => (overtime.signal.aborted ? fault : null),
    stop: () => clearTimeout(timer),
  };
}
