/** The operations of this release, by name. Adding one is one line here; its route comes from the contract. */
import { operationNamed } from '../contract/operations.ts';
import { compileValidators } from '../contract/validate.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { apiFault } from './api-fault.ts';
import { cancelJob } from './cancel-job.ts';
import { associateCertificate, disassociateCertificate } from './certificates.ts';
import { createJob } from './create-job.ts';
import { createResourceShare } from './create-resource-share.ts';
import { deletePolicy } from './delete-policy.ts';
import { describeEndpoints } from './describe-endpoints.ts';
import { getJob } from './get-job.ts';
import { getPolicy } from './get-policy.ts';
import { getQueue } from './get-queue.ts';
import { listJobs } from './list-jobs.ts';
import { listQueues } from './list-queues.ts';
import type { Operation, OperationContext } from './operation.ts';
import { putPolicy } from './put-policy.ts';

/** Operations that are available; every other operation of the contract is refused by name. */
export const availableOperations: ReadonlyMap<string, Operation> = new Map([
  ['AssociateCertificate', associateCertificate],
  ['CancelJob', cancelJob],
  ['CreateJob', createJob],
  ['CreateResourceShare', createResourceShare],
  ['DeletePolicy', deletePolicy],
  ['DescribeEndpoints', describeEndpoints],
  ['DisassociateCertificate', disassociateCertificate],
  ['GetJob', getJob],
  ['GetPolicy', getPolicy],
  ['GetQueue', getQueue],
  ['ListJobs', listJobs],
  ['ListQueues', listQueues],
  ['PutPolicy', putPolicy],
]);

/** Compiles what the operations validate with, so that the first request does not wait for it (0.2–0.5 s). */
export function prepareOperations(): void {
  compileValidators([...availableOperations.keys()].map((name) => operationNamed(name).input));
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
