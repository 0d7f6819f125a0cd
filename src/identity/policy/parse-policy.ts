/**
 * From JSON to a policy that can be evaluated. What the grammar does not know is refused with its place, so that a
 * misspelled `Effect` or operator is found at start and not by a request that was let through (IAM User Guide,
 * "Grammar of the IAM JSON policy language").
 */
import { isAddressRange } from './addresses.ts';
import { type ConditionOperator, type OperatorRule, operatorRules } from './condition-operators.table.ts';
import { toInstantMs, toNumber } from './conditions.ts';
import { readActions, readPrincipals, readResources } from './parse-elements.ts';
import type { Condition, Policy, Statement } from './policy-document.ts';

/** `identity`: attached to a caller or a role. `trust`: says who may assume a role; it names principals, no resources. */
export type PolicyKind = 'identity' | 'trust';

/** Adds a problem: the place is a JSON pointer, the text completes "{place} …". */
export type Report = (place: string, text: string) => void;

/**
 * Parses a document. Every mistake goes to `problems` as "{place} {what is wrong}"; `pointer` is the document's own
 * place. The result is meaningful only when nothing was added.
 */
export function parsePolicy(
  document: unknown,
  kind: PolicyKind,
  pointer: string,
  problems: string[],
): Policy {
  const report: Report = (place, text) => void problems.push(`${place} ${text}`);
  const none: Policy = { version: '2012-10-17', statements: [] };
  if (!isObject(document)) {
    report(pointer, 'must be a policy document: an object with Version and Statement');
    return none;
  }
  for (const name of unknownMembers(document, ['Version', 'Id', 'Statement']))
    report(`${pointer}/${name}`, 'is no element of a policy');
  const version = document['Version'] ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    report(`${pointer}/Version`, 'must be 2012-10-17 or 2008-10-17');
    return none;
  }
  const given = document['Statement'];
  if (given === undefined) report(`${pointer}/Statement`, 'is required');
  const list = Array.isArray(given) ? (given as unknown[]) : given === undefined ? [] : [given];
  const statements = list.map((statement, index) =>
    parseStatement(statement, kind, `${pointer}/Statement${Array.isArray(given) ? `/${index}` : ''}`, report),
  );
  const sids = statements.flatMap(({ sid }) => (sid === null ? [] : [sid]));
  for (const sid of new Set(sids.filter((each, index) => sids.indexOf(each) !== index)))
    report(`${pointer}/Statement`, `has two statements with the Sid '${sid}'`);
  return { version, statements };
}

const statementMembers = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

function parseStatement(statement: unknown, kind: PolicyKind, place: string, report: Report): Statement {
  const members = isObject(statement) ? statement : {};
  if (!isObject(statement)) report(place, 'must be an object');
  for (const name of unknownMembers(members, statementMembers))
    report(`${place}/${name}`, 'is no element of a statement');
  const { Sid: sid, Effect: effect } = members;
  if (sid !== undefined && typeof sid !== 'string') report(`${place}/Sid`, 'must be a string');
  if (effect !== 'Allow' && effect !== 'Deny') report(`${place}/Effect`, "must be 'Allow' or 'Deny'");
  return {
    sid: typeof sid === 'string' && sid !== '' ? sid : null,
    effect: effect === 'Allow' ? 'Allow' : 'Deny',
    principals: readPrincipals(members, kind, place, report),
    actions: readActions(members, place, report),
    resources: readResources(members, kind, place, report),
    conditions:
      members['Condition'] === undefined ? [] : parseConditions(members['Condition'], place, report),
  };
}

function parseConditions(block: unknown, statementPlace: string, report: Report): readonly Condition[] {
  const place = `${statementPlace}/Condition`;
  if (!isObject(block)) {
    report(place, 'must be an object of operators');
    return [];
  }
  return Object.entries(block).flatMap(([name, keys]) => {
    const at = `${place}/${name}`;
    const operator = readOperator(name);
    if (operator === null) {
      report(at, 'is no condition operator');
      return [];
    }
    if (!isObject(keys)) {
      report(at, 'must be an object of condition keys');
      return [];
    }
    return Object.entries(keys).map(
      ([key, values]): Condition => ({
        ...operator,
        key: key.toLowerCase(),
        values: readValues(values, operator.operator, `${at}/${key}`, report),
      }),
    );
  });
}

/** The parts of a name such as `ForAnyValue:StringLikeIfExists`, or null. `Null` has neither quantifier nor IfExists. */
function readOperator(name: string): Pick<Condition, 'operator' | 'quantifier' | 'ifExists'> | null {
  if (name === 'Null') return { operator: 'Null', quantifier: null, ifExists: false };
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const [, quantifier, operator = '', ifExists] = match ?? [];
  if (!Object.hasOwn(operatorRules, operator)) return null;
  return {
    operator: operator as ConditionOperator,
    quantifier: (quantifier as Condition['quantifier'] | undefined) ?? null,
    ifExists: ifExists !== undefined,
  };
}

function readValues(
  given: unknown,
  operator: ConditionOperator,
  place: string,
  report: Report,
): readonly string[] {
  const list = Array.isArray(given) ? (given as unknown[]) : [given];
  if (list.length === 0) report(place, 'must have at least one value');
  return list.map((value, index) => {
    const at = Array.isArray(given) ? `${place}/${index}` : place;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      report(at, 'must be a string, a number, true or false');
      return '';
    }
    const text = String(value);
    const expected = expectedForm(operator, text);
    if (expected !== null) report(at, `must be ${expected}, not '${text}'`);
    return text;
  });
}

/** What a value of the operator must be when `text` is not; otherwise null. */
function expectedForm(operator: ConditionOperator, text: string): string | null {
  if (operator === 'Null') return /^(true|false)$/i.test(text) ? null : 'true or false';
  const { comparison }: OperatorRule = operatorRules[operator];
  switch (comparison) {
    case 'number':
      return Number.isNaN(toNumber(text)) ? 'a number' : null;
    case 'instant':
      return Number.isNaN(toInstantMs(text)) ? 'an ISO 8601 time such as 2026-01-31T12:00:00Z' : null;
    case 'boolean':
      return /^(true|false)$/i.test(text) ? null : 'true or false';
    case 'address':
      return isAddressRange(text) ? null : 'an address or a range such as 203.0.113.0/24';
    case 'bytes':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? null : 'base64';
    case 'arn':
    case 'equal':
    case 'equal-ignoring-case':
    case 'like':
      return null;
  }
}

function unknownMembers(members: object, known: readonly string[]): readonly string[] {
  return Object.keys(members).filter((name) => !known.includes(name));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
