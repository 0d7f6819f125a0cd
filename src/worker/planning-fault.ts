/** The fault of a plan that cannot be: the finding that the service would report first. */
import type { JobErrorCode } from '../catalogue/codes.ts';
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';

/** Which code a job carries when several are found: the order in which the service looks (spec errors.md 1). */
const evaluationOrder: readonly JobErrorCode[] = [
  1515, 1433, 1434, 1432, 3457, 1010, 1075, 1030, 1020, 1021, 1022, 1092, 1040, 1041, 1043, 1042, 1080,
];

/**
 * Makes the fault. A finding of kind 400 reaches this point only where CreateJob was passed by (`run`, older jobs);
 * the job then carries 1040 with the validation text.
 */
export function faultOfFindings(findings: readonly Finding[]): JobFault {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const [first] = [...errors].sort((a, b) => rank(a) - rank(b));
  if (first === undefined)
    return jobFault(1999, 'unknown', {}, { component: 'planner', detail: 'no plan and no finding' });
  const facts = {
    component: 'planner',
    pointer: first.pointer,
    ...(first.mediaFact === undefined ? {} : { mediaFact: first.mediaFact }),
    ...(first.expected === undefined ? {} : { expected: first.expected }),
  };
  if (first.code === 400 || first.template === undefined) {
    return jobFault(1040, 'incompatible', { setting: first.pointer, reason: first.message }, facts);
  }
  return jobFault(first.code, first.template, first.parameters ?? {}, facts);
}

function rank({ code }: ErrorFinding): number {
  const place = code === 400 ? 0 : evaluationOrder.indexOf(code);
  return place < 0 ? evaluationOrder.length : place;
}
