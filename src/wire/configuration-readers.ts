/**
 * Readers of configuration files: each takes one value and returns it checked, or throws Error saying what it must be.
 * Objects are read member by member, so that every mistake of a file is found at once, with its place.
 */
import { parsePolicy } from '../identity/policy/parse-policy.ts';
import type { Policy } from '../identity/policy/policy-document.ts';

/** Reads one value. What a reader of an object or list finds inside goes to `problems`, as "{place} {what is wrong}". */
export type Reader<T> = (value: unknown, pointer: string, problems: string[]) => T;

/** Members of an object by their readers; unknown members and wrong values go to `problems`. */
export function objectMembers<Members extends Readonly<Record<string, Reader<unknown>>>>(
  value: unknown,
  pointer: string,
  readers: Members,
  problems: string[],
): { [Member in keyof Members]?: ReturnType<Members[Member]> } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${pointer === '' ? 'the server configuration' : pointer} must be an object`);
    return {};
  }
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const place = `${pointer}/${name}`;
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) {
      problems.push(`${place} is not known; known are ${Object.keys(readers).join(', ')}`);
      continue;
    }
    try {
      read[name] = reader(member, place, problems);
    } catch (error) {
      problems.push(`${place} must be ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // Each member was made by its own reader above; the compiler cannot follow that through the loop.
  return read as { [Member in keyof Members]?: ReturnType<Members[Member]> };
}

/** Adds a problem for each of `names` that `value` does not have. */
export function requireMembers(
  value: unknown,
  names: readonly string[],
  pointer: string,
  problems: string[],
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const name of names) {
    if (!Object.hasOwn(value, name)) problems.push(`${pointer}/${name} is required`);
  }
}

/** Text of a form; `what` describes it. */
export function text(pattern: RegExp, what: string): Reader<string> {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new Error(what);
    return value;
  };
}

/** A number within bounds; an integer unless `fractions` are allowed. */
export function number(
  min: number,
  max: number,
  fractions: 'fractions' | 'integers' = 'integers',
): Reader<number> {
  return (value) => {
    if (
      typeof value !== 'number' ||
      !(fractions === 'fractions' || Number.isInteger(value)) ||
      !(value >= min && value <= max)
    ) {
      throw new Error(`${fractions === 'fractions' ? 'a number' : 'an integer'} from ${min} to ${max}`);
    }
    return value;
  };
}

/** True or false. */
export function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('true or false');
  return value;
}

/** One of some words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (value) => {
    const word = words.find((each) => each === value);
    if (word === undefined) throw new Error(words.map((each) => `'${each}'`).join(' or '));
    return word;
  };
}

/** A list of equal things; wrong items are left out. */
export function list<T>(element: Reader<T>): Reader<readonly T[]> {
  return (value, pointer, problems) => {
    if (!Array.isArray(value)) throw new Error('a list');
    return value.flatMap((item: unknown, index) => {
      try {
        return [element(item, `${pointer}/${index}`, problems)];
      } catch (error) {
        problems.push(
          `${pointer}/${index} must be ${error instanceof Error ? error.message : String(error)}`,
        );
        return [];
      }
    });
  };
}

/** Scheme, host and port, no path; comes back without a trailing slash. */
export function baseUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new Error('an http or https URL of scheme, host and port only');
  }
  return url.origin;
}

/** An ISO 8601 time, as milliseconds since the epoch. */
export function dateTime(value: unknown): number {
  const ms =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (Number.isNaN(ms)) throw new Error('an ISO 8601 time with its zone, such as 2026-01-31T12:00:00Z');
  return ms;
}

/** A policy that is attached to a caller or a role. */
export const identityPolicy: Reader<Policy> = (value, pointer, problems) =>
  parsePolicy(value, 'identity', pointer, problems);

/** A policy that says who may assume a role. */
export const trustPolicy: Reader<Policy> = (value, pointer, problems) =>
  parsePolicy(value, 'trust', pointer, problems);
