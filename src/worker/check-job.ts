/**
 * Everything of an attempt but the run: role, inputs, plan, output buckets. What an attempt would end with is returned
 * with all that is wrong beside it. Key servers are not asked: what they hand out is for a run.
 */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { ObjectStore } from '../store/store.ts';
import { asAudioFileFault } from './audio-file-fault.ts';
import { placeFault } from './fault-place.ts';
import { onePlaceOfEachBucket } from './gateway-rights.ts';
import { hlsWishesOf } from './hls/wishes.ts';
import { inputCiphers, noDataKeys } from './input-ciphers.ts';
import { faultOfFindings } from './planning-fault.ts';
import {
  type AttemptResources,
  findingOfFault,
  type JobToRun,
  openStores,
  planWithAcceleration,
  probedLocations,
  probeLocations,
} from './run-job.ts';
import { refuseUnbuiltInputs } from './unbuilt-inputs.ts';

/** What can be known of a job before it runs. */
export interface CheckedJob {
  /** Null when the job cannot run. */
  readonly plan: JobPlan | null;
  /** In the order they were found. */
  readonly findings: readonly Finding[];
  /** What the job would end with; null when nothing stands against it. */
  readonly fault: FaultRecord | null;
}

/** How a job is checked. */
export interface CheckConditions {
  /** True: output buckets that are missing will be made by the run. */
  readonly makesBuckets: boolean;
}

/** Probes and plans. Faults of the job are findings; anything else is thrown. Nothing stays of it. */
export async function checkJob(
  job: JobToRun,
  resources: AttemptResources,
  { makesBuckets }: CheckConditions,
  signal: AbortSignal,
): Promise<CheckedJob> {
  const findings: Finding[] = [];
  let plan: JobPlan | null = null;
  try {
    const opened = await openStores(job, resources, () => {}, signal);
    findings.push(...opened.notices);
    const { stores } = opened;
    refuseUnbuiltInputs(job.settings);
    const wishes = hlsWishesOf(job.settings);
    const ciphers = inputCiphers(job.settings, resources.dataKeys ?? noDataKeys, opened.credentials);
    const facts = await probeLocations(
      probedLocations(job.settings),
      { ...resources, stores, wishes, ciphers },
      signal,
    ).catch((error: unknown) => {
      throw asAudioFileFault(error, job.settings);
    });
    const planned = planWithAcceleration(job, resources, facts);
    findings.push(...planned.findings);
    plan = planned.plan;
    if (plan === null) return { plan, findings, fault: faultOfFindings(findings).record };
    const refused = await faultsOfOutputs(plan, stores, signal);
    const faults = refused.filter(({ code }) => !(makesBuckets && code === 1404));
    return refusal(faults, job, plan, findings) ?? { plan, findings, fault: null };
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const { others = [], ...fault } = error.record;
    return refusal([fault, ...others], job, plan, findings) as CheckedJob;
  }
}

/** All buckets are tried: one answer names all that are closed. */
async function faultsOfOutputs(
  plan: JobPlan,
  stores: ObjectStore,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const faults: FaultRecord[] = [];
  for (const location of onePlaceOfEachBucket(plan)) {
    await stores.checkWritable(location, signal).catch((error: unknown) => {
      if (!(error instanceof JobFault)) throw error;
      faults.push(error.record);
    });
  }
  return faults;
}

/** Null when there is no fault. The first is what the attempt would end with. */
function refusal(
  faults: readonly FaultRecord[],
  job: JobToRun,
  plan: JobPlan | null,
  findings: readonly Finding[],
): CheckedJob | null {
  const placed = faults.map((fault) => placeFault(fault, job.settings, plan));
  const [first] = placed;
  if (first === undefined) return null;
  const errors: readonly ErrorFinding[] = placed.map(findingOfFault);
  return { plan: null, findings: [...findings, ...errors], fault: first };
}
