import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { queueNotFound } from './not-found.ts';
import type { Operation } from './operation.ts';
import { planAt } from './reservation-plan.ts';
import { readReference } from './resource-reference.ts';

/**
 * DeleteQueue: refused for Default (400), while a plan is active (409), and while jobs wait in the queue or run from
 * it (409; spec queues-and-lifecycle.md 4.2). Jobs that were submitted to it keep showing its ARN.
 */
export const deleteQueue: Operation = async (input, context) => {
  const { name: reference } = checkedRequest('DeleteQueue', input);
  const { name } = readReference(reference, 'queues', context);
  if (name === null) throw queueNotFound(reference, context.identity);
  const nowMs = context.now();
  const outcome = await context.repository.deleteQueue(name, ({ type, reservationPlan }) => {
    if (type === 'SYSTEM')
      throw apiFault(
        'BadRequestException',
        `The queue ${name} cannot be deleted: it is a system queue.`,
        'pause it with UpdateQueue if it shall run nothing',
      );
    const plan = reservationPlan === null ? null : planAt(reservationPlan, nowMs);
    if (plan?.status === 'ACTIVE')
      throw apiFault(
        'ConflictException',
        `The queue ${name} cannot be deleted: its pricing plan is active.`,
        `the plan ends on ${new Date(plan.expiresAtMs).toISOString().slice(0, 10)}${plan.renewalType === 'AUTO_RENEW' ? ', unless it is renewed: set renewalType to EXPIRE' : ''}`,
      );
  });
  switch (outcome) {
    case 'not-found':
      throw queueNotFound(reference, context.identity);
    case 'busy':
      throw apiFault(
        'ConflictException',
        `The queue ${name} cannot be deleted: it contains unprocessed jobs.`,
        'wait until its jobs have ended, or cancel them',
      );
    case 'deleted':
      return {};
  }
};
