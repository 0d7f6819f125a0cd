import { checkedRequest } from './checked-request.ts';
import { queueNotFound } from './not-found.ts';
import type { Operation } from './operation.ts';
import { toQueue } from './queue-shape.ts';
import { readReference } from './resource-reference.ts';

/** GetQueue, by name or ARN. */
export const getQueue: Operation = async (input, context) => {
  const { name } = checkedRequest('GetQueue', input);
  const reference = readReference(name, 'queues', context);
  const record = reference.name === null ? null : await context.repository.findQueue(reference.name);
  if (record === null) throw queueNotFound(name, context.identity);
  return { queue: toQueue(record, context.identity, context.now()) };
};
