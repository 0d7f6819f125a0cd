/** Input of operations, checked against the contract: what comes out has the generated type. */
import { operationNamed } from '../contract/operations.ts';
import type {
  AssociateCertificateRequest,
  CancelJobRequest,
  CreateJobRequest,
  CreateResourceShareRequest,
  DeletePolicyRequest,
  DescribeEndpointsRequest,
  DisassociateCertificateRequest,
  GetJobRequest,
  GetPolicyRequest,
  GetQueueRequest,
  ListJobsRequest,
  ListQueuesRequest,
  PutPolicyRequest,
} from '../contract/types.generated.ts';
import { validateRequest } from '../contract/validate.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { validationFault } from './api-fault.ts';

/** Request types by operation. */
export interface RequestTypes {
  AssociateCertificate: AssociateCertificateRequest;
  CancelJob: CancelJobRequest;
  CreateJob: CreateJobRequest;
  CreateResourceShare: CreateResourceShareRequest;
  DeletePolicy: DeletePolicyRequest;
  DescribeEndpoints: DescribeEndpointsRequest;
  DisassociateCertificate: DisassociateCertificateRequest;
  GetJob: GetJobRequest;
  GetPolicy: GetPolicyRequest;
  GetQueue: GetQueueRequest;
  ListJobs: ListJobsRequest;
  ListQueues: ListQueuesRequest;
  PutPolicy: PutPolicyRequest;
}

/** The input as its type. Throws ApiFault (400) with every finding in the service's grammar. */
export function checkedRequest<Name extends keyof RequestTypes>(
  operationName: Name,
  input: JsonObject,
): RequestTypes[Name] {
  const findings = validateRequest(operationNamed(operationName).input, input);
  if (findings.length > 0) throw validationFault(findings);
  // Validated against the structure the type was generated from, one line above.
  return input as unknown as RequestTypes[Name];
}
