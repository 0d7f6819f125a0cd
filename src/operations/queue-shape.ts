/** A stored queue as clients see it (spec api.md 8). */
import type { Queue } from '../contract/types.generated.ts';
import type { QueueRecord } from '../database/job-repository.ts';
import { type DeploymentIdentity, resourceArn } from '../identity/arn.ts';
import { toEpochSeconds } from './job-shape.ts';

/** The `Queue` of a record. */
export function toQueue(record: QueueRecord, identity: DeploymentIdentity): Queue {
  return {
    arn: resourceArn(identity, 'queues', record.name),
    name: record.name,
    ...(record.description === null ? {} : { description: record.description }),
    type: record.type,
    status: record.status,
    pricingPlan: record.pricingPlan,
    createdAt: toEpochSeconds(record.createdAtMs),
    lastUpdated: toEpochSeconds(record.lastUpdatedMs),
    submittedJobsCount: record.submittedJobsCount,
    progressingJobsCount: record.progressingJobsCount,
    ...(record.concurrentJobs === null ? {} : { concurrentJobs: record.concurrentJobs }),
  };
}
