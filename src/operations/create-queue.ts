import { apiFault, validationFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';
import { assertQueueAllowed, assertSlotsAllowed } from './queue-quotas.ts';
import { checkNewQueue } from './queue-rules.ts';
import { toQueue } from './queue-shape.ts';
import { purchasePlan } from './reservation-plan.ts';

/**
 * CreateQueue: on-demand and active unless asked otherwise. Without `concurrentJobs` a queue runs as many jobs as the
 * workers have slots, or the quota's number where quotas are on. A reserved queue buys its plan now.
 */
export const createQueue: Operation = async (input, context) => {
  const { repository, identity, now, quotas } = context;
  const request = checkedRequest('CreateQueue', input);
  const findings = checkNewQueue(request);
  if (findings.length > 0) throw validationFault(findings);
  const { name, reservationPlanSettings: plan } = request;
  const nowMs = now();
  const ownSlots = request.concurrentJobs ?? quotas?.defaultConcurrentJobsPerQueue ?? null;
  const concurrentJobs = plan === undefined ? ownSlots : null;
  const record = await repository.createQueue(
    {
      name,
      description: request.description ?? null,
      status: request.status ?? 'ACTIVE',
      createdAtMs: nowMs,
      concurrentJobs,
      maximumConcurrentFeeds: request.maximumConcurrentFeeds ?? null,
      reservationPlan: plan === undefined ? null : purchasePlan(plan, nowMs),
      tags: request.tags ?? {},
    },
    (usage) => {
      assertQueueAllowed(usage, context);
      if (concurrentJobs !== null) assertSlotsAllowed(concurrentJobs, 0, usage, context);
    },
  );
  if (record === null)
    throw apiFault(
      'ConflictException',
      `A queue with this name already exists: ${name}.`,
      'choose another name, or change the queue with UpdateQueue',
    );
  return { queue: toQueue(record, identity, nowMs) };
};
