/**
 * The normal form of a document: what validators and planner read. `null` members are gone (absent and null are
 * equal on input, spec api.md 2), nothing is shared with the caller, no object has a prototype, nesting is bounded.
 */
import { type JsonValue, MAX_JSON_DEPTH } from './json-text.ts';

/** Thrown-free result: the copy, or the pointer of the first value that nests too deep or is no JSON value. */
export type NormalForm =
  | { readonly value: JsonValue | undefined; readonly refusedAt?: never }
  | { readonly refusedAt: string; readonly value?: never };

/** Copies a value into normal form. Null items of lists stay: they are wrong, and validation says so. */
export function toNormalForm(value: unknown): NormalForm {
  const path: string[] = [];
  try {
    return { value: copy(value, path) };
  } catch (error) {
    if (error === REFUSED) return { refusedAt: path.map((part) => `/${escapePointerPart(part)}`).join('') };
    throw error;
  }
}

/** Escapes one reference token of a JSON pointer (RFC 6901 section 3). */
export function escapePointerPart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

const REFUSED = Symbol('refused');

function copy(value: unknown, path: string[]): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'undefined':
      return undefined;
    case 'object':
      if (value === null) return undefined;
      if (path.length > MAX_JSON_DEPTH) throw REFUSED;
      return Array.isArray(value) ? copyList(value, path) : copyObject(value, path);
    default:
      throw REFUSED;
  }
}

function copyList(list: readonly unknown[], path: string[]): JsonValue {
  return list.map((item, index) => {
    path.push(String(index));
    const copied = copy(item, path) ?? null;
    path.pop();
    return copied;
  });
}

function copyObject(object: object, path: string[]): JsonValue {
  const result: Record<string, JsonValue> = Object.create(null);
  for (const [name, member] of Object.entries(object)) {
    path.push(name);
    const copied = copy(member, path);
    path.pop();
    if (copied !== undefined) result[name] = copied;
  }
  return result;
}
