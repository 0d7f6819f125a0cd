/** Why an engine child ended although nobody asked it to, as faults. All are 1999; the facts tell them apart. */
import os from 'node:os';
import { type JobFault, jobFault } from '../catalogue/fault.ts';

/** How a child process ended: a signal, an exit code, or why it could not be started. */
export type ProcessEnd =
  | { readonly signal: NodeJS.Signals }
  | { readonly exitCode: number }
  | { readonly startFailure: string };

/** The end as Node reports it. A sandbox launcher passes the engine's death by signal on as 128 + its number. */
export function readProcessEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (signal !== null) return { signal };
  const [passedOn] =
    Object.entries(os.constants.signals).find(([, number]) => number + 128 === exitCode) ?? [];
  if (passedOn !== undefined) return { signal: passedOn as NodeJS.Signals };
  return { exitCode: exitCode ?? 0 };
}

/** The child died by itself, or was killed by others. */
export function deathFault(end: ProcessEnd, log: string): JobFault {
  const facts = {
    component: 'worker',
    mediaFact: `the engine process ended by ${describe(end)}`,
    ...lastWords(log),
  };
  return jobFault(1999, 'unknown', 'signal' in end ? { signal: end.signal } : {}, facts);
}

/** The memory watch ended the child. */
export function memoryFault(residentBytes: number, limitBytes: number): JobFault {
  const mediaFact = `the engine process held ${mebibytes(residentBytes)} MiB, more than its limit of ${mebibytes(limitBytes)} MiB`;
  return jobFault(1999, 'out-of-memory', {}, { component: 'worker', mediaFact });
}

/** The stall watch ended the child. */
export function stallFault(limitMs: number, log: string): JobFault {
  const mediaFact = `the engine made no progress for ${limitMs / 1000} s`;
  return jobFault(1999, 'unknown', {}, { component: 'worker', mediaFact, ...lastWords(log) });
}

/** The child never said that it is ready. */
export function startFault(limitMs: number, log: string): JobFault {
  const mediaFact = `the engine did not load its libraries within ${limitMs / 1000} s`;
  return jobFault(1999, 'unknown', {}, { component: 'worker', mediaFact, ...lastWords(log) });
}

/** A child that was killed said nothing as a rule. */
function lastWords(log: string): { readonly detail?: string } {
  return log === '' ? {} : { detail: log };
}

function describe(end: ProcessEnd): string {
  if ('signal' in end) return `signal ${end.signal}`;
  return 'exitCode' in end ? `exit code ${end.exitCode}` : `a failed start: ${end.startFailure}`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
