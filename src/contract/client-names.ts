/** The other direction of `toWireNames`: names as the CLI, the console's export and the SDKs write them (PascalCase). */
import type { JsonValue } from './json-text.ts';
import { structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';

/** Renames the members of a value of that structure at every depth; keys of maps are data and stay. */
export function toClientNames(structureName: string, value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  const members = structures[structureName]?.members ?? {};
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      return member === undefined ? [name, item] : [upperFirst(name), renameBelow(member, item)];
    }),
  );
}

function renameBelow(member: MemberModel, value: JsonValue): JsonValue {
  if (member.kind === 'structure') return toClientNames(member.structure, value);
  if (member.kind === 'list' && Array.isArray(value))
    return value.map((item) => renameBelow(member.member, item));
  if (member.kind === 'map' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, renameBelow(member.value, item)]),
    );
  }
  return value;
}

function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
