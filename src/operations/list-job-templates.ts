import { checkedRequest } from './checked-request.ts';
import { listItems } from './list-templates.ts';
import type { Operation } from './operation.ts';
import { jobTemplates } from './template-kinds.ts';

/** ListJobTemplates: custom ones, or with `listBy` SYSTEM the system ones. */
export const listJobTemplates: Operation = async (input, context) => {
  const { rows, ...rest } = await listItems(jobTemplates, checkedRequest('ListJobTemplates', input), context);
  return { jobTemplates: rows, ...rest };
};
