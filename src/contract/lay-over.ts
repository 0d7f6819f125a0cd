/**
 * Lays one settings document over another of the same structure: a job over its template, an output over its preset
 * (spec api.md 6.4). What lies on top wins.
 *
 * - Objects merge member by member, maps key by key.
 * - Where one member decides which block of settings belongs (`codec`, `container`, `type`, …) and the document on top
 *   decides differently, the block of the document below goes with its decision.
 * - The lists that are the skeleton of a job merge item by item, in order; items that the document on top does not reach
 *   stay. Every other list is a value, and is replaced.
 *
 * - An output that names a preset takes nothing of what a preset supplies from an output below that names none; one with
 *   a container of its own takes no preset from below.
 *
 * The service publishes no rule for lists. Jobs over templates that are in use give one destination, one clipped output
 * or one rate in a place of the template's own skeleton, and rely on the rest.
 */
import type { JsonValue } from './json-text.ts';
import { structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';
import { discriminators } from './relations/discriminators.table.ts';

/** Lists that merge item by item; keyed `Structure.member`. The structure of templates has the same members. */
const skeleton: ReadonlySet<string> = new Set([
  'JobSettings.inputs',
  'JobSettings.outputGroups',
  'OutputGroup.outputs',
  'Output.audioDescriptions',
  'Output.captionDescriptions',
]);

/** Lays `over` on `below`; both have the types of that structure, in normal form. Neither is changed. */
export function layOver(structureName: string, below: JsonValue, over: JsonValue): JsonValue {
  return layStructure(structureName, below, over);
}

type JsonObject = { readonly [name: string]: JsonValue };

function layStructure(structureName: string, below: JsonValue, over: JsonValue): JsonValue {
  if (!isObject(below) || !isObject(over)) return over;
  const members = structures[structureName]?.members ?? {};
  const merged: Record<string, JsonValue> = Object.assign(
    Object.create(null),
    withoutReplacedSource(structureName, withoutOtherBlocks(structureName, below, over), over),
  );
  for (const [name, value] of Object.entries(over)) {
    const under = merged[name];
    const member = members[name];
    merged[name] =
      under === undefined || member === undefined
        ? value
        : layMember(member, under, value, skeleton.has(`${structureName}.${name}`));
  }
  return merged;
}

function layMember(member: MemberModel, below: JsonValue, over: JsonValue, isSkeleton: boolean): JsonValue {
  switch (member.kind) {
    case 'structure':
      return layStructure(member.structure, below, over);
    case 'map':
      return layMap(member.value, below, over);
    case 'list':
      return isSkeleton ? layList(member.member, below, over) : over;
    default:
      return over;
  }
}

function layMap(value: MemberModel, below: JsonValue, over: JsonValue): JsonValue {
  if (!isObject(below) || !isObject(over)) return over;
  const merged: Record<string, JsonValue> = Object.assign(Object.create(null), below);
  for (const [key, item] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = under === undefined ? item : layMember(value, under, item, false);
  }
  return merged;
}

function layList(item: MemberModel, below: JsonValue, over: JsonValue): JsonValue {
  if (!Array.isArray(below) || !Array.isArray(over)) return over;
  return Array.from({ length: Math.max(below.length, over.length) }, (_, index) => {
    if (index >= over.length) return below[index] as JsonValue;
    return index < below.length ? layMember(item, below[index], over[index], false) : over[index];
  });
}

/** The lower object without the blocks that the upper one's decision leaves no place for. */
function withoutOtherBlocks(structureName: string, below: JsonObject, over: JsonObject): JsonObject {
  const discriminator = discriminators.get(structureName);
  const decided = discriminator === undefined ? undefined : over[discriminator.tag];
  if (discriminator === undefined || typeof decided !== 'string') return below;
  if (decided === (below[discriminator.tag] ?? discriminator.defaultTag)) return below;
  return Object.fromEntries(
    Object.entries(below).filter(([name]) => discriminator.blocks[name]?.includes(decided) ?? true),
  );
}

/** What a preset supplies. */
const suppliedByPreset: readonly string[] = [
  'containerSettings',
  'videoDescription',
  'audioDescriptions',
  'captionDescriptions',
];

/** An output takes its settings from a preset or has its own container: the upper one's choice replaces the lower one's. */
function withoutReplacedSource(structureName: string, below: JsonObject, over: JsonObject): JsonObject {
  if (structureName !== 'Output') return below;
  const replaced =
    over['preset'] !== undefined && below['preset'] !== undefined
      ? []
      : over['preset'] !== undefined
        ? suppliedByPreset
        : over['containerSettings'] !== undefined
          ? ['preset']
          : [];
  return Object.fromEntries(Object.entries(below).filter(([name]) => !replaced.includes(name)));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
