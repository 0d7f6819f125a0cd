/**
 * IAM policy documents as they are evaluated: parsed, checked, every scalar a list (IAM User Guide, "IAM JSON policy
 * element reference"). `parse-policy.ts` makes them, `evaluate.ts` decides with them.
 */
import type { ConditionOperator } from './condition-operators.table.ts';

/** One policy document. */
export interface Policy {
  /** Documents without `Version` are of 2008-10-17: policy variables are plain text there. */
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
}

/** Patterns of actions or resources; `isNegated` for `NotAction` and `NotResource`. */
export interface Patterns {
  readonly isNegated: boolean;
  readonly patterns: readonly string[];
}

/** Who a statement of a trust policy is about; `isNegated` for `NotPrincipal`. */
export interface PrincipalRule {
  readonly isNegated: boolean;
  readonly principals: readonly PrincipalPattern[];
}

/** `everyone` is `"*"` and `{"AWS": "*"}`. Values of the other kinds are compared whole, never as patterns. */
export type PrincipalPattern =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'; readonly value: string };

/** One key of one operator of a `Condition` block. */
export interface Condition {
  readonly operator: ConditionOperator;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | null;
  /** `…IfExists`: a request without the key satisfies it. */
  readonly ifExists: boolean;
  /** Lower case: names of condition keys are compared without case, tag names in them too. */
  readonly key: string;
  /** Any of them suffices; none may match where the operator is negated. */
  readonly values: readonly string[];
}

/** One statement. */
export interface Statement {
  readonly sid: string | null;
  readonly effect: 'Allow' | 'Deny';
  /** Null: a policy without principals, which applies to whoever it is attached to. */
  readonly principals: PrincipalRule | null;
  readonly actions: Patterns;
  /** Null: a trust policy, whose resource is the role it belongs to. */
  readonly resources: Patterns | null;
  /** All must hold. */
  readonly conditions: readonly Condition[];
}
