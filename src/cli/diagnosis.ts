/**
 * The story of one job, for support: what was tried, what was probed, what is guilty, what the component said last, and
 * what to change. Put together from GetJob's answer, so that it is the same from a server and from a data folder.
 */
import { allWarnings, type JobErrorCode, type JobErrorEntry, jobErrorEntry } from '../catalogue/codes.ts';
import { explainFault, explanationMessages, type FaultExplanation } from '../catalogue/explanation.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { InputDetail } from '../events/input-details.ts';

/** One attempt as GetJob tells it; absent members are not known. */
export interface DescribedAttempt {
  readonly number: number;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Absent while it runs. */
  readonly outcome?: string;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  /** Of a lost attempt or a bug of ours only facts are known, no code. */
  readonly fault?: Partial<Omit<FaultRecord, 'template' | 'parameters'>> & {
    readonly findings?: readonly Finding[];
    /** Not tried again, although others of its code are. */
    readonly isFinal?: boolean;
  };
}

/** What is read of GetJob's `job`. */
export interface DescribedJob {
  readonly id: string;
  readonly status: string;
  readonly queue: string;
  readonly currentPhase?: string;
  readonly jobPercentComplete?: number;
  readonly retryCount?: number;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  readonly settings: object;
  readonly warnings?: readonly { readonly code: number; readonly count: number }[];
  readonly messages?: { readonly info?: readonly string[]; readonly warning?: readonly string[] };
  readonly timing: { readonly submitTime: number; readonly startTime?: number; readonly finishTime?: number };
  readonly openconvert?: {
    readonly attempts?: readonly DescribedAttempt[];
    readonly inputs?: readonly InputDetail[];
    readonly failure?: FaultExplanation;
    readonly outputGroups?: readonly { readonly outputs: readonly DescribedOutput[] }[];
  };
}

/** One output of a completed job. */
export interface DescribedOutput {
  readonly outputFilePaths?: readonly string[];
  readonly durationInMs?: number;
  readonly verdict?: { readonly isSound?: boolean; readonly defects?: readonly unknown[] } | null;
}

/** What made a job or its last failed attempt fail. */
export interface Guilt {
  readonly code: number;
  readonly name: string | null;
  readonly message: string;
  /** JSON pointer of the guilty setting below `settings`; absent: none is known to be. */
  readonly pointer?: string;
  /** What the setting says; absent: it is not set, or it is a secret. */
  readonly value?: unknown;
  readonly location?: string;
  readonly mediaFact?: string;
  readonly expected?: string;
  readonly component?: string;
  /** Phase of the job in which the attempt ended. */
  readonly phase?: string;
  /** Last words of the component: log lines of the library, HTTP status, S3 code; absent: it said nothing. */
  readonly lastWords?: string;
  readonly remedy: string | null;
  readonly whoActs: JobErrorEntry['actor'] | null;
  readonly isRetriable: boolean;
}

/** The story. Instants in milliseconds since the epoch. */
export interface Diagnosis {
  readonly id: string;
  readonly status: string;
  readonly queue: string;
  readonly phase: string | null;
  readonly percentComplete: number | null;
  readonly retryCount: number;
  readonly submittedAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly attempts: readonly DescribedAttempt[];
  /** Null: no attempt has come so far. */
  readonly probed: readonly InputDetail[] | null;
  /** Null: nothing has failed. Of a job that goes on it is what the last failed attempt ended with. */
  readonly guilt: Guilt | null;
  /** Everything else that the last failed attempt found, or what is kept of it. */
  readonly findings: readonly Finding[];
  readonly warnings: readonly {
    readonly code: number;
    readonly count: number;
    readonly name: string | null;
  }[];
  /** Of the job, without those that repeat the above. */
  readonly messages: readonly string[];
  readonly outputs: readonly DescribedOutput[];
}

/** Tells the story of a job. */
export function diagnose(job: DescribedJob): Diagnosis {
  const { attempts = [], inputs = null, outputGroups = [] } = job.openconvert ?? {};
  const failed =
    job.status === 'COMPLETE' ? undefined : attempts.findLast(({ outcome }) => isFailure(outcome));
  const guilt = guiltOf(job, failed);
  return {
    id: job.id,
    status: job.status,
    queue: job.queue,
    phase: job.currentPhase ?? null,
    percentComplete: job.jobPercentComplete ?? null,
    retryCount: job.retryCount ?? 0,
    submittedAtMs: job.timing.submitTime * 1000,
    startedAtMs: toMs(job.timing.startTime),
    finishedAtMs: toMs(job.timing.finishTime),
    attempts,
    probed: inputs,
    guilt,
    findings: otherFindings(guilt, failed),
    warnings: (job.warnings ?? []).map(({ code, count }) => ({ code, count, name: warningName(code) })),
    messages: otherMessages(job, failed),
    outputs: outputGroups.flatMap(({ outputs }) => outputs),
  };
}

function isFailure(outcome: string | undefined): boolean {
  return outcome === 'ERROR' || outcome === 'LOST';
}

function toMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}

/** The job's own error first; an attempt's while the job goes on. */
function guiltOf(job: DescribedJob, failed: DescribedAttempt | undefined): Guilt | null {
  const code = job.errorCode ?? failed?.errorCode;
  if (code === undefined) return null;
  const { component, phase, location, detail = '', isFinal, ...told } = failed?.fault ?? {};
  const { pointer, mediaFact, expected } = { ...told, ...job.openconvert?.failure };
  const entry = entryOf(code);
  const value = pointer === undefined ? undefined : settingAt(job.settings, pointer);
  return {
    code,
    name: entry?.name ?? null,
    message: job.errorMessage ?? failed?.errorMessage ?? '',
    ...(pointer === undefined ? {} : { pointer }),
    ...(value === undefined ? {} : { value }),
    ...(location === undefined ? {} : { location }),
    ...(mediaFact === undefined ? {} : { mediaFact }),
    ...(expected === undefined ? {} : { expected }),
    ...(component === undefined ? {} : { component }),
    ...(phase == null ? {} : { phase }),
    ...(detail.trim() === '' ? {} : { lastWords: detail }),
    remedy: job.openconvert?.failure?.remedy ?? entry?.remedy ?? null,
    whoActs: entry?.actor ?? null,
    isRetriable: (entry?.retriable ?? false) && isFinal !== true,
  };
}

/** Null for codes of another release. */
function entryOf(code: number): JobErrorEntry | null {
  try {
    return jobErrorEntry(code as JobErrorCode);
  } catch {
    return null;
  }
}

function warningName(code: number): string | null {
  return allWarnings().find((entry) => entry.code === code)?.name ?? null;
}

/** Settings that may hold a key or a password are named, and their values stay where they are. */
const secretNames = /key|password|secret|token/i;

function settingAt(settings: object, pointer: string): unknown {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (names.some((name) => secretNames.test(name))) return undefined;
  let value: unknown = settings;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'object' ? undefined : value;
}

function otherFindings(guilt: Guilt | null, failed: DescribedAttempt | undefined): readonly Finding[] {
  return (failed?.fault?.findings ?? []).filter(
    ({ severity, message, pointer }) =>
      severity !== 'error' || message !== guilt?.message || pointer !== (guilt.pointer ?? ''),
  );
}

/** Messages of a failed job that only repeat its explanation and its findings are left out. */
function otherMessages(job: DescribedJob, failed: DescribedAttempt | undefined): readonly string[] {
  const { info = [], warning = [] } = job.messages ?? {};
  const fault = failed?.fault;
  const findings = fault?.findings ?? [];
  const explanation =
    job.openconvert?.failure ??
    (fault?.code === undefined ? null : explainFault(fault as FaultRecord, findings));
  const told = explanation === null ? { info: [], warning: [] } : explanationMessages(explanation);
  const known = new Set([...told.info, ...told.warning, ...findings.map(({ message }) => message)]);
  return [...info, ...warning].filter((message) => !known.has(message));
}
