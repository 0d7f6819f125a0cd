/**
 * The service model as one JSON Schema: what ajv compiles. Members the *service* requires are not in it, they depend
 * on templates and presets (`required-members.ts`); members the client model requires are.
 */

import { enums, structures } from './model.generated.ts';
import type { ListModel, MapModel, MemberModel, NumberModel, StringModel, StructureModel } from './model.ts';

/** A JSON Schema node, as far as we use it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The whole model; one definition per structure, addressed by `#/$defs/{name}`. */
export function modelSchema(): JsonSchema {
  const definitions = Object.entries(structures).map(([name, structure]) => [
    name,
    structureSchema(structure),
  ]);
  return { $id: 'contract', $defs: Object.fromEntries(definitions) };
}

function structureSchema(structure: StructureModel): JsonSchema {
  const properties = Object.entries(structure.members).map(([wire, member]) => [wire, memberSchema(member)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    ...(structure.required === undefined ? {} : { required: structure.required }),
  };
}

function memberSchema(member: MemberModel): JsonSchema {
  switch (member.kind) {
    case 'string':
      return stringSchema(member);
    case 'enum':
      return { type: 'string', enum: enums[member.enum] };
    case 'integer':
    case 'long':
    case 'double':
      return numberSchema(member);
    case 'timestamp':
      return { type: 'number' };
    case 'structure':
      return { $ref: `#/$defs/${member.structure}` };
    case 'list':
      return listSchema(member);
    case 'map':
      return mapSchema(member);
  }
}

function stringSchema(member: StringModel): JsonSchema {
  return withDefined({
    type: 'string',
    minLength: member.minLength,
    maxLength: member.maxLength,
    pattern: member.pattern,
  });
}

function numberSchema(member: NumberModel): JsonSchema {
  // A list of legal values may hold the string "-Infinity", the protocol's form of a special number.
  if (member.values !== undefined) {
    const hasText = member.values.some((value) => typeof value === 'string');
    return { type: hasText ? ['number', 'string'] : 'number', enum: member.values };
  }
  const range = withDefined({
    minimum: member.min,
    maximum: member.max,
    exclusiveMinimum: member.exclusiveMin,
    exclusiveMaximum: member.exclusiveMax,
    multipleOf: member.multipleOf,
  });
  const type = member.kind === 'double' && member.integer !== true ? 'number' : 'integer';
  if (member.orZero === true) return { type, if: { const: 0 }, else: range };
  return { type, ...range };
}

function listSchema(member: ListModel): JsonSchema {
  return withDefined({
    type: 'array',
    items: memberSchema(member.member),
    minItems: member.minItems,
    maxItems: member.maxItems,
  });
}

function mapSchema(member: MapModel): JsonSchema {
  const { keys } = member;
  return withDefined({
    type: 'object',
    additionalProperties: memberSchema(member.value),
    minProperties: member.minItems,
    maxProperties: member.maxItems,
    propertyNames: keys === undefined ? undefined : stringSchema({ kind: 'string', ...keys }),
  });
}

function withDefined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
