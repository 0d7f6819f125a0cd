/**
 * Everything of an attempt but the run: role, inputs, plan, outputs, scratch. What an attempt would end with is returned
 * with all that is wrong beside it. Key servers are not asked: what they hand out is for a run.
 */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { JobPlan } from '../plan/plan.ts';
import { placeFault } from './fault-place.ts';
import { foreseeAttempt } from './foresee.ts';
import { inputCiphers, noDataKeys } from './input-ciphers.ts';
import { packageWishesOf } from './package-wishes.ts';
import {
  type AttemptResources,
  findingOfFault,
  type JobToRun,
  openStores,
  probeLocations,
  withProbeEngine,
} from './run-job.ts';
import { describeFullScratch } from './scratch-space.ts';
import type { LookInside } from './side-objects.ts';

/** What can be known of a job before it runs. */
export interface CheckedJob {
  /** Null when the job cannot run. */
  readonly plan: JobPlan | null;
  /** In the order they were found. */
  readonly findings: readonly Finding[];
  /** What the job would end with; null when nothing stands against it. */
  readonly fault: FaultRecord | null;
}

/** Probes, plans and looks at the outputs. Faults of the job are findings; anything else is thrown. Nothing stays of it. */
export async function checkJob(
  job: JobToRun,
  resources: AttemptResources,
  signal: AbortSignal,
): Promise<CheckedJob> {
  const findings: Finding[] = [];
  try {
    const { stores, credentials } = await openStores(job, resources, findings, () => {}, signal);
    const wishes = packageWishesOf(job.settings);
    const ciphers = inputCiphers(job.settings, resources.dataKeys ?? noDataKeys, credentials);
    const lent = { ...resources, stores, wishes, ciphers };
    const probe = (locations: readonly string[]) => probeLocations(locations, lent, signal);
    const look: LookInside = (locations, tables, blank) =>
      withProbeEngine(lent, signal, (engine) => engine.look(locations, tables, blank));
    const plan = await foreseeAttempt({ job, resources, stores, findings, probe, look, signal });
    return { plan, findings, fault: null };
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const { others = [], ...first } = error.record;
    const placed = placeFault(first, job.settings, null);
    const fault = await describeFullScratch(placed, null, resources.scratchRoot);
    // The fault of a plan is one of the findings; what CreateJob would refuse has other words as a fault.
    const isTold = findings.some(
      (finding) =>
        finding.severity === 'error' &&
        finding.pointer === fault.pointer &&
        (finding.message === fault.message || finding.code === 400),
    );
    const untold = isTold ? [] : [findingOfFault(fault)];
    const more = others.map((other) => findingOfFault(placeFault(other, job.settings, null)));
    return { plan: null, findings: [...untold, ...findings, ...more], fault };
  }
}
