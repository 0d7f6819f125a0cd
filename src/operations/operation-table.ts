/** The operations of this release, by name. Adding one is one line here; its route comes from the contract. */
import { operationNamed } from '../contract/operations.ts';
import { compileValidators } from '../contract/validate.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { apiFault } from './api-fault.ts';
import { cancelJob } from './cancel-job.ts';
import { associateCertificate, disassociateCertificate } from './certificates.ts';
import { createJob } from './create-job.ts';
import { createJobTemplate } from './create-job-template.ts';
import { createPreset } from './create-preset.ts';
import { createQueue } from './create-queue.ts';
import { createResourceShare } from './create-resource-share.ts';
import { deleteJobTemplate } from './delete-job-template.ts';
import { deletePolicy } from './delete-policy.ts';
import { deletePreset } from './delete-preset.ts';
import { deleteQueue } from './delete-queue.ts';
import { describeEndpoints } from './describe-endpoints.ts';
import { dryRunJob } from './dry-run-job.ts';
import { getJob } from './get-job.ts';
import { getJobTemplate } from './get-job-template.ts';
import { getJobsQueryResults } from './get-jobs-query-results.ts';
import { getPolicy } from './get-policy.ts';
import { getPreset } from './get-preset.ts';
import { getQueue } from './get-queue.ts';
import { listJobTemplates } from './list-job-templates.ts';
import { listJobs } from './list-jobs.ts';
import { listPresets } from './list-presets.ts';
import { listQueues } from './list-queues.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { listVersions } from './list-versions.ts';
import type { Operation, OperationContext } from './operation.ts';
import { probe } from './probe.ts';
import { putPolicy } from './put-policy.ts';
import { searchJobs } from './search-jobs.ts';
import { startJobsQuery } from './start-jobs-query.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { updateJobTemplate } from './update-job-template.ts';
import { updatePreset } from './update-preset.ts';
import { updateQueue } from './update-queue.ts';

/** Operations that are available; every other operation of the contract is refused by name. */
export const availableOperations: ReadonlyMap<string, Operation> = new Map([
  ['AssociateCertificate', associateCertificate],
  ['CancelJob', cancelJob],
  ['CreateJob', createJob],
  ['CreateResourceShare', createResourceShare],
  ['DeletePolicy', deletePolicy],
  ['CreateQueue', createQueue],
  ['DeleteQueue', deleteQueue],
  ['CreateJobTemplate', createJobTemplate],
  ['CreatePreset', createPreset],
  ['DeleteJobTemplate', deleteJobTemplate],
  ['DeletePreset', deletePreset],
  ['DescribeEndpoints', describeEndpoints],
  ['DisassociateCertificate', disassociateCertificate],
  ['GetJob', getJob],
  ['GetPolicy', getPolicy],
  ['GetJobTemplate', getJobTemplate],
  ['GetPreset', getPreset],
  ['GetQueue', getQueue],
  ['ListJobTemplates', listJobTemplates],
  ['ListJobs', listJobs],
  ['ListPresets', listPresets],
  ['ListQueues', listQueues],
  ['StartJobsQuery', startJobsQuery],
  ['SearchJobs', searchJobs],
  ['ListVersions', listVersions],
  ['GetJobsQueryResults', getJobsQueryResults],
  ['PutPolicy', putPolicy],
  ['UpdateQueue', updateQueue],
  ['ListTagsForResource', listTagsForResource],
  ['Probe', probe],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['UpdateJobTemplate', updateJobTemplate],
  ['UpdatePreset', updatePreset],
]);

/** Operations that can say what they would do. */
export const dryRunOperations: ReadonlyMap<string, Operation> = new Map([['CreateJob', dryRunJob]]);

/** Compiles what the operations validate with, so that the first request does not wait for it (0.2–0.5 s). */
export function prepareOperations(): void {
  compileValidators([...availableOperations.keys()].map((name) => operationNamed(name).input));
}

/** Says what an operation would do, and does nothing. Throws ApiFault for operations that cannot say. */
export async function answerDryRun(
  name: string,
  input: JsonObject,
  context: OperationContext,
): Promise<JsonObject> {
  const operation = dryRunOperations.get(name);
  // Refused, because whoever asks for a dry run wants nothing to happen.
  if (operation === undefined) {
    const known = [...dryRunOperations.keys()].join(', ');
    throw apiFault('BadRequestException', `${name} has no dry run.`, `operations that have one: ${known}`);
  }
  return operation(input, context);
}

/** Runs an operation of the contract. Throws ApiFault for every refusal. */
export async function answerOperation(
  name: string,
  input: JsonObject,
  context: OperationContext,
): Promise<JsonObject> {
  const operation = availableOperations.get(name);
  if (operation === undefined) {
    throw apiFault(
      'BadRequestException',
      `${name} is not available in this release.`,
      `available are: ${[...availableOperations.keys()].join(', ')}`,
    );
  }
  return operation(input, context);
}
