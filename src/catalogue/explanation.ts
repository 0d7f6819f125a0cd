/**
 * What a failed job tells beside its code and message: place, facts, remedy, and everything else that is wrong. The
 * message itself stays the service's own text, because clients match on it; the explanation travels in
 * `Job.messages` and in the ERROR event's `openconvert` member.
 */
import { remedyOf } from './codes.ts';
import type { FaultRecord } from './fault.ts';
import type { Finding } from './finding.ts';

/** The explanation of one fault. Absent members are not known. */
export interface FaultExplanation {
  /** JSON pointer of the guilty setting. */
  readonly pointer?: string;
  readonly mediaFact?: string;
  readonly expected?: string;
  readonly remedy: string;
  /** Other errors of the same job. */
  readonly alsoWrong?: readonly {
    readonly code: number;
    readonly pointer: string;
    readonly message: string;
  }[];
}

/** Explains a fault among the findings of its job. */
export function explainFault(fault: FaultRecord, findings: readonly Finding[]): FaultExplanation {
  const others = otherErrors(fault, findings);
  return {
    ...(fault.pointer ? { pointer: fault.pointer } : {}),
    ...(fault.mediaFact === undefined ? {} : { mediaFact: fault.mediaFact }),
    ...(fault.expected === undefined ? {} : { expected: fault.expected }),
    remedy: remedyOf(fault),
    ...(others.length === 0
      ? {}
      : { alsoWrong: others.map(({ code, pointer, message }) => ({ code, pointer, message })) }),
  };
}

/** Errors among the findings that are not the fault itself. */
export function otherErrors(
  fault: FaultRecord,
  findings: readonly Finding[],
): readonly Extract<Finding, { severity: 'error' }>[] {
  const errors = findings.filter((finding) => finding.severity === 'error');
  return errors.filter(
    ({ message, pointer }) => message !== fault.message || pointer !== (fault.pointer ?? ''),
  );
}

/** The explanation as sentences: `info` about the error itself, `warning` about the other errors. */
export function explanationMessages(explanation: FaultExplanation): {
  readonly info: readonly string[];
  readonly warning: readonly string[];
} {
  const { pointer, mediaFact, expected, remedy, alsoWrong = [] } = explanation;
  return {
    info: [
      ...(pointer === undefined ? [] : [`Setting: ${pointer}`]),
      ...(mediaFact === undefined ? [] : [`Found: ${mediaFact}`]),
      ...(expected === undefined ? [] : [`Expected: ${expected}`]),
      `Remedy: ${remedy}`,
    ],
    warning: alsoWrong.map((other) => `Also wrong: ${other.code} at ${other.pointer}: ${other.message}`),
  };
}
