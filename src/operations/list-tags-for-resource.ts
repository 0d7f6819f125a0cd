import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';
import { resourceNotFound, taggableResource } from './taggable-resource.ts';

/** ListTagsForResource. */
export const listTagsForResource: Operation = async (input, context) => {
  const { arn } = checkedRequest('ListTagsForResource', input);
  const tags = await context.tags.listTags(taggableResource(arn, context));
  if (tags === null) throw resourceNotFound(arn);
  return { resourceTags: { arn, tags } };
};
