import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';
import { resourceNotFound, taggableResource } from './taggable-resource.ts';

/** UntagResource: removes the keys that are there. */
export const untagResource: Operation = async (input, context) => {
  const { arn, tagKeys = [] } = checkedRequest('UntagResource', input);
  const isThere = await context.tags.removeTags(taggableResource(arn, context), tagKeys);
  if (!isThere) throw resourceNotFound(arn);
  return {};
};
