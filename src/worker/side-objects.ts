/** Objects that a plan reads beside its inputs, 3D LUTs and images, looked at before the run as far as they can be opened. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { BlankImage } from '../engine/protocol.ts';
import type { ReadableStore } from '../store/store.ts';
import { placeFault } from './fault-place.ts';

/** Looks into objects, which only an engine does: faults of those that no run can use. `tables`: the 3D LUTs among them; `blank`: the image of ad avails. */
export type LookInside = (
  locations: readonly string[],
  tables: readonly string[],
  blank: BlankImage | null,
) => Promise<readonly FaultRecord[]>;

/** Faults of those that cannot be opened, or are not what they are taken for, each with its setting. */
export async function lookAtSideObjects(
  locations: readonly string[],
  settings: JobSettings,
  stores: ReadableStore,
  lookInside: LookInside,
  blank: BlankImage | null,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const faults: FaultRecord[] = [];
  const open: string[] = [];
  for (const location of new Set(locations)) {
    try {
      await (await stores.open(location, signal)).close();
      open.push(location);
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      faults.push(placeFault(error.record, settings, null));
    }
  }
  if (open.length > 0) {
    const tables = new Set(settings.colorConversion3DLUTSettings?.map(({ fileInput }) => fileInput));
    const found = await lookInside(
      open,
      open.filter((location) => tables.has(location)),
      blank,
    );
    faults.push(...found.map((fault) => placeFault(fault, settings, null)));
  }
  return faults;
}
