/** Time limits for requests of an engine child: each ends in time, and all end when the gateway does. */
import { type JobFault, jobFault } from '../catalogue/fault.ts';

/** Limits of one gateway. */
export interface Deadline {
  /**
   * The result of `work`, or the fault that it took longer than `limitMs`, or the reason of `stop`. A result that
   * comes too late is given to `dispose`.
   */
  within<Result>(
    limitMs: number,
    location: string,
    direction: 'read' | 'write',
    work: (signal: AbortSignal) => Promise<Result>,
    dispose?: (late: Result) => Promise<void>,
  ): Promise<Result>;
  /** Ends everything that is under way, and everything to come, with `reason`. */
  stop(reason: Error): void;
  /** Resolves when the work of ended requests, and the disposal of late results, is over; after 5 s at the latest. */
  settled(): Promise<void>;
}

/** A store that ignores its signal must not keep a worker from ending an attempt. */
const longestSettlingMs = 5_000;

/** Starts without anything under way. */
export function createDeadline(): Deadline {
  // A set instead of AbortSignal.any: thousands of reads would each leave a listener on one long-lived signal.
  const underWay = new Set<AbortController>();
  const unsettled = new Set<Promise<void>>();
  let stoppedBecause: Error | null = null;

  return {
    within(limitMs, location, direction, work, dispose) {
      if (stoppedBecause !== null) return Promise.reject(stoppedBecause);
      return new Promise((resolve, reject) => {
        const limit = new AbortController();
        const end = (): void => {
          clearTimeout(timer);
          underWay.delete(limit);
        };
        const timer = setTimeout(() => limit.abort(deadlineFault(location, direction, limitMs)), limitMs);
        underWay.add(limit);
        limit.signal.addEventListener('abort', () => {
          end();
          reject(limit.signal.reason);
        });
        const settling = work(limit.signal).then(
          (result) => {
            end();
            if (!limit.signal.aborted) return resolve(result);
            // Nobody waits for it any more; a failure to drop it has nobody to be told.
            return dispose?.(result).catch(() => {});
          },
          (error) => {
            end();
            reject(error);
          },
        );
        unsettled.add(settling);
        void settling.then(() => unsettled.delete(settling));
      });
    },
    stop(reason) {
      stoppedBecause ??= reason;
      for (const limit of [...underWay]) limit.abort(stoppedBecause);
    },
    async settled() {
      let timer: NodeJS.Timeout | undefined;
      const longest = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, longestSettlingMs);
      });
      await Promise.race([Promise.all(unsettled), longest]);
      clearTimeout(timer);
    },
  };
}

function deadlineFault(location: string, direction: 'read' | 'write', limitMs: number): JobFault {
  const reason = `no answer for ${Math.round(limitMs / 1000)} s`;
  const facts = { component: 'gateway', location, detail: reason };
  if (direction === 'write') return jobFault(1517, 'write-failed', { url: location, reason }, facts);
  return jobFault(3408, 'transfer-failed', { reason: 'Connection timed out.' }, facts);
}
