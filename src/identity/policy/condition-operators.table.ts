/**
 * Condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators"). A negated operator holds when
 * none of its values matches, and holds for requests without the key.
 */

/** How a value of the policy is compared with one of the request. */
export type Comparison =
  | 'equal'
  | 'equal-ignoring-case'
  | 'like'
  | 'number'
  | 'instant'
  | 'boolean'
  | 'bytes'
  | 'arn'
  | 'address';

/** One operator. */
export interface OperatorRule {
  readonly comparison: Comparison;
  readonly isNegated: boolean;
  /** Ordered comparisons: what request value ⋛ policy value must be. Absent: equality. */
  readonly relation?: '<' | '<=' | '=' | '>=' | '>';
  /** Values may hold policy variables: string and ARN operators only ("Where you can use policy variables"). */
  readonly takesVariables: boolean;
}

const string = { isNegated: false, takesVariables: true } as const;
const plain = { isNegated: false, takesVariables: false } as const;
const not = { isNegated: true } as const;

/** All operators but `Null`, which compares nothing. */
export const operatorRules = {
  StringEquals: { ...string, comparison: 'equal' },
  StringNotEquals: { ...string, ...not, comparison: 'equal' },
  StringEqualsIgnoreCase: { ...string, comparison: 'equal-ignoring-case' },
  StringNotEqualsIgnoreCase: { ...string, ...not, comparison: 'equal-ignoring-case' },
  StringLike: { ...string, comparison: 'like' },
  StringNotLike: { ...string, ...not, comparison: 'like' },
  NumericEquals: { ...plain, comparison: 'number' },
  NumericNotEquals: { ...plain, ...not, comparison: 'number' },
  NumericLessThan: { ...plain, comparison: 'number', relation: '<' },
  NumericLessThanEquals: { ...plain, comparison: 'number', relation: '<=' },
  NumericGreaterThan: { ...plain, comparison: 'number', relation: '>' },
  NumericGreaterThanEquals: { ...plain, comparison: 'number', relation: '>=' },
  DateEquals: { ...plain, comparison: 'instant' },
  DateNotEquals: { ...plain, ...not, comparison: 'instant' },
  DateLessThan: { ...plain, comparison: 'instant', relation: '<' },
  DateLessThanEquals: { ...plain, comparison: 'instant', relation: '<=' },
  DateGreaterThan: { ...plain, comparison: 'instant', relation: '>' },
  DateGreaterThanEquals: { ...plain, comparison: 'instant', relation: '>=' },
  Bool: { ...plain, comparison: 'boolean' },
  BinaryEquals: { ...plain, comparison: 'bytes' },
  IpAddress: { ...plain, comparison: 'address' },
  NotIpAddress: { ...plain, ...not, comparison: 'address' },
  // The guide: ArnEquals and ArnLike behave identically, and so do their negations.
  ArnEquals: { ...string, comparison: 'arn' },
  ArnLike: { ...string, comparison: 'arn' },
  ArnNotEquals: { ...string, ...not, comparison: 'arn' },
  ArnNotLike: { ...string, ...not, comparison: 'arn' },
} as const satisfies Record<string, OperatorRule>;

/** Name of an operator, without quantifier and `IfExists`. */
export type ConditionOperator = keyof typeof operatorRules | 'Null';
