/** When a failed job is tried again (spec errors.md 1, retry set and cap). */
import { jobErrorEntry } from './codes.ts';
import type { FaultRecord } from './fault.ts';

/** Attempts after the first. */
export const maxRetries = 2;

/**
 * Ends that a process brings on itself, by what it reads or by a bug: the same twice will be the same a third time.
 * SIGKILL and SIGTERM come from outside.
 */
const crashSignals: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
]);

/** True for a fault that no other attempt changes, although others of its code pass. */
export function isFinal(fault: Pick<FaultRecord, 'code' | 'template'>): boolean {
  const { retriable, finalTemplates = [] } = jobErrorEntry(fault.code);
  return retriable && finalTemplates.includes(fault.template);
}

/** True for the environment's failures, unless the engine crashed just as in the attempt before. `previous`: the fault of that attempt. */
export function isWorthRetrying(fault: FaultRecord, previous: FaultRecord | null): boolean {
  const { signal } = fault.parameters;
  const crashedAgain =
    typeof signal === 'string' && crashSignals.has(signal) && previous?.parameters['signal'] === signal;
  return jobErrorEntry(fault.code).retriable && !isFinal(fault) && !crashedAgain;
}
