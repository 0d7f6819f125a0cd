/** No two objects of a job share a name, and no output replaces an input (spec naming.md 7; 1040 as observed). */
import type { FindingLog } from './finding-log.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import type { MetricFile } from './picture-plan.ts';
import { type WrittenPlace, writtenPlaces } from './written-places.ts';

/**
 * Adds an error for each name that is written twice, and for each that an input has. `metrics` are tables beside the
 * outputs.
 */
export function refuseCollisions(
  groups: readonly PlannedOutputGroup[],
  metrics: readonly MetricFile[],
  inputs: readonly { readonly location: string; readonly pointer: string }[],
  findings: FindingLog,
): void {
  const taken = new Map<string, WrittenPlace>();
  const places = [...groups.flatMap(writtenPlaces), ...metrics.map((file) => metricPlace(groups, file))];
  const numbered = places.flatMap((place) => numberedNames(place.location) ?? []);
  for (const place of places) {
    const { location, pointer } = place;
    if (numbered.some((names) => names.test(location)))
      findings.jobError(1040, 'duplicate-output', { url: location }, pointer);
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

function metricPlace(
  groups: readonly PlannedOutputGroup[],
  { groupIndex, location }: MetricFile,
): WrittenPlace {
  const group = groups.find((one) => one.groupIndex === groupIndex);
  return { location, pointer: group?.pointer ?? '' };
}

/** All names of a counted location; null for a location of one object. */
function numberedNames(location: string): RegExp | null {
  const counter = /%0(\d+)d(?!.*%0\d+d)/;
  const digits = counter.exec(location)?.[1];
  if (digits === undefined) return null;
  const [before = '', after = ''] = location.split(counter).filter((_, part) => part !== 1);
  return new RegExp(`^${literal(before)}\\d{${digits},}${literal(after)}$`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
