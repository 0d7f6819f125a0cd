/** `openconvert check JOB`: everything but the run. */
import type { Finding } from '../catalogue/finding.ts';
import type { JobPlan } from '../plan/plan.ts';
import { checkJob } from '../worker/check-job.ts';
import { loadJob } from './load-job.ts';
import { type Assignment, exitCodes } from './options.ts';
import { formatFindings } from './print-findings.ts';
import { formatPlan } from './print-plan.ts';
import { openResources, type StoreOptions } from './resources.ts';

/** Options of `check`. */
export interface CheckOptions extends StoreOptions {
  readonly set?: readonly Assignment[];
  readonly json: boolean;
}

interface CheckReport {
  readonly findings: readonly Finding[];
  readonly plan: JobPlan | null;
  readonly estimate: JobPlan['estimate'] | null;
}

/** Runs the command. Returns the exit code: 1 when a finding forbids the job, also one that the service would answer with 400. */
export async function checkCommand(file: string, options: CheckOptions): Promise<number> {
  const report = await check(file, options);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printReport(report);
  return report.plan === null ? exitCodes.failed : exitCodes.done;
}

async function check(file: string, options: CheckOptions): Promise<CheckReport> {
  const { settings, role, acceleration, findings: loaded } = await loadJob(file, options.set ?? []);
  if (settings === null) return { findings: loaded, plan: null, estimate: null };
  await using resources = await openResources(options, { document: file, createsBuckets: true, spares: 1 });
  const job = { id: 'check', settings, role, acceleration, startTimeMs: Date.now() };
  const { plan, findings } = await checkJob(job, resources, new AbortController().signal);
  return { findings: [...loaded, ...findings], plan, estimate: plan?.estimate ?? null };
}

function printReport({ findings, plan }: CheckReport): void {
  if (findings.length > 0) process.stdout.write(`${formatFindings(findings)}\n`);
  process.stdout.write(plan === null ? 'This job cannot run.\n' : `${formatPlan(plan)}\n`);
}
