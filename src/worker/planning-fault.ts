/** The fault of a plan that cannot be: the finding that the service would report first. */
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import { evaluationRank } from '../catalogue/several-faults.ts';

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
  return code === 400 ? 0 : evaluationRank(code);
}
