/** Option parsers shared by the commands; each throws a UsageError with the sentence the user sees. */
import path from 'node:path';

/** The user called the command wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes others script against (docs/cli.md): 0 done, 1 the job failed, 2 usage or invalid document. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** `NAME=DIR` → bucket name and absolute folder, collected into a map. */
export function collectBucket(
  value: string,
  buckets: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [name, ...rest] = value.split('=');
  const folder = rest.join('=');
  if (!name || folder === '') throw new UsageError(`--bucket takes NAME=DIR, not '${value}'`);
  if (buckets.has(name)) throw new UsageError(`--bucket names '${name}' twice`);
  return new Map(buckets).set(name, path.resolve(folder));
}

/** One `--set /pointer=value`; the value is JSON when it parses as JSON, text otherwise. */
export interface Assignment {
  readonly pointer: string;
  readonly value: unknown;
}

/** `POINTER=VALUE` → assignment, collected in order. */
export function collectAssignment(text: string, earlier: readonly Assignment[] = []): readonly Assignment[] {
  const at = text.indexOf('=');
  if (at < 1 || !text.startsWith('/')) throw new UsageError(`--set takes /POINTER=VALUE, not '${text}'`);
  return [...earlier, { pointer: text.slice(0, at), value: jsonOrText(text.slice(at + 1)) }];
}

/** Bounds an operator may change; what is absent has its default (docs/serve.md, "Limits"). */
export interface JobLimits {
  /** How long a job may be in progress, retries included: error 1522. */
  readonly jobSeconds?: number;
  /** How long an engine may make no progress: error 1999. */
  readonly engineStallSeconds?: number;
  /** Longest silence of a server that gives inputs or takes outputs: errors 3408, 1517. */
  readonly networkSilenceSeconds?: number;
  /** Memory of one engine, besides what its plan predicts: error 1999. */
  readonly engineMemoryMiB?: number;
}

/** Each limit with its least and greatest value. */
export const limitRanges: Readonly<Record<keyof JobLimits, readonly [number, number]>> = {
  jobSeconds: [1, 14 * 24 * 3600],
  engineStallSeconds: [1, 3600],
  networkSilenceSeconds: [1, 600],
  engineMemoryMiB: [64, 1024 * 1024],
};

/** `NAME=N` → limits, collected. Throws UsageError for unknown names and values out of range. */
export function collectLimit(text: string, earlier: JobLimits = {}): JobLimits {
  const [name = '', value = ''] = text.split('=');
  return { ...earlier, ...readLimits({ [name]: /^\d+$/.test(value) ? Number(value) : value }, '--limit ') };
}

/** Checks limits as an option or a configuration file gives them. Throws UsageError naming what is wrong. */
export function readLimits(given: Readonly<Record<string, unknown>>, place: string): JobLimits {
  for (const [name, value] of Object.entries(given)) {
    const range = Object.hasOwn(limitRanges, name) ? limitRanges[name as keyof JobLimits] : undefined;
    if (range === undefined)
      throw new UsageError(`${place}${name} is not known; known are ${Object.keys(limitRanges).join(', ')}`);
    const [least, greatest] = range;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > greatest)
      throw new UsageError(`${place}${name} takes an integer from ${least} to ${greatest}, not '${value}'`);
  }
  return given as JobLimits;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Sets values in a document of wire names (RFC 6901 pointers below the settings; `-` appends to a list).
 * Missing objects on the way are made. Returns a changed copy. Throws UsageError for a pointer that leads nowhere.
 */
export function applyAssignments<T extends object>(document: T, assignments: readonly Assignment[]): T {
  const copy = structuredClone(document);
  for (const { pointer, value } of assignments) assign(copy, pointer, value);
  return copy;
}

function assign(root: object, pointer: string, value: unknown): void {
  const keys = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() as string;
  let place = root as Record<string, unknown>;
  for (const key of keys) {
    if (isForbidden(key)) throw new UsageError(`--set ${pointer}: '${key}' is no setting`);
    const next = Array.isArray(place) ? (place as unknown[])[Number(key)] : place[key];
    if (next === undefined && !Array.isArray(place)) place[key] = {};
    const reached = Array.isArray(place) ? next : place[key];
    if (typeof reached !== 'object' || reached === null)
      throw new UsageError(`--set ${pointer}: there is no object at '${key}'`);
    place = reached as Record<string, unknown>;
  }
  if (isForbidden(last)) throw new UsageError(`--set ${pointer}: '${last}' is no setting`);
  if (Array.isArray(place)) setItem(place, last, value, pointer);
  else place[last] = value;
}

/** Replaces an item of a list, or appends one: at `-` or just behind the last. */
function setItem(list: unknown[], key: string, value: unknown, pointer: string): void {
  const index = key === '-' ? list.length : /^(?:0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  if (!(index <= list.length))
    throw new UsageError(`--set ${pointer}: the list has ${list.length} items, '${key}' is none of them`);
  list[index] = value;
}

function isForbidden(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}
