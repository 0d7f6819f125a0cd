import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';
import { mostTagsPerResource, resourceNotFound, taggableResource } from './taggable-resource.ts';

/** TagResource: adds tags and overwrites equal keys; nothing is stored when there would be too many. */
export const tagResource: Operation = async (input, context) => {
  const { arn, tags } = checkedRequest('TagResource', input);
  const outcome = await context.tags.addTags(taggableResource(arn, context), tags, mostTagsPerResource);
  switch (outcome) {
    case 'not-found':
      throw resourceNotFound(arn);
    case 'too-many':
      throw apiFault(
        'BadRequestException',
        `A resource can have at most ${mostTagsPerResource} tags.`,
        'remove tags with UntagResource first',
      );
    case 'tagged':
      return {};
  }
};
