/**
 * Evaluation of one condition against a request (IAM User Guide, "IAM JSON policy elements: Condition" and "Multivalued
 * context keys").
 *
 * - The values of one key are alternatives; for negated operators all of them are excluded.
 * - Without the key a condition fails, except: negated operators, `…IfExists`, `ForAllValues`, and `Null: true`.
 * - `ForAnyValue` needs one value of the request that satisfies; `ForAllValues` needs all to satisfy.
 * - A key with several values and no quantifier: one that matches is enough (negated: none may match).
 */
import { isInRange } from './addresses.ts';
import { type OperatorRule, operatorRules } from './condition-operators.table.ts';
import { matchesArn, matchesParts, type PatternPart } from './match.ts';
import type { Condition, Policy } from './policy-document.ts';
import type { RequestContext } from './request-context.ts';
import { resolveVariables } from './variables.ts';

/** True when the request satisfies the condition. */
export function isSatisfied(
  condition: Condition,
  version: Policy['version'],
  context: RequestContext,
): boolean {
  const given = context.get(condition.key) ?? [];
  if (condition.operator === 'Null')
    return condition.values.some((value) => value.toLowerCase() === String(given.length === 0));
  const rule: OperatorRule = operatorRules[condition.operator];
  if (given.length === 0) {
    if (condition.quantifier === 'ForAllValues' || condition.ifExists) return true;
    return condition.quantifier === null && rule.isNegated;
  }
  const wanted = condition.values.map((value) => toComparable(value, rule, version, context));
  const matches = (value: string): boolean =>
    wanted.some((each) => each !== null && compare(rule, each, value));
  const satisfies = (value: string): boolean => matches(value) !== rule.isNegated;
  switch (condition.quantifier) {
    case 'ForAllValues':
      return given.every(satisfies);
    case 'ForAnyValue':
      return given.some(satisfies);
    case null:
      return rule.isNegated ? !given.some(matches) : given.some(matches);
  }
}

/** A value of the policy as it is compared: as a pattern where variables may stand, otherwise as written. */
interface Comparable {
  readonly text: string;
  readonly parts: readonly PatternPart[];
}

/** Null when a variable in it has no value. */
function toComparable(
  value: string,
  rule: OperatorRule,
  version: Policy['version'],
  context: RequestContext,
): Comparable | null {
  if (!rule.takesVariables) return { text: value, parts: [] };
  const parts = resolveVariables(value, version, context);
  if (parts === null) return null;
  return { text: parts.map((part) => (typeof part === 'string' ? part : part.literal)).join(''), parts };
}

function compare(rule: OperatorRule, { text, parts }: Comparable, given: string): boolean {
  switch (rule.comparison) {
    case 'equal':
      return text === given;
    case 'equal-ignoring-case':
      return text.toLowerCase() === given.toLowerCase();
    case 'like':
      return matchesParts(parts, given);
    case 'arn':
      return matchesArn(parts, given);
    case 'boolean':
      return text.toLowerCase() === given.toLowerCase();
    case 'bytes':
      return Buffer.from(text, 'base64').equals(Buffer.from(given, 'base64'));
    case 'address':
      return isInRange(text, given);
    case 'number':
      return isRelated(rule, toNumber(given), toNumber(text));
    case 'instant':
      return isRelated(rule, toInstantMs(given), toInstantMs(text));
  }
}

/** NaN, what a text that is no number or time becomes, is related to nothing. */
function isRelated({ relation = '=' }: OperatorRule, given: number, wanted: number): boolean {
  switch (relation) {
    case '<':
      return given < wanted;
    case '<=':
      return given <= wanted;
    case '>':
      return given > wanted;
    case '>=':
      return given >= wanted;
    case '=':
      return given === wanted;
  }
}

/** A decimal number, or NaN. */
export function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

/** Milliseconds since the epoch of an ISO 8601 time or of epoch seconds, or NaN (W3C note-datetime forms). */
export function toInstantMs(text: string): number {
  if (/^\d{1,12}(\.\d+)?$/.test(text) && !/^\d{4}$/.test(text)) return Number(text) * 1000;
  return /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}
