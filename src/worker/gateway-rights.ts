/**
 * What one engine child may touch: the locations granted to it for reading, and the places its plan writes to
 * (design D3). A parser bug in the child must not become a right of the job's role.
 */
import type { SourceGrant } from '../engine/protocol.ts';
import type { JobPlan, PlannedOutputGroup } from '../plan/plan.ts';
import type { ObjectStore, ReadableStore } from '../store/store.ts';

/** Locations a child may write: exactly `start`, or everything that begins and ends so with digits between. */
export type OutputPlace = { readonly exact: string } | { readonly start: string; readonly end: string };

/** Rights of a child while it does one task. */
export interface GatewayRights {
  readonly sources: readonly SourceGrant[];
  readonly outputs: readonly OutputPlace[];
  /** Folder whose files the child may ask to publish; null: none. */
  readonly scratchFolder: string | null;
}

/** No rights at all: what a child has between tasks. */
export const noRights: GatewayRights = { sources: [], outputs: [], scratchFolder: null };

/** Every place a plan writes to. A `%07d` in a location stands for digits. */
export function outputPlacesOf(plan: JobPlan): readonly OutputPlace[] {
  return plan.outputGroups.flatMap(locationsOfGroup).map((location) => {
    const [start = '', end] = location.split(/%0\dd/);
    return end === undefined ? { exact: location } : { start, end };
  });
}

/** True when one of `places` allows writing `location`. */
export function mayWrite(places: readonly OutputPlace[], location: string): boolean {
  return places.some((place) => {
    if ('exact' in place) return place.exact === location;
    if (location.length < place.start.length + place.end.length) return false;
    const number = location.slice(place.start.length, location.length - place.end.length);
    return location.startsWith(place.start) && location.endsWith(place.end) && /^\d+$/.test(number);
  });
}

/** Checks every bucket a plan writes to, once each. Rejects with fault 1404 or 1401 before any work is done. */
export async function checkOutputsWritable(
  plan: JobPlan,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<void> {
  const byBucket = new Map<string, string>();
  for (const location of plan.outputGroups.flatMap(locationsOfGroup)) {
    const bucket = /^s3:\/\/[^/]*/.exec(location)?.[0] ?? location;
    if (!byBucket.has(bucket)) byBucket.set(bucket, location);
  }
  for (const location of byBucket.values()) await store.checkWritable(location, signal);
}

/**
 * Opens a source once, to learn what the child is granted: its size and version, and its path when it is a local
 * file and the child's sandbox lets it see files. Rejects with the fault of the real cause (1401, 1404, 34xx).
 */
export async function grantSource(
  location: string,
  store: ReadableStore,
  sandbox: { readonly seesFiles: boolean },
  signal: AbortSignal,
): Promise<SourceGrant> {
  const reader = await store.open(location, signal);
  await reader.close();
  const { sizeBytes, eTag, path } = reader.head;
  return { location, sizeBytes, eTag, path: sandbox.seesFiles ? path : null };
}

function locationsOfGroup(group: PlannedOutputGroup): string[] {
  switch (group.type) {
    case 'FILE_GROUP':
      return group.outputs.map((output) => output.location);
    case 'HLS_GROUP':
      return [
        group.multivariant.location,
        ...group.additionalManifests.map((manifest) => manifest.location),
        ...group.outputs.flatMap((output) => [
          output.playlistLocation,
          output.segmentLocation,
          output.iFramePlaylistLocation,
        ]),
      ].filter((location) => location !== null);
  }
}
