/** Input of operations, checked against the contract: what comes out has the generated type. */
import { operationNamed } from '../contract/operations.ts';
import type {
  AssociateCertificateRequest,
  CancelJobRequest,
  CreateJobRequest,
  CreateQueueRequest,
  CreateResourceShareRequest,
  DeleteJobTemplateRequest,
  DeletePolicyRequest,
  DeletePresetRequest,
  DeleteQueueRequest,
  DescribeEndpointsRequest,
  DisassociateCertificateRequest,
  GetJobRequest,
  GetJobsQueryResultsRequest,
  GetJobTemplateRequest,
  GetPolicyRequest,
  GetPresetRequest,
  GetQueueRequest,
  ListJobsRequest,
  ListJobTemplatesRequest,
  ListPresetsRequest,
  ListQueuesRequest,
  ListTagsForResourceRequest,
  ListVersionsRequest,
  ProbeRequest,
  PutPolicyRequest,
  SearchJobsRequest,
  StartJobsQueryRequest,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateQueueRequest,
} from '../contract/types.generated.ts';
import { validateRequest } from '../contract/validate.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { validationFault } from './api-fault.ts';

/** Request types by operation. */
export interface RequestTypes {
  AssociateCertificate: AssociateCertificateRequest;
  CancelJob: CancelJobRequest;
  StartJobsQuery: StartJobsQueryRequest;
  SearchJobs: SearchJobsRequest;
  ListVersions: ListVersionsRequest;
  GetJobsQueryResults: GetJobsQueryResultsRequest;
  CreateJob: CreateJobRequest;
  CreateResourceShare: CreateResourceShareRequest;
  DeletePolicy: DeletePolicyRequest;
  CreateQueue: CreateQueueRequest;
  DeleteQueue: DeleteQueueRequest;
  DeleteJobTemplate: DeleteJobTemplateRequest;
  DeletePreset: DeletePresetRequest;
  DescribeEndpoints: DescribeEndpointsRequest;
  DisassociateCertificate: DisassociateCertificateRequest;
  GetJob: GetJobRequest;
  GetPolicy: GetPolicyRequest;
  GetJobTemplate: GetJobTemplateRequest;
  GetPreset: GetPresetRequest;
  GetQueue: GetQueueRequest;
  ListJobTemplates: ListJobTemplatesRequest;
  ListJobs: ListJobsRequest;
  ListPresets: ListPresetsRequest;
  ListQueues: ListQueuesRequest;
  PutPolicy: PutPolicyRequest;
  UpdateQueue: UpdateQueueRequest;
  ListTagsForResource: ListTagsForResourceRequest;
  Probe: ProbeRequest;
  TagResource: TagResourceRequest;
  UntagResource: UntagResourceRequest;
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
