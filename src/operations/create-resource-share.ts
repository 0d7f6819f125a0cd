import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { jobNotFound } from './get-job.ts';
import { isJobId } from './job-id.ts';
import type { Operation } from './operation.ts';
import { readReference } from './resource-reference.ts';

/**
 * CreateResourceShare: notes that a job is shared with a support case, also when it is already; GetJob shows it from
 * then on (spec api.md 16). Nothing leaves this deployment.
 */
export const createResourceShare: Operation = async (input, context) => {
  const { jobId, supportCaseId } = checkedRequest('CreateResourceShare', input);
  if (!/^case-[\w-]{1,200}$/.test(supportCaseId)) {
    throw apiFault(
      'BadRequestException',
      `The support case id ${supportCaseId} is not valid.`,
      'the id of a support case has the form case-…',
    );
  }
  const { name } = readReference(jobId, 'jobs', context);
  const share = { supportCaseId, sharedAtMs: context.now() };
  if (name === null || !isJobId(name) || !(await context.account.shareJob(name, share)))
    throw jobNotFound(jobId);
  return {};
};
