/** Every place a job would write to, looked at before any work is done: bucket, key, and the rights of the role. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { NoticeFinding } from '../catalogue/finding.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { writtenPlaces } from '../plan/written-places.ts';
import type { DroppedOption, ObjectStore } from '../store/store.ts';
import { toWriteOptions } from '../store/write-options.ts';
import { placeFault, pointerOfGroupSettings } from './fault-place.ts';
import { exampleNamesOf } from './gateway-rights.ts';

/** What was found at the places of the outputs. */
export interface FoundAtOutputs {
  /** In the order of their groups, each with its setting. */
  readonly faults: readonly FaultRecord[];
  /** Of settings that a store has no place for. */
  readonly notices: readonly NoticeFinding[];
}

/** Below `s3Settings`, by the option that it becomes. */
const settingOfOption: Readonly<Record<DroppedOption, string>> = {
  cannedAcl: 'accessControl',
  storageClass: 'storageClass',
  serverSideEncryption: 'encryption',
};

/** Looks at all places. Of one group a fault is told once, and so is a notice: its outputs share destination, bucket and role. */
export async function lookAtOutputs(
  { outputGroups: groups, metricFiles = [] }: Pick<JobPlan, 'outputGroups' | 'metricFiles'>,
  settings: JobSettings,
  stores: ObjectStore,
  signal: AbortSignal,
): Promise<FoundAtOutputs> {
  const faults: FaultRecord[] = [];
  const notices: NoticeFinding[] = [];
  for (const group of groups) {
    const told = new Set<number>();
    const dropped = new Set<DroppedOption>();
    const tables = metricFiles.filter(({ groupIndex }) => groupIndex === group.groupIndex);
    for (const { location } of [...writtenPlaces(group), ...tables]) {
      // A missing bucket is missing for the whole group.
      if (told.has(1404)) break;
      const found = await lookAtPlace(location, group, stores, signal);
      for (const option of found.dropped) dropped.add(option);
      const { fault } = found;
      if (fault === null || told.has(fault.code)) continue;
      told.add(fault.code);
      const placed = placeFault(fault, settings, { outputGroups: groups });
      faults.push({ ...placed, pointer: placed.pointer ?? group.pointer });
    }
    const pointer = pointerOfGroupSettings(settings, group.groupIndex, 'destinationSettings');
    notices.push(...[...dropped].map((option) => droppedNotice(pointer, option)));
  }
  return { faults, notices };
}

function droppedNotice(destinationSettings: string, option: DroppedOption): NoticeFinding {
  const setting = settingOfOption[option];
  return {
    severity: 'notice',
    reason: 'left-out',
    pointer: `${destinationSettings}/s3Settings/${setting}`,
    message: `${setting} was left out: the bucket is a folder of this machine, whose files have no such header.`,
    remedy: 'Write to a bucket of the S3 endpoint, or protect the folder with what the file system has.',
  };
}

/** A numbered place stands open when one of its first names does: jobs of one picture write no second. */
async function lookAtPlace(
  location: string,
  { objectSettings }: PlannedOutputGroup,
  stores: ObjectStore,
  signal: AbortSignal,
): Promise<{ readonly fault: FaultRecord | null; readonly dropped: readonly DroppedOption[] }> {
  let fault: FaultRecord | null = null;
  for (const name of exampleNamesOf(location)) {
    try {
      const dropped = await stores.checkWritable(name, signal, toWriteOptions(objectSettings, ''));
      return { fault: null, dropped };
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      fault ??= error.record;
    }
  }
  return { fault, dropped: [] };
}
