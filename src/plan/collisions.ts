/** No two objects of a job share a name, and no output replaces an input (spec naming.md 7; 1040 as observed). */
import type { FindingLog } from './finding-log.ts';
import type { PlannedOutputGroup } from './plan.ts';

/** Adds an error for each name that is written twice, and for each that an input has. */
export function refuseCollisions(
  groups: readonly PlannedOutputGroup[],
  inputs: readonly { readonly location: string; readonly pointer: string }[],
  findings: FindingLog,
): void {
  const taken = new Map<string, string>();
  for (const { location, pointer } of groups.flatMap(writtenLocations)) {
    if (taken.has(location)) findings.jobError(1040, 'duplicate-output', { url: location }, pointer);
    taken.set(location, pointer);
    if (inputs.some((input) => input.location === location)) {
      findings.jobError(1040, 'input-equals-output', { url: location }, pointer);
    }
  }
}

/** Every name a group will write; numbered objects stand under their pattern. */
function writtenLocations(
  group: PlannedOutputGroup,
): readonly { readonly location: string; readonly pointer: string }[] {
  if (group.type === 'FILE_GROUP')
    return group.outputs.flatMap(({ location, pointer, loudnessLogs }) =>
      [location, ...loudnessLogs.map((log) => log.location)].map((written) => ({
        location: written,
        pointer,
      })),
    );
  const manifests = [group.multivariant, ...group.additionalManifests].map(({ location }) => ({
    location,
    pointer: group.pointer,
  }));
  const outputs = group.outputs.flatMap((output) =>
    [output.playlistLocation, output.segmentLocation, output.iFramePlaylistLocation].map((location) => ({
      location,
      pointer: output.pointer,
    })),
  );
  return [...manifests, ...outputs].filter(
    (place): place is { location: string; pointer: string } => place.location !== null,
  );
}
