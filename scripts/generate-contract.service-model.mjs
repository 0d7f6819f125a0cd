/**
 * Reads the service model out of the installed SDK and joins the checked-in facts to it.
 *
 * The SDK describes the protocol twice: runtime schemas (wire names, HTTP bindings, required members) and type
 * declarations (which enumeration a string member has, what a list holds). Neither has ranges: those are facts.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const sdk = require('@aws-sdk/client-mediaconvert');
const packageFile = require.resolve('@aws-sdk/client-mediaconvert/package.json');

/** Kinds of runtime schema: first element of the schema array. */
const STRUCTURE_SCHEMA = 3;
const ERROR_SCHEMA = -3;
const OPERATION_SCHEMA = 9;
/** A member's traits are this number instead of an object when its only trait is "part of the path". */
const PATH_LABEL_TRAIT = 1;

/** The whole model: `{ source, enums, structures, operations, faults }`, every table sorted by name. */
export function readServiceModel(facts) {
  const declaredTypes = readDeclaredTypes();
  const enums = {};
  const structures = {};
  const operations = {};
  const faults = {};
  for (const schema of Object.values(sdk).filter(isSchema)) {
    const name = schema[2];
    if (schema[0] === STRUCTURE_SCHEMA) structures[name] = readStructure(schema, declaredTypes, facts, enums);
    if (schema[0] === OPERATION_SCHEMA) operations[name] = readOperation(schema);
    if (schema[0] === ERROR_SCHEMA && schema[3]?.httpError) faults[name] = schema[3].httpError;
  }
  addOlderMembers(facts, structures, enums);
  assertFactsAreUsed(facts, structures);
  return {
    source: `@aws-sdk/client-mediaconvert ${JSON.parse(readFileSync(packageFile, 'utf8')).version}`,
    enums: sortByKey(enums),
    structures: sortByKey(structures),
    operations: sortByKey(operations),
    faults: sortByKey(faults),
  };
}

function isSchema(value) {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[2] === 'string';
}

/** `Structure.Member` → declared TypeScript type, from the SDK's declarations. */
function readDeclaredTypes() {
  const text = readFileSync(join(dirname(packageFile), 'dist-types', 'models', 'models_0.d.ts'), 'utf8');
  const types = new Map();
  let structure = '';
  for (const line of text.split('\n')) {
    const opening = /^export interface (\w+) /.exec(line);
    if (opening) structure = opening[1];
    const member = /^ {4}(\w+)\??: (.+?)( \| undefined)?;$/.exec(line);
    if (member) types.set(`${structure}.${member[1]}`, member[2]);
  }
  return types;
}

function readStructure(
  [, , name, , memberNames, memberSchemas, requiredCount = 0],
  declaredTypes,
  facts,
  enums,
) {
  const members = {};
  memberNames.forEach((memberName, index) => {
    const declared = declaredTypes.get(`${name}.${memberName}`);
    if (declared === undefined) throw new Error(`no declared type for ${name}.${memberName}`);
    const schema = memberSchemas[index];
    const traits = Array.isArray(schema) ? schema[1] : {};
    const location = readLocation(traits);
    const wire = traits.jsonName ?? traits.httpQuery ?? lowerFirst(memberName);
    if (wire !== lowerFirst(memberName)) throw new Error(`wire name of ${name}.${memberName} is ${wire}`);
    members[wire] = {
      ...toMemberModel(declared, facts.members[name]?.[memberName] ?? {}, enums),
      ...(location === 'body' ? {} : { location }),
    };
  });
  const serverRequired = Object.keys(facts.serverRequired[name] ?? {})
    .map(lowerFirst)
    .sort();
  return {
    members: sortByKey(members),
    required: memberNames.slice(0, requiredCount).map(lowerFirst).sort(),
    serverRequired,
  };
}

function readLocation(traits) {
  if (traits === PATH_LABEL_TRAIT) return 'path';
  if (typeof traits === 'object' && traits.httpQuery) return 'query';
  return 'body';
}

function toMemberModel(declared, facts, enums) {
  const list = /^(.+)\[\]$/.exec(declared);
  if (list)
    return {
      kind: 'list',
      member: toMemberModel(list[1], facts.item ?? {}, enums),
      ...pick(facts, LIST_FACTS),
    };
  const map = /^Record<string, (.+)>$/.exec(declared);
  if (map)
    return { kind: 'map', value: toMemberModel(map[1], facts.item ?? {}, enums), ...pick(facts, LIST_FACTS) };
  if (declared === 'string') return { kind: 'string', ...pick(facts, STRING_FACTS) };
  if (declared === 'number') return { kind: facts.type ?? 'integer', ...pick(facts, NUMBER_FACTS) };
  if (declared === 'Date') return { kind: 'timestamp' };
  if (isSchema(sdk[`${declared}$`])) return { kind: 'structure', structure: declared };
  const values = sdk[declared];
  if (typeof values !== 'object') throw new Error(`unknown declared type ${declared}`);
  enums[declared] = Object.values(values);
  return { kind: 'enum', enum: declared };
}

const LIST_FACTS = ['minItems', 'maxItems', 'keys'];
const STRING_FACTS = ['minLength', 'maxLength', 'pattern'];
const NUMBER_FACTS = [
  'min',
  'max',
  'exclusiveMin',
  'exclusiveMax',
  'multipleOf',
  'values',
  'orZero',
  'integer',
];

/** `[kind, namespace, name, traits, input, output]`; paths name their labels as members, we name them as the wire does. */
function readOperation([, , , traits, input, output]) {
  const [method, path, status] = traits.http;
  return {
    method,
    path: path.replace(/\{(\w+)\}/g, (_, label) => `{${lowerFirst(label)}}`),
    status,
    input: input()[2],
    output: output()[2],
  };
}

/** Members of the baseline generation that the newest model dropped: still accepted (spec api.md 18). */
function addOlderMembers(facts, structures, enums) {
  for (const [name, members] of Object.entries(facts.olderMembers)) {
    for (const [memberName, member] of Object.entries(members)) {
      enums[member.enumName] ??= member.enum;
      structures[name].members[lowerFirst(memberName)] ??= {
        kind: 'enum',
        enum: member.enumName,
        older: true,
      };
    }
    structures[name].members = sortByKey(structures[name].members);
  }
}

/** A fact about a member that no longer exists is a stale fact: the bump must look at it. */
function assertFactsAreUsed(facts, structures) {
  for (const table of [facts.members, facts.serverRequired, facts.noLongerRequired, facts.olderMembers]) {
    for (const [name, members] of Object.entries(table)) {
      for (const memberName of Object.keys(members)) {
        if (structures[name]?.members[lowerFirst(memberName)] === undefined) {
          throw new Error(`model-facts.json names ${name}.${memberName}, which the model does not have`);
        }
      }
    }
  }
}

function pick(facts, names) {
  return Object.fromEntries(
    names.filter((name) => facts[name] !== undefined).map((name) => [name, facts[name]]),
  );
}

function lowerFirst(name) {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function sortByKey(table) {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
