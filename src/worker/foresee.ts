/**
 * What can be known of an attempt before it runs, for `run`, `check` and the dry run alike: its inputs are probed, it is
 * planned, and every place it would write to is looked at. All that stands against it is found in one go; the job's error
 * is what the service would meet first: an input, then the plan, then an output or scratch.
 */
import { type FaultRecord, faultFromRecord, JobFault } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import { firstFaultOf } from '../catalogue/several-faults.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { BlankImage } from '../engine/protocol.ts';
import { judgeAcceleration } from '../plan/acceleration.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { planJob } from '../plan/plan-job.ts';
import { planUnseen } from '../plan/unseen-inputs.ts';
import type { ObjectStore } from '../store/store.ts';
import { asAudioFileFault } from './audio-file-fault.ts';
import { lookAtOutputs } from './output-access.ts';
import { faultOfFindings } from './planning-fault.ts';
import { externalAudioLocations, inputLocations } from './read-locations.ts';
import type { AttemptResources, JobToRun } from './run-job.ts';
import { judgeScratch } from './scratch-space.ts';
import { type LookInside, lookAtSideObjects } from './side-objects.ts';
import { refuseUnbuiltInputs } from './unbuilt-inputs.ts';

/** A job that is looked at before it runs. */
export interface ForeseenAttempt {
  readonly job: JobToRun;
  readonly resources: Pick<AttemptResources, 'capacity' | 'policy' | 'scratchRoot'>;
  /** As the job's role sees them. */
  readonly stores: ObjectStore;
  /** Facts of locations; rejects with the fault of those that cannot be opened. */
  readonly probe: (locations: readonly string[]) => Promise<readonly InputFacts[]>;
  /** Looks into objects beside the inputs. */
  readonly look: LookInside;
  /** Takes what is found, in order. */
  readonly findings: Finding[];
  /** Hears of the facts of the inputs, which describe the job's files alone. */
  readonly onProbed?: (facts: readonly InputFacts[]) => void | Promise<void>;
  /** Hears of the plan before its outputs are looked at. */
  readonly onPlanned?: (plan: JobPlan) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** The plan of a job that may run. Throws its fault otherwise, with the others in the record; planning faults are findings too. */
export async function foreseeAttempt(attempt: ForeseenAttempt): Promise<JobPlan> {
  const { job, resources, stores, findings, signal } = attempt;
  /** At what is read beside the inputs, then at the places of the outputs. */
  const faultsOf = async (
    outputs: Pick<JobPlan, 'outputGroups' | 'metricFiles'>,
    sideLocations: readonly string[],
    blank: BlankImage | null = null,
  ): Promise<readonly FaultRecord[]> => {
    const beside = await lookAtSideObjects(sideLocations, job.settings, stores, attempt.look, blank, signal);
    const { faults, notices } = await lookAtOutputs(outputs, job.settings, stores, signal);
    findings.push(...notices);
    return [...beside, ...faults];
  };
  const facts = await probeInputs(attempt).catch(async (error: unknown) => {
    if (!(error instanceof JobFault) || signal.aborted) throw error;
    const unseen = findUnseen(job, resources);
    const told = [error.record, ...(error.record.others ?? [])];
    // One word about one setting is enough.
    findings.push(...unseen.findings.filter((one) => told.every(({ pointer }) => pointer !== one.pointer)));
    throw withOthers(error, await faultsOf(unseen, unseen.sideLocations));
  });
  await attempt.onProbed?.(facts.slice(0, inputLocations(job.settings).length));
  const { plan, findings: planned, ...would } = planWithAcceleration(job, resources, facts);
  findings.push(...planned);
  if (plan === null) throw withOthers(faultOfFindings(planned), await faultsOf(would, would.sideLocations));
  await attempt.onPlanned?.(plan);
  const scratch = await judgeScratch(plan, resources.scratchRoot);
  if (scratch.notice !== null) findings.push(scratch.notice);
  const fault = firstFaultOf([
    ...(await faultsOf(plan, would.sideLocations, blankImageOf(plan))),
    ...(scratch.fault === null ? [] : [scratch.fault]),
  ]);
  if (fault !== null) throw fault;
  return plan;
}

/** The image of ad avails and what it must fit into; null: pictures are not blanked, or by black. */
function blankImageOf({ signals, videoRenditions }: JobPlan): BlankImage | null {
  const location = signals?.blanking?.imageLocation;
  return location == null
    ? null
    : { location, sizes: videoRenditions.map(({ widthPx, heightPx }) => ({ widthPx, heightPx })) };
}

async function probeInputs({ job, probe }: ForeseenAttempt): Promise<readonly InputFacts[]> {
  refuseUnbuiltInputs(job.settings);
  return probe(probedLocations(job.settings)).catch((error: unknown) => {
    throw asAudioFileFault(error, job.settings);
  });
}

/** What stands against a job whose inputs are not seen: a role that cannot be used, an input that cannot be opened. */
export function findUnseen(
  job: JobToRun,
  resources: ForeseenAttempt['resources'],
): ReturnType<typeof planUnseen> {
  return planUnseen(job.settings, externalAudioLocations(job.settings), (facts) =>
    planWithAcceleration(job, resources, facts),
  );
}

/** Inputs first: what describes them is told as theirs. */
function probedLocations(settings: JobSettings): readonly string[] {
  return [...inputLocations(settings), ...externalAudioLocations(settings)];
}

/** The plan, unless the planner or the wish for acceleration stands against it. */
function planWithAcceleration(
  job: JobToRun,
  { capacity, policy }: ForeseenAttempt['resources'],
  facts: readonly InputFacts[],
): {
  readonly plan: JobPlan | null;
  readonly findings: readonly Finding[];
  readonly outputGroups: readonly PlannedOutputGroup[];
  readonly sideLocations: readonly string[];
} {
  const { settings, startTimeMs, acceleration: mode = 'DISABLED' } = job;
  const { plan, findings, outputGroups, sideLocations } = planJob({
    settings,
    facts,
    capacity,
    policy,
    job: { startTimeMs },
  });
  const acceleration = judgeAcceleration({
    mode,
    settings,
    facts: facts.slice(0, inputLocations(settings).length),
    wallMs: plan?.estimate.wallMs ?? null,
  });
  const isRefused = acceleration.some(({ severity }) => severity === 'error');
  return {
    plan: isRefused ? null : plan,
    findings: [...findings, ...acceleration],
    outputGroups,
    sideLocations,
  };
}

function withOthers(fault: JobFault, more: readonly FaultRecord[]): JobFault {
  const { others = [], ...record } = fault.record;
  const all = [...others, ...more];
  return all.length === 0 ? fault : faultFromRecord({ ...record, others: all });
}
