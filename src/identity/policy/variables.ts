/**
 * Policy variables: `${aws:username}` stands for the request's value of the key, `${aws:username, 'nobody'}` has a
 * default, and `${*}`, `${?}`, `${$}` are the characters themselves (IAM User Guide, "IAM policy elements: Variables
 * and tags"). They exist in documents of version 2012-10-17 only.
 */
import { type PatternPart, patternParts } from './match.ts';
import type { Policy } from './policy-document.ts';
import type { RequestContext } from './request-context.ts';

/**
 * The pattern with its variables filled in. Null when the request has no single value for one of them: such a value
 * matches nothing.
 */
export function resolveVariables(
  pattern: string,
  version: Policy['version'],
  context: RequestContext,
): readonly PatternPart[] | null {
  if (version !== '2012-10-17' || !pattern.includes('${')) return patternParts(pattern);
  const parts: PatternPart[] = [];
  for (const piece of pattern.split(/(\$\{[^}]*\})/)) {
    if (!piece.startsWith('${') || !piece.endsWith('}')) {
      parts.push(...patternParts(piece));
      continue;
    }
    const value = variableValue(piece.slice(2, -1), context);
    if (value === null) return null;
    parts.push({ literal: value });
  }
  return parts;
}

function variableValue(variable: string, context: RequestContext): string | null {
  if (variable === '*' || variable === '?' || variable === '$') return variable;
  const [, key = '', fallback] = /^\s*([^,\s][^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/s.exec(variable) ?? [];
  const values = context.get(key.toLowerCase()) ?? [];
  return (values.length === 1 ? values[0] : undefined) ?? fallback ?? null;
}
