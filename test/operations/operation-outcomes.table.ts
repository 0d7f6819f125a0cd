/**
 * What could be proved of each operation: the errors that the service model declares for all of them (spec api.md 2.1),
 * the lists that come in pages (spec api.md 3), and why some errors are never raised here.
 */

/** Declared for all 34 operations. */
export const declaredErrors = [
  'BadRequestException',
  'ServiceQuotaExceededException',
  'ForbiddenException',
  'NotFoundException',
  'ConflictException',
  'TooManyRequestsException',
  'InternalServerErrorException',
] as const;

/** Operations whose answers come in pages. GetJobsQueryResults gives the token of the next StartJobsQuery. */
export const paginatedOperations: readonly string[] = [
  'DescribeEndpoints',
  'GetJobsQueryResults',
  'ListJobTemplates',
  'ListJobs',
  'ListPresets',
  'ListQueues',
  'ListVersions',
  'SearchJobs',
];

/** Operations that something with the asked name can be missing for. */
const namesSomething: readonly string[] = [
  'CancelJob',
  'CreateJob',
  'CreateResourceShare',
  'DeleteJobTemplate',
  'DeletePreset',
  'DeleteQueue',
  'DisassociateCertificate',
  'GetJob',
  'GetJobTemplate',
  'GetJobsQueryResults',
  'GetPreset',
  'GetQueue',
  'ListTagsForResource',
  'Probe',
  'TagResource',
  'UntagResource',
  'UpdateJobTemplate',
  'UpdatePreset',
  'UpdateQueue',
];

/** Operations that the state of something that is there can forbid. */
const meetsState: readonly string[] = [
  'CancelJob',
  'CreateJobTemplate',
  'CreatePreset',
  'CreateQueue',
  'DeleteQueue',
];

/** Operations that a quota on things limits. */
const hasQuota: readonly string[] = ['CreateJobTemplate', 'CreatePreset', 'CreateQueue'];

/** Operations without a member that could be wrong. */
const takesNothing: readonly string[] = ['DeletePolicy', 'GetPolicy'];

/** Why an operation never raises an error; null when it does, or should. */
export function neverRaised(operation: string, outcome: string): string | null {
  switch (outcome) {
    case 'InternalServerErrorException':
      // An engine of Probe may end before it answers.
      return operation === 'Probe' ? null : 'Only a bug of ours raises it: no request is meant to.';
    case 'ForbiddenException':
      return 'Refused callers get AccessDeniedException, as from the service; nothing else is forbidden.';
    case 'NotFoundException':
      if (operation === 'CreateJobTemplate')
        return 'Its queue and its presets are looked up when a job is made from it.';
      return namesSomething.includes(operation) ? null : 'It names nothing that could be missing.';
    case 'ConflictException':
      return meetsState.includes(operation) ? null : 'It meets no state that could forbid it.';
    case 'ServiceQuotaExceededException':
      return hasQuota.includes(operation) ? null : 'No quota limits what it makes.';
    case 'TooManyRequestsException':
      return operation === 'DescribeEndpoints'
        ? 'It is never throttled, so that old clients can start.'
        : null;
    case 'BadRequestException':
      return takesNothing.includes(operation) ? 'It takes no member that could be wrong.' : null;
    default:
      return null;
  }
}
