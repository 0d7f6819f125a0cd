/** No two objects of a job share a name, and no output replaces an input (spec naming.md 7; 1040 as observed). */
import type { FindingLog } from './finding-log.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import { type WrittenPlace, writtenPlaces } from './written-places.ts';

/** Adds an error for each name that is written twice, and for each that an input has. */
export function refuseCollisions(
  groups: readonly PlannedOutputGroup[],
  inputs: readonly { readonly location: string; readonly pointer: string }[],
  findings: FindingLog,
): void {
  const taken = new Map<string, WrittenPlace>();
  for (const place of groups.flatMap(writtenPlaces)) {
    const { location, pointer } = place;
    const other = taken.get(location);
    if (other?.mayBeShared && place.mayBeShared) {
      const message = `its images ${location} are written by another group too: the last one stays`;
      findings.notice('substituted', pointer, message);
    } else if (other !== undefined) findings.jobError(1040, 'duplicate-output', { url: location }, pointer);
    taken.set(location, place);
    if (inputs.some((input) => input.location === location)) {
      findings.jobError(1040, 'input-equals-output', { url: location }, pointer);
    }
  }
}
