/**
 * What each operation is authorized for (spec iam-and-policy.md 3; the published table of actions, resources and
 * condition keys of AWS Elemental MediaConvert). The action is the operation's name.
 */
import type { ResourceKind } from '../identity/arn.ts';

/** Where a request names a resource. */
export type NamedResource =
  /** A member that holds a name, an id or an ARN. `whenAbsent`: the name that stands for no member. */
  | { readonly kind: ResourceKind; readonly member: string; readonly whenAbsent?: string }
  /** A member that holds the ARN of any of the four kinds. */
  | { readonly kind: 'any'; readonly member: string }
  /** The presets of all outputs below `settings`. */
  | { readonly kind: 'presets'; readonly inSettings: true }
  /** The queues of all hop destinations; one that names none goes to Default. */
  | { readonly kind: 'queues'; readonly inHops: true }
  /** A certificate association, whose ARN holds the certificate's. */
  | { readonly kind: 'certificates'; readonly member: string };

/** One row. */
export interface OperationRights {
  /** All of them must be allowed. */
  readonly named: readonly NamedResource[];
  /** `{collection}/*` is the resource of a request that names none (observed for DescribeEndpoints: `endpoints/*`). */
  readonly collection: string;
  /** The member whose tags are `aws:RequestTag/…` and `aws:TagKeys`. */
  readonly requestTags?: string;
  /** The member that lists `aws:TagKeys` alone. */
  readonly tagKeys?: string;
  /** The tags in the request are also `aws:ResourceTag/…`: the resource does not exist yet. */
  readonly tagsOfCreated?: true;
  /** `mediaconvert:HttpInputsAllowed` and its like say what the input policy allows. */
  readonly inputPolicy?: true;
  /** The member that holds a role to pass: `iam:PassRole` is needed on it. */
  readonly passesRole?: string;
  /** The member that lists files which are read for the caller: `s3:GetObject` is needed on each of a bucket. */
  readonly readsFiles?: string;
}

const queue = { kind: 'queues', member: 'queue' } as const;
const namedQueue = { kind: 'queues', member: 'name' } as const;
const namedPreset = { kind: 'presets', member: 'name' } as const;
const namedTemplate = { kind: 'jobTemplates', member: 'name' } as const;
const job = { kind: 'jobs', member: 'id' } as const;
const tagged = { kind: 'any', member: 'arn' } as const;
const presets = { kind: 'presets', inSettings: true } as const;
const hops = { kind: 'queues', inHops: true } as const;
const certificate = { kind: 'certificates', member: 'arn' } as const;

/** All 34 operations. */
export const operationRights: Readonly<Record<string, OperationRights>> = {
  AssociateCertificate: { named: [certificate], collection: 'certificates' },
  CancelJob: { named: [job], collection: 'jobs' },
  CreateJob: {
    named: [
      { ...queue, whenAbsent: 'Default' },
      { kind: 'jobTemplates', member: 'jobTemplate' },
      presets,
      // The published table is silent about hops; a queue that a caller may not use is not reached by waiting.
      hops,
    ],
    collection: 'jobs',
    requestTags: 'tags',
    inputPolicy: true,
    passesRole: 'role',
  },
  CreateJobTemplate: { named: [queue, presets, hops], collection: 'jobTemplates', requestTags: 'tags' },
  CreatePreset: { named: [], collection: 'presets', requestTags: 'tags', tagsOfCreated: true },
  CreateQueue: { named: [], collection: 'queues', requestTags: 'tags', tagsOfCreated: true },
  CreateResourceShare: { named: [{ kind: 'jobs', member: 'jobId' }], collection: 'jobs' },
  DeleteJobTemplate: { named: [namedTemplate], collection: 'jobTemplates' },
  DeletePolicy: { named: [], collection: 'policy' },
  DeletePreset: { named: [namedPreset], collection: 'presets' },
  DeleteQueue: { named: [namedQueue], collection: 'queues' },
  DescribeEndpoints: { named: [], collection: 'endpoints' },
  DisassociateCertificate: { named: [certificate], collection: 'certificates' },
  GetJob: { named: [job], collection: 'jobs' },
  GetJobTemplate: { named: [namedTemplate], collection: 'jobTemplates' },
  // Not in the published table: a list of jobs.
  GetJobsQueryResults: { named: [], collection: 'jobs' },
  GetPolicy: { named: [], collection: 'policy' },
  GetPreset: { named: [namedPreset], collection: 'presets' },
  GetQueue: { named: [namedQueue], collection: 'queues' },
  ListJobTemplates: { named: [], collection: 'jobTemplates' },
  ListJobs: { named: [queue], collection: 'queues' },
  ListPresets: { named: [], collection: 'presets' },
  ListQueues: { named: [], collection: 'queues' },
  ListTagsForResource: { named: [tagged], collection: 'tags' },
  ListVersions: { named: [], collection: 'versions' },
  Probe: { named: [], collection: 'probe', readsFiles: 'inputFiles' },
  PutPolicy: { named: [], collection: 'policy' },
  SearchJobs: { named: [queue], collection: 'queues' },
  // Not in the published table: a list of jobs.
  StartJobsQuery: { named: [], collection: 'jobs' },
  TagResource: { named: [tagged], collection: 'tags', requestTags: 'tags' },
  UntagResource: { named: [tagged], collection: 'tags', tagKeys: 'tagKeys' },
  UpdateJobTemplate: { named: [namedTemplate, queue, presets, hops], collection: 'jobTemplates' },
  UpdatePreset: { named: [namedPreset], collection: 'presets' },
  UpdateQueue: { named: [namedQueue], collection: 'queues' },
};
