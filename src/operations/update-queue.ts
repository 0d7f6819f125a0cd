import type { UpdateQueueRequest } from '../contract/types.generated.ts';
import type { QueueChanges, QueueRecord } from '../database/queue-repository.ts';
import { validationFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { queueNotFound } from './not-found.ts';
import type { Operation } from './operation.ts';
import { assertSlotsAllowed } from './queue-quotas.ts';
import { checkQueueChange } from './queue-rules.ts';
import { toQueue } from './queue-shape.ts';
import { changePlan } from './reservation-plan.ts';
import { readReference } from './resource-reference.ts';

/**
 * UpdateQueue: members that are absent keep their value, `concurrentJobs` too. Pausing takes effect before the next
 * job starts; running jobs go on. Default can be changed like any other queue (spec api.md 8).
 */
export const updateQueue: Operation = async (input, context) => {
  const request = checkedRequest('UpdateQueue', input);
  const { name } = readReference(request.name, 'queues', context);
  const nowMs = context.now();
  const record =
    name === null
      ? null
      : await context.repository.updateQueue(
          name,
          (queue, usage) => {
            const changes = changesOf(request, queue, nowMs);
            const { concurrentJobs: before } = queue;
            if (changes.concurrentJobs !== undefined && before !== null)
              assertSlotsAllowed(changes.concurrentJobs, before, usage, context);
            return changes;
          },
          nowMs,
        );
  if (record === null) throw queueNotFound(request.name, context.identity);
  return { queue: toQueue(record, context.identity, nowMs) };
};

/** Throws ApiFault 400 with every finding. */
function changesOf(request: UpdateQueueRequest, queue: QueueRecord, nowMs: number): QueueChanges {
  const { description, status, concurrentJobs, maximumConcurrentFeeds, reservationPlanSettings } = request;
  const findings = [...checkQueueChange(request, queue.pricingPlan)];
  const change =
    reservationPlanSettings === undefined || queue.reservationPlan === null
      ? null
      : changePlan(queue.reservationPlan, reservationPlanSettings, nowMs);
  if (change !== null && 'refusal' in change) findings.push(change.refusal);
  if (findings.length > 0) throw validationFault(findings);
  return {
    ...(description === undefined ? {} : { description }),
    ...(status === undefined ? {} : { status }),
    ...(concurrentJobs === undefined ? {} : { concurrentJobs }),
    ...(maximumConcurrentFeeds === undefined ? {} : { maximumConcurrentFeeds }),
    ...(change !== null && 'plan' in change ? { reservationPlan: change.plan } : {}),
  };
}
