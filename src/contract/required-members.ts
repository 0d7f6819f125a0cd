/**
 * Members the service requires although the client model calls them optional (spec api.md 7; model.json
 * `serverRequired`). What a job template or a preset supplies is not demanded before it is laid under the job.
 */
import { type Clause, requiredProperty } from './clause.ts';
import type { JsonValue } from './json-text.ts';
import { structures } from './model.generated.ts';
import type { MemberModel, StructureModel } from './model.ts';
import { escapePointerPart } from './normal-form.ts';
import { listsWithOneItem, requirementExceptions } from './requirement-exceptions.table.ts';

/** Clauses for a document in normal form whose types are right. */
export function missingRequiredMembers(
  structureName: string,
  document: JsonValue | undefined,
): readonly Clause[] {
  const structure = structures[structureName];
  if (structure === undefined || !isObject(document)) return [];
  const clauses: Clause[] = [];
  checkStructure(structureName, structure, document, '', clauses);
  return clauses;
}

type JsonObject = { readonly [name: string]: JsonValue };

function checkStructure(
  name: string,
  structure: StructureModel,
  object: JsonObject,
  pointer: string,
  clauses: Clause[],
): void {
  for (const wire of structure.serverRequired ?? []) {
    const isWaived = requirementExceptions.get(`${name}.${wire}`)?.(object) ?? false;
    if (object[wire] === undefined && !isWaived) clauses.push(requiredProperty(pointer, wire));
  }
  for (const [wire, value] of Object.entries(object)) {
    const member = structure.members[wire];
    if (Array.isArray(value) && value.length === 0 && listsWithOneItem.has(`${name}.${wire}`)) {
      clauses.push({
        pointer: `${pointer}/${wire}`,
        text: 'Should have at least 1 items',
        remedy: 'Add one.',
      });
    }
    if (member === undefined || isLaidOverAnother(name, wire, object)) continue;
    checkMember(member, value, `${pointer}/${escapePointerPart(wire)}`, clauses);
  }
}

function checkMember(member: MemberModel, value: JsonValue, pointer: string, clauses: Clause[]): void {
  if (member.kind === 'structure' && isObject(value)) {
    const structure = structures[member.structure];
    if (structure !== undefined) checkStructure(member.structure, structure, value, pointer, clauses);
  }
  if (member.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries())
      checkMember(member.member, item, `${pointer}/${index}`, clauses);
  }
  if (member.kind === 'map' && isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkMember(member.value, item, `${pointer}/${escapePointerPart(key)}`, clauses);
    }
  }
}

/** A job over a template, or an output over a preset, may say as little as it likes; the merged document is checked again. */
function isLaidOverAnother(structureName: string, wire: string, object: JsonObject): boolean {
  if (wire === 'settings') return object['jobTemplate'] !== undefined;
  return structureName === 'Output' && object['preset'] !== undefined;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
