/** `openconvert run JOB`: plan and run one job in this process tree. */
import { randomBytes } from 'node:crypto';
import { jobErrorEntry, remedyOf, type WarningCode } from '../catalogue/codes.ts';
import { otherErrors } from '../catalogue/explanation.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import { isWorthRetrying, maxRetries } from '../catalogue/retries.ts';
import { warningCounts } from '../events/bodies.ts';
import { completeBody } from '../events/complete-body.ts';
import type { CompletedJob, JobObserver, JobOutcome } from '../worker/observer.ts';
import { type JobToRun, runJob } from '../worker/run-job.ts';
import { type LoadedJob, loadJob } from './load-job.ts';
import { type Assignment, exitCodes, UsageError } from './options.ts';
import { formatFinding, formatFindings } from './print-findings.ts';
import { createProgressDisplay } from './progress-display.ts';
import { openResources, type StoreOptions } from './resources.ts';
import { checkEventsDestination, type EventRecorder, recordRunEvents } from './run-events.ts';

/** Options of `run`. */
export interface RunOptions extends StoreOptions {
  readonly set?: readonly Assignment[];
  readonly events?: string;
  readonly json: boolean;
}

type PathOf = (location: string) => Promise<string | null>;

/** Runs the command. Returns the exit code. */
export async function runCommand(file: string, options: RunOptions): Promise<number> {
  const startedAtMs = Date.now();
  if (options.json && options.events === '-')
    throw new UsageError('--json and --events - both write to standard output: give --events a file');
  await checkEventsDestination(options.events ?? null);
  await using resources = await openResources(options, { document: file, createsBuckets: true, spares: 1 });
  const loaded = await loadJob(file, options.set ?? []);
  if (loaded.settings === null) return refuse(loaded.findings, options, startedAtMs);
  const job: JobToRun = {
    id: newJobId(startedAtMs),
    settings: loaded.settings,
    role: loaded.role,
    acceleration: loaded.acceleration,
    startTimeMs: startedAtMs,
  };
  const cancel = cancelOnSignals();
  const display = createProgressDisplay(process.stderr, { silent: options.json });
  const events = recordRunEvents(job, loaded.userMetadata, resources.identity, options.events ?? null);
  let inputBytesRead = 0;
  const observer = observe(display, events, (bytes) => {
    inputBytesRead = Math.max(inputBytesRead, bytes);
  });
  const { outcome, retryCount } = await runWithRetries(job, resources, observer, {
    signal: cancel.signal,
    onRetry: () => events.retried(),
  });
  display.end();
  cancel.stop();
  await events.finish(outcome);
  await report(outcome, loaded, options, {
    startedAtMs,
    retryCount,
    inputBytesRead,
    pathOf: resources.pathOf,
  });
  return outcome.status === 'COMPLETE' ? exitCodes.done : exitCodes.failed;
}

async function runWithRetries(
  job: JobToRun,
  resources: Parameters<typeof runJob>[1],
  observer: JobObserver,
  { signal, onRetry }: { readonly signal: AbortSignal; readonly onRetry: () => void },
): Promise<{ readonly outcome: JobOutcome; readonly retryCount: number }> {
  // Warnings of all attempts are the job's.
  const warnings = new Map<WarningCode, number>();
  let previous: FaultRecord | null = null;
  for (let retryCount = 0; ; retryCount += 1) {
    const outcome = await runJob(job, resources, observer, signal);
    if (outcome.status === 'CANCELED') return { outcome, retryCount };
    for (const [code, count] of outcome.warnings) warnings.set(code, (warnings.get(code) ?? 0) + count);
    const isLast = outcome.status === 'COMPLETE' || retryCount === maxRetries;
    if (isLast || !isWorthRetrying(outcome.fault, previous))
      return { outcome: { ...outcome, warnings }, retryCount };
    previous = outcome.fault;
    onRetry();
    process.stderr.write(
      `openconvert: error ${outcome.fault.code} may pass, trying again (${retryCount + 1} of ${maxRetries})\n`,
    );
  }
}

function observe(
  display: ReturnType<typeof createProgressDisplay>,
  events: EventRecorder,
  onBytesRead: (bytes: number) => void,
): JobObserver {
  return {
    phaseChanged(progress) {
      display.show(progress);
      onBytesRead(progress.inputBytesRead);
      return events.phaseChanged(progress);
    },
    progressed(progress) {
      display.show(progress);
      onBytesRead(progress.inputBytesRead);
    },
    inputsProbed: (facts) => events.inputsProbed(facts),
    planned() {},
    warned: (code) => events.warned(code),
  };
}

/** The same form as the service's ids, so that events of `run` look like events of `serve` (spec api.md 4). */
function newJobId(atMs: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const suffix = [...randomBytes(6)].map((byte) => letters[byte % letters.length]).join('');
  return `${atMs}-${suffix}`;
}

/** Ctrl-C and SIGTERM cancel the job; a second one ends the process as usual. */
function cancelOnSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const cancel = (): void => controller.abort(new DOMException('the job was canceled', 'AbortError'));
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  return {
    signal: controller.signal,
    stop() {
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
    },
  };
}

/** An invalid document: the service would answer 400 and store nothing. */
function refuse(findings: readonly Finding[], { json }: RunOptions, startedAtMs: number): number {
  const timings = { wallMs: Date.now() - startedAtMs };
  const errorMessage = 'the document is not valid';
  if (json) print({ status: 'INVALID', errorCode: 400, errorMessage, findings, timings });
  else
    process.stderr.write(
      `openconvert: the service would refuse this document (400)\n${formatFindings(findings)}\n`,
    );
  return exitCodes.usage;
}

/** What a report says beside the outcome. */
interface RunContext {
  readonly startedAtMs: number;
  readonly retryCount: number;
  /** Bytes of the inputs that the transcode fetched. */
  readonly inputBytesRead: number;
  readonly pathOf: PathOf;
}

async function report(
  outcome: JobOutcome,
  loaded: LoadedJob,
  { json, events }: RunOptions,
  context: RunContext,
): Promise<void> {
  const wallMs = Date.now() - context.startedAtMs;
  const findings = [...loaded.findings, ...('findings' in outcome ? outcome.findings : [])];
  if (json) {
    const retries = context.retryCount === 0 ? {} : { retryCount: context.retryCount };
    const { inputBytesRead } = context;
    return print({ ...jsonReport(outcome, findings, wallMs), inputBytesRead, ...retries });
  }
  for (const finding of findings.filter(({ severity }) => severity !== 'error'))
    process.stderr.write(`${formatFinding(finding)}\n`);
  switch (outcome.status) {
    case 'COMPLETE':
      // With events on standard output the text for people makes room for them.
      (events === '-' ? process.stderr : process.stdout).write(await formatOutputs(outcome, wallMs, context));
      return;
    case 'ERROR':
      return printFault(outcome.fault, findings);
    case 'CANCELED':
      process.stderr.write('CANCELED  complete objects stay, unfinished ones were dropped\n');
  }
}

function jsonReport(outcome: JobOutcome, findings: readonly Finding[], wallMs: number): object {
  const timings = { wallMs };
  if (outcome.status === 'CANCELED') return { status: 'CANCELED', findings, timings };
  if (outcome.status === 'ERROR') {
    const { fault } = outcome;
    return {
      status: 'ERROR',
      errorCode: fault.code,
      errorMessage: fault.message,
      remedy: remedyOf(fault),
      fault,
      findings,
      ...warningCounts(outcome.warnings),
      timings,
    };
  }
  const { outputGroupDetails } = completeBody({
    outputGroups: outcome.outputGroups,
    warnings: outcome.warnings,
    blackVideo: outcome.blackVideo,
  });
  const { verdicts, warnings } = outcome;
  return { status: 'COMPLETE', findings, ...warningCounts(warnings), outputGroupDetails, verdicts, timings };
}

async function formatOutputs(
  outcome: CompletedJob,
  wallMs: number,
  { inputBytesRead, pathOf }: RunContext,
): Promise<string> {
  const megabytesRead = (inputBytesRead / 1e6).toFixed(1);
  const lines = [`COMPLETE in ${(wallMs / 1000).toFixed(1)} s, ${megabytesRead} MB of the inputs read`];
  const locations = outcome.outputGroups.flatMap((group) => [
    ...group.playlistLocations,
    ...group.outputs.flatMap((output) => output.locations),
  ]);
  for (const location of locations) {
    const file = await pathOf(location);
    lines.push(`  ${location}`, ...(file === null ? [] : [`      ${file}`]));
  }
  for (const [code, count] of outcome.warnings)
    lines.push(`  warning ${code} × ${count}  (openconvert explain ${code})`);
  return `${lines.join('\n')}\n`;
}

function printFault(fault: FaultRecord, findings: readonly Finding[]): void {
  const entry = jobErrorEntry(fault.code);
  const lines = [`ERROR ${fault.code}  ${entry.name}`, `  ${fault.message}`];
  if (fault.pointer) lines.push(`  setting:  ${fault.pointer}`);
  if (fault.mediaFact) lines.push(`  found:    ${fault.mediaFact}`);
  if (fault.expected) lines.push(`  expected: ${fault.expected}`);
  if (fault.phase) lines.push(`  in phase: ${fault.phase}`);
  if (fault.detail) lines.push(`  detail:   ${fault.detail.split('\n').slice(0, 12).join('\n            ')}`);
  lines.push(`  remedy:   ${remedyOf(fault)}`, `  more:     openconvert explain ${fault.code}`);
  const others = otherErrors(fault, findings);
  if (others.length > 0) lines.push('Also wrong:', formatFindings(others));
  process.stderr.write(`${lines.join('\n')}\n`);
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
