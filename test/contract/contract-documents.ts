/** Documents made from the contract itself: whatever the model allows, seldom what a person would write. */
import fc from 'fast-check';
import { enums, structures } from '../../src/contract/model.generated.ts';
import type { MemberModel, NumberModel, StringModel } from '../../src/contract/model.ts';

/** A document that conforms to a structure of the model: types, ranges, patterns, required members. */
export function documentOf(
  structureName: string,
  optionalMembers = 0.2,
): fc.Arbitrary<Record<string, unknown>> {
  const structure = structures[structureName];
  if (structure === undefined) throw new RangeError(`the model has no structure ${structureName}`);
  const required = new Set([...(structure.required ?? []), ...(structure.serverRequired ?? [])]);
  const members = Object.entries(structure.members).map(([name, member]) => {
    // The service wants something in every list that it wants.
    const filled =
      member.kind === 'list' && required.has(name) ? { ...member, minItems: member.minItems ?? 1 } : member;
    const value = fc.constant(null).chain(() => conformingValue(filled, optionalMembers));
    if (required.has(name)) return value.map((made) => [[name, made]]);
    const optional = fc.oneof(
      { weight: Math.round((1 - optionalMembers) * 100), arbitrary: fc.constant([]) },
      { weight: Math.round(optionalMembers * 100), arbitrary: value.map((made) => [[name, made]]) },
    );
    return optional;
  });
  return fc.tuple(...members).map((entries) => Object.fromEntries(entries.flat()) as Record<string, unknown>);
}

/** A value that conforms to a member. */
export function conformingValue(member: MemberModel, optionalMembers = 0.2): fc.Arbitrary<unknown> {
  switch (member.kind) {
    case 'string':
      return textOf(member);
    case 'enum':
      return fc.constantFrom(...(enums[member.enum] ?? []));
    case 'integer':
    case 'long':
    case 'double':
      return numberOf(member);
    case 'timestamp':
      return fc.integer({ min: 0, max: 4_000_000_000 });
    case 'structure':
      return documentOf(member.structure, optionalMembers);
    case 'list':
      return fc.array(conformingValue(member.member, optionalMembers), {
        minLength: member.minItems ?? 0,
        maxLength: Math.max(member.minItems ?? 0, Math.min(2, member.maxItems ?? 2)),
      });
    case 'map':
      return fc.dictionary(
        fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ]{0,8}[a-z]$/),
        conformingValue(member.value, optionalMembers),
        {
          minKeys: member.minItems ?? 0,
          maxKeys: Math.max(member.minItems ?? 0, Math.min(2, member.maxItems ?? 2)),
          noNullPrototype: true,
        },
      );
  }
}

function textOf({ pattern, minLength = 0, maxLength = 40 }: StringModel): fc.Arbitrary<string> {
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern === undefined)
    return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, minLength + 20)) });
  // fast-check cannot make text of Unicode classes; letters and digits are in all of ours.
  const plain = pattern.replaceAll(/\\p\{(L|N)\}/g, (_, kind) => (kind === 'L' ? 'A-Za-z' : '0-9'));
  return fc.stringMatching(new RegExp(plain), { size: 'small' }).filter(fits);
}

function numberOf(model: NumberModel): fc.Arbitrary<number> {
  const { min, max, exclusiveMin, exclusiveMax, multipleOf = 1, values, kind } = model;
  if (values !== undefined) return fc.constantFrom(...(values as number[]));
  if (kind === 'double' && !model.integer) {
    return fc.double({
      min: min ?? exclusiveMin ?? -1e6,
      max: max ?? exclusiveMax ?? 1e6,
      minExcluded: exclusiveMin !== undefined && min === undefined,
      maxExcluded: exclusiveMax !== undefined && max === undefined,
      noNaN: true,
    });
  }
  const low = min ?? (exclusiveMin === undefined ? -1000 : exclusiveMin + 1);
  const high = max ?? (exclusiveMax === undefined ? Math.max(low, 1_000_000) : exclusiveMax - 1);
  return fc
    .integer({ min: Math.ceil(low / multipleOf), max: Math.floor(high / multipleOf) })
    .map((number) => number * multipleOf);
}

/** One value of a document. */
export interface Place {
  /** JSON pointer. */
  readonly pointer: string;
  readonly member: MemberModel;
}

/** All values of a document that the model knows, with their members, in document order. */
export function placesOf(structureName: string, document: object, pointer = ''): readonly Place[] {
  const structure = structures[structureName];
  return Object.entries(document).flatMap(([name, value]) => {
    const member = structure?.members[name];
    return member === undefined ? [] : placesOfValue(member, value, `${pointer}/${escaped(name)}`);
  });
}

function placesOfValue(member: MemberModel, value: unknown, pointer: string): readonly Place[] {
  const here: Place = { pointer, member };
  if (member.kind === 'structure') return [here, ...placesOf(member.structure, value as object, pointer)];
  if (member.kind === 'list')
    return [
      here,
      ...(value as unknown[]).flatMap((item, index) =>
        placesOfValue(member.member, item, `${pointer}/${index}`),
      ),
    ];
  if (member.kind === 'map')
    return [
      here,
      ...Object.entries(value as object).flatMap(([key, item]) =>
        placesOfValue(member.value, item, `${pointer}/${escaped(key)}`),
      ),
    ];
  return [here];
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Values that the member cannot have: wrong types, values outside an enumeration, numbers outside a range. */
export function corruptionsOf(member: MemberModel): readonly unknown[] {
  switch (member.kind) {
    case 'string':
      return [5, true, {}, []];
    case 'enum':
      return ['NO_SUCH_VALUE', 5, {}];
    case 'integer':
    case 'long':
    case 'double':
    case 'timestamp': {
      const bounds =
        member.kind === 'timestamp'
          ? []
          : [
              ...(member.max === undefined ? [] : [member.max + 1]),
              ...(member.min === undefined || (member.orZero === true && member.min === 1)
                ? []
                : [member.min - 1]),
            ];
      return ['text', true, {}, ...bounds];
    }
    case 'structure':
      return [5, 'text', []];
    case 'list':
      return [5, 'text', {}];
    case 'map':
      return [5, 'text', []];
  }
}
