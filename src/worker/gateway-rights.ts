/**
 * What one engine child may touch: the locations granted to it for reading, and the places its plan writes to
 * (design D3). A parser bug in the child must not become a right of the job's role.
 */
import type { SourceGrant } from '../engine/protocol.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { writtenPlaces } from '../plan/written-places.ts';
import type { ObjectReader, ReadableStore } from '../store/store.ts';

/** Locations a child may write: exactly one, or all that differ only in counter and time. */
export type OutputPlace = { readonly exact: string } | { readonly pattern: RegExp };

/** Rights of a child while it does one task. */
export interface GatewayRights {
  readonly sources: readonly SourceGrant[];
  readonly outputs: readonly OutputPlace[];
  /** Folder whose files the child may ask to publish; null: none. */
  readonly scratchFolder: string | null;
}

/** No rights at all: what a child has between tasks. */
export const noRights: GatewayRights = { sources: [], outputs: [], scratchFolder: null };

/**
 * What an engine puts into a planned location: counters as in C's printf, times they begin at (`%01t`), and times of
 * completion (`%{dt}`, spec naming.md 5).
 * `example`: one that it may become, for the object of this number.
 */
const variables: readonly {
  readonly written: RegExp;
  readonly becomes: (written: string) => string;
  readonly example: (written: string, number: number) => string;
}[] = [
  {
    written: /%0\d+[dt]/,
    becomes: (counter) => `\\d{${counter.slice(2, -1)},}`,
    example: (counter, number) => String(number).padStart(Number(counter.slice(2, -1)), '0'),
  },
  // A percent sign of a name that holds counters.
  { written: /%%/, becomes: () => '%', example: () => '%' },
  {
    written: /%\{dt\}/,
    becomes: () => '\\d{8}T\\d{6}',
    example: () => `${nowDigits(0, 8)}T${nowDigits(8, 14)}`,
  },
  { written: /%\{d\}/, becomes: () => '\\d{8}', example: () => nowDigits(0, 8) },
  { written: /%\{t\}/, becomes: () => '\\d{6}', example: () => nowDigits(8, 14) },
];
const anyVariable = new RegExp(`(${variables.map(({ written }) => written.source).join('|')})`);

/** Every place a plan writes to. */
export function outputPlacesOf(plan: JobPlan): readonly OutputPlace[] {
  const metrics = (plan.metricFiles ?? []).map(({ location }) => location);
  return [...plan.outputGroups.flatMap(locationsOfGroup), ...metrics].map(outputPlaceOf);
}

/** The place of one planned location. */
export function outputPlaceOf(location: string): OutputPlace {
  return anyVariable.test(location) ? { pattern: patternOf(location) } : { exact: location };
}

/** Names that a planned location may become: the name itself, or the first two where a counter is filled in. */
export function exampleNamesOf(location: string): readonly string[] {
  const name = (number: number): string =>
    location
      .split(anyVariable)
      .map((part) => variables.find(({ written }) => written.test(part))?.example(part, number) ?? part)
      .join('');
  return [...new Set([name(1), name(0)])];
}

function nowDigits(from: number, to: number): string {
  return new Date().toISOString().replaceAll(/\D/g, '').slice(from, to);
}

/** True when one of `places` allows writing `location`. */
export function mayWrite(places: readonly OutputPlace[], location: string): boolean {
  return places.some((place) => ('exact' in place ? place.exact === location : place.pattern.test(location)));
}

/** A destination may hold the text of a variable too: it stays as it is written or is filled in. */
function patternOf(location: string): RegExp {
  const parts = location.split(anyVariable).map((part) => {
    const literal = part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const variable = variables.find(({ written }) => written.test(part));
    return variable === undefined ? literal : `(?:${variable.becomes(part)}|${literal})`;
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}

/**
 * Opens a source once, to learn what the child is granted: its size and version, and its path when it is a local
 * file and the child's sandbox lets it see files. `keep` takes the reader over where a child must come back for bytes.
 * Rejects with the fault of the real cause (1401, 1404, 34xx).
 */
export async function grantSource(
  location: string,
  store: ReadableStore,
  sandbox: { readonly seesFiles: boolean },
  signal: AbortSignal,
  keep: (location: string, reader: ObjectReader) => Promise<void> = (_, reader) => reader.close(),
): Promise<SourceGrant> {
  const reader = await store.open(location, signal);
  const { sizeBytes, eTag, path: file } = reader.head;
  const path = sandbox.seesFiles ? file : null;
  if (path === null) await keep(location, reader);
  else await reader.close();
  return { location, sizeBytes, eTag, path };
}

function locationsOfGroup(group: PlannedOutputGroup): string[] {
  return writtenPlaces(group).map(({ location }) => location);
}
