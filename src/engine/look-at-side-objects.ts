/** Tables of colour and images that a job reads beside its inputs, read before the run: what none can use is told by then. */
import { type FaultRecord, JobFault } from '../catalogue/fault.ts';
import { refuseLarger } from './blank-picture.ts';
import { readTable } from './local-luts.ts';
import type { EngineObjects } from './objects.ts';
import type { BlankImage, EngineTask } from './protocol.ts';
import { decodeStillPicture } from './still-picture.ts';

/** Faults of those that are no table or no picture, in order. Rejects with anything else, or the reason of the signal. */
export async function lookAtSideObjects(
  objects: EngineObjects,
  { sources, tables, blank }: Extract<EngineTask, { readonly kind: 'look' }>,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const faults: FaultRecord[] = [];
  for (const { location } of sources) {
    signal.throwIfAborted();
    try {
      if (tables.includes(location)) await readTable(objects, location);
      else await lookAtPicture(objects, location, blank?.location === location ? blank.sizes : []);
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      faults.push({ location, ...error.record });
    }
  }
  return faults;
}

async function lookAtPicture(
  objects: EngineObjects,
  location: string,
  sizes: BlankImage['sizes'],
): Promise<void> {
  const picture = await decodeStillPicture(objects, location);
  try {
    for (const size of sizes) refuseLarger(picture, size);
  } finally {
    picture.free();
  }
}
