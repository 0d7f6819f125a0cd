/** Objects that a plan reads beside its inputs, looked at before the run: 3D LUTs whole, images as far as they can be opened. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import { readLutFile } from '../plan/lut-file.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { ObjectReader, ReadableStore } from '../store/store.ts';
import { placeFault } from './fault-place.ts';
import { imageLocations, tableLocations } from './read-locations.ts';

/** Faults of those that the run would fail with, each with its setting. */
export async function lookAtSideObjects(
  plan: JobPlan,
  settings: JobSettings,
  stores: ReadableStore,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const tables = [...new Set(tableLocations(plan))];
  const images = [...new Set(imageLocations(plan))];
  const faults: FaultRecord[] = [];
  const look = async (location: string, read: (reader: ObjectReader) => Promise<unknown>): Promise<void> => {
    try {
      const reader = await stores.open(location, signal);
      try {
        await read(reader);
      } finally {
        await reader.close();
      }
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      faults.push(placeFault(error.record, settings, null));
    }
  };
  for (const location of tables) await look(location, (reader) => readTable(reader, location, signal));
  for (const location of images) await look(location, async () => {});
  return faults;
}

function readTable(reader: ObjectReader, location: string, signal: AbortSignal): Promise<Uint8Array> {
  const { sizeBytes } = reader.head;
  return readLutFile(location, sizeBytes, () => reader.read(0, sizeBytes, signal));
}
