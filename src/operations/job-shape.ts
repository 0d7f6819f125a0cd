/**
 * A stored job as clients see it. Members appear only when the service shows them (spec api.md 6.1, 6.2): right
 * after submit there is nothing of progress, errors or outputs, and tags never appear.
 */
import type { HopDestination, Job, StatusUpdateInterval } from '../contract/types.generated.ts';
import type { JobRecord } from '../database/job-repository.ts';
import { type DeploymentIdentity, resourceArn } from '../identity/arn.ts';

/** The `Job` of a record. */
export function toJob(record: JobRecord, identity: DeploymentIdentity): Job {
  const queueArn = (name: string) => resourceArn(identity, 'queues', name);
  return {
    arn: resourceArn(identity, 'jobs', record.id),
    id: record.id,
    createdAt: toEpochSeconds(record.createdAtMs),
    ...given('jobTemplate', record.jobTemplate),
    queue: queueArn(record.queueName),
    ...given('userMetadata', record.userMetadata),
    role: record.role,
    // Validated as JobSettings before it was stored.
    settings: record.settings as unknown as Job['settings'],
    status: record.status,
    ...given('currentPhase', record.currentPhase),
    ...given('jobPercentComplete', record.percentComplete),
    ...(record.retryCount > 0 ? { retryCount: record.retryCount } : {}),
    ...given('errorCode', record.errorCode),
    ...given('errorMessage', record.errorMessage),
    ...(record.warnings.length > 0 ? { warnings: record.warnings } : {}),
    timing: {
      submitTime: toEpochSeconds(record.submitTimeMs),
      ...given('startTime', record.startTimeMs === null ? null : toEpochSeconds(record.startTimeMs)),
      ...given('finishTime', record.finishTimeMs === null ? null : toEpochSeconds(record.finishTimeMs)),
    },
    billingTagsSource: record.billingTagsSource,
    accelerationSettings: { mode: record.accelerationMode },
    accelerationStatus: record.accelerationStatus,
    ...(record.simulateReservedQueue === 'ENABLED' ? { simulateReservedQueue: 'ENABLED' } : {}),
    statusUpdateInterval: `SECONDS_${record.statusUpdateIntervalSeconds}` as StatusUpdateInterval,
    priority: record.priority,
    ...(record.hopDestinations.length > 0
      ? { hopDestinations: record.hopDestinations.map((hop) => toHop(hop, queueArn)) }
      : {}),
    ...(record.queueTransitions.length > 0
      ? {
          queueTransitions: record.queueTransitions.map(
            ({ sourceQueueName, destinationQueueName, atMs }) => ({
              sourceQueue: queueArn(sourceQueueName),
              destinationQueue: queueArn(destinationQueueName),
              timestamp: toEpochSeconds(atMs),
            }),
          ),
        }
      : {}),
    messages: { info: record.infoMessages, warning: record.warningMessages },
    ...(record.outputGroupDetails === null
      ? {}
      : { outputGroupDetails: toOutputGroupDetails(record.outputGroupDetails) }),
    ...given('jobEngineVersionRequested', record.jobEngineVersionRequested),
    ...given('jobEngineVersionUsed', record.jobEngineVersionUsed),
    ...given('clientRequestToken', record.clientRequestToken),
    ...(record.share === null ? {} : toShare(record.share)),
  };
}

/** Epoch seconds, rounded to the nearest: observed for job creation (spec api.md 4). */
export function toEpochSeconds(ms: number): number {
  return Math.round(ms / 1000);
}

function toOutputGroupDetails(
  groups: NonNullable<JobRecord['outputGroupDetails']>,
): Job['outputGroupDetails'] {
  return groups.map(({ outputs }) => ({
    outputDetails: outputs.map(({ durationMs, video }) => ({
      durationInMs: durationMs,
      ...(video === null ? {} : { videoDetails: { widthInPx: video.widthPx, heightInPx: video.heightPx } }),
    })),
  }));
}

/** A share is complete when it is stored; nobody else has to accept it (spec api.md 16). */
function toShare({ supportCaseId, sharedAtMs }: NonNullable<JobRecord['share']>): Partial<Job> {
  const at = new Date(sharedAtMs).toISOString();
  return { shareStatus: 'SHARED', lastShareDetails: `Shared with support case ${supportCaseId} at ${at}.` };
}

function toHop(
  hop: JobRecord['hopDestinations'][number],
  queueArn: (name: string) => string,
): HopDestination {
  return {
    waitMinutes: hop.waitMinutes,
    ...given('queue', hop.queueName === null ? null : queueArn(hop.queueName)),
    ...given('priority', hop.priority),
  };
}

/** The member, or nothing when it has no value. */
function given<Name extends string, Value>(name: Name, value: Value | null): { [Key in Name]?: Value } {
  // A computed name makes an index signature for the compiler; the object has exactly this member.
  return (value === null ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
