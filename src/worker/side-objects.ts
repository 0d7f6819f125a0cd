/** Objects that a plan reads beside its inputs, 3D LUTs and images, looked at before the run as far as they can be opened. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { ReadableStore } from '../store/store.ts';
import { placeFault } from './fault-place.ts';

/** Faults of those that cannot be opened, each with its setting. What is in them is for the engine alone to read. */
export async function lookAtSideObjects(
  locations: readonly string[],
  settings: JobSettings,
  stores: ReadableStore,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const faults: FaultRecord[] = [];
  for (const location of new Set(locations)) {
    try {
      await (await stores.open(location, signal)).close();
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      faults.push(placeFault(error.record, settings, null));
    }
  }
  return faults;
}
