/** Every place a job would write to, looked at before any work is done: bucket, key, and the rights of the role. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { writtenPlaces } from '../plan/written-places.ts';
import type { ObjectStore } from '../store/store.ts';
import { toWriteOptions } from '../store/write-options.ts';
import { placeFault } from './fault-place.ts';
import { exampleNamesOf } from './gateway-rights.ts';

/**
 * What stands against the outputs, in the order of their groups, each with its setting. Of one group a fault is told
 * once: its outputs share destination, bucket and role.
 */
export async function faultsOfOutputs(
  { outputGroups: groups, metricFiles = [] }: Pick<JobPlan, 'outputGroups' | 'metricFiles'>,
  settings: JobSettings,
  stores: ObjectStore,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const faults: FaultRecord[] = [];
  for (const group of groups) {
    const told = new Set<number>();
    const tables = metricFiles.filter(({ groupIndex }) => groupIndex === group.groupIndex);
    for (const { location } of [...writtenPlaces(group), ...tables]) {
      // A missing bucket is missing for the whole group.
      if (told.has(1404)) break;
      const fault = await faultOfPlace(location, group, stores, signal);
      if (fault === null || told.has(fault.code)) continue;
      told.add(fault.code);
      const placed = placeFault(fault, settings, { outputGroups: groups });
      faults.push({ ...placed, pointer: placed.pointer ?? group.pointer });
    }
  }
  return faults;
}

/** A numbered place stands open when one of its first names does: jobs of one picture write no second. */
async function faultOfPlace(
  location: string,
  { objectSettings }: PlannedOutputGroup,
  stores: ObjectStore,
  signal: AbortSignal,
): Promise<FaultRecord | null> {
  let fault: FaultRecord | null = null;
  for (const name of exampleNamesOf(location)) {
    try {
      await stores.checkWritable(name, signal, toWriteOptions(objectSettings, ''));
      return null;
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      fault ??= error.record;
    }
  }
  return fault;
}
