/** Quotas of queues (spec api.md 17), compared while no other queue can be made or changed. Off unless configured. */
import type { QueueUsage } from '../database/queue-repository.ts';
import { apiFault } from './api-fault.ts';
import type { OperationContext } from './operation.ts';

/** Throws 402 when the account has as many queues as it may. */
export function assertQueueAllowed({ queues }: QueueUsage, { quotas }: OperationContext): void {
  if (quotas !== null && queues >= quotas.queues)
    throw apiFault(
      'ServiceQuotaExceededException',
      `The account has ${queues} queues, as many as its quota allows.`,
      'delete a queue that is not used, or raise quotas.queues in the configuration',
    );
}

/**
 * Throws 429, as the service does although it is no rate (observed): more slots than a queue may have, or more than
 * the account has left. `before`: slots of the queue that are counted in the usage already.
 */
export function assertSlotsAllowed(
  slots: number,
  before: number,
  { allocatedConcurrentJobs }: QueueUsage,
  { quotas, accountConcurrentJobs }: OperationContext,
): void {
  if (quotas === null) return;
  const left = accountConcurrentJobs - (allocatedConcurrentJobs - before);
  if (slots > quotas.concurrentJobsPerQueue)
    throw apiFault(
      'TooManyRequestsException',
      `A queue can run at most ${quotas.concurrentJobsPerQueue} concurrent jobs.`,
      'give fewer, or raise quotas.concurrentJobsPerQueue in the configuration',
    );
  if (slots > left)
    throw apiFault(
      'TooManyRequestsException',
      `The queues of the account can run at most ${accountConcurrentJobs} concurrent jobs together; ${Math.max(0, left)} are left.`,
      'give fewer, or lower those of another queue',
    );
}
