/**
 * The decision of a set of policies about one request: explicit deny, then allow, then implicit deny; with a permission
 * boundary, the boundary must allow as well (IAM User Guide, "Policy evaluation logic").
 */
import { isSatisfied } from './conditions.ts';
import { matchesParts, matchesPattern } from './match.ts';
import type { Patterns, Policy, PrincipalPattern, PrincipalRule, Statement } from './policy-document.ts';
import type { RequestContext } from './request-context.ts';
import { resolveVariables } from './variables.ts';

/** Who asks, for policies with principals. */
export type Principal =
  | { readonly kind: 'AWS'; readonly arn: string; readonly accountId: string }
  | { readonly kind: 'Service'; readonly name: string };

/** What is asked. */
export interface AuthorizationRequest {
  /** Null for policies without principals. */
  readonly principal: Principal | null;
  /** Such as `s3:GetObject`; compared without case. */
  readonly action: string;
  /** An ARN, or any other text a `Resource` may match; compared with case. */
  readonly resource: string;
  readonly context: RequestContext;
}

/** Policies that apply together. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  /** Null: no boundary. */
  readonly boundary: Policy | null;
}

/** The decision; `by` says which part of the set decided, for people. */
export type Decision =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      readonly isExplicit: boolean;
      readonly by: 'policies' | 'boundary';
      /** Of the statement that denies, when it has one. */
      readonly sid: string | null;
    };

/** Decides. */
export function evaluate({ policies, boundary }: PolicySet, request: AuthorizationRequest): Decision {
  const applicable = (policy: Policy): readonly Statement[] =>
    policy.statements.filter((statement) => applies(statement, policy.version, request));
  const ofPolicies = policies.flatMap(applicable);
  const ofBoundary = boundary === null ? null : applicable(boundary);
  const denying = { policies: findDeny(ofPolicies), boundary: findDeny(ofBoundary ?? []) };
  for (const by of ['policies', 'boundary'] as const) {
    const statement = denying[by];
    if (statement !== undefined) return { isAllowed: false, isExplicit: true, by, sid: statement.sid };
  }
  // Every statement that is left allows.
  if (ofPolicies.length === 0) return { isAllowed: false, isExplicit: false, by: 'policies', sid: null };
  if (ofBoundary?.length === 0) return { isAllowed: false, isExplicit: false, by: 'boundary', sid: null };
  return { isAllowed: true };
}

/** The decision as a half-sentence: why a request was denied. */
export function describeDenial(decision: Exclude<Decision, { isAllowed: true }>, action: string): string {
  const where = decision.by === 'policies' ? 'a policy' : 'the permissions boundary';
  if (decision.isExplicit)
    return `${where} denies ${action} explicitly${decision.sid === null ? '' : ` (statement ${decision.sid})`}`;
  return decision.by === 'policies' ? `no policy allows ${action}` : `${where} does not allow ${action}`;
}

function findDeny(statements: readonly Statement[]): Statement | undefined {
  return statements.find(({ effect }) => effect === 'Deny');
}

function applies(statement: Statement, version: Policy['version'], request: AuthorizationRequest): boolean {
  const { principals, actions, resources, conditions } = statement;
  return (
    matchesAction(actions, request.action) &&
    (resources === null || matchesResource(resources, version, request)) &&
    (principals === null || matchesPrincipal(principals, request.principal)) &&
    conditions.every((condition) => isSatisfied(condition, version, request.context))
  );
}

function matchesAction({ isNegated, patterns }: Patterns, action: string): boolean {
  const lower = action.toLowerCase();
  return patterns.some((pattern) => matchesPattern(pattern.toLowerCase(), lower)) !== isNegated;
}

/** Unlike in conditions, a `*` in a resource reaches over colons. A variable without a value matches nothing. */
function matchesResource(
  { isNegated, patterns }: Patterns,
  version: Policy['version'],
  { resource, context }: AuthorizationRequest,
): boolean {
  const resolved = patterns.map((pattern) => resolveVariables(pattern, version, context));
  // Excluding what is not known excludes nothing for certain: the statement does not apply.
  if (isNegated && resolved.includes(null)) return false;
  return resolved.some((parts) => parts !== null && matchesParts(parts, resource)) !== isNegated;
}

function matchesPrincipal({ isNegated, principals }: PrincipalRule, asking: Principal | null): boolean {
  return principals.some((pattern) => isSamePrincipal(pattern, asking)) !== isNegated;
}

function isSamePrincipal(pattern: PrincipalPattern, asking: Principal | null): boolean {
  if (pattern.kind === 'everyone') return true;
  if (asking === null || pattern.kind !== asking.kind) return false;
  if (asking.kind === 'Service') return pattern.value === asking.name;
  return (
    pattern.value === asking.arn ||
    pattern.value === asking.accountId ||
    new RegExp(`^arn:aws(-[a-z]+)*:iam::${asking.accountId}:root$`).test(pattern.value)
  );
}
