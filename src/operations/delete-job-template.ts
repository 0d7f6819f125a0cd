import { checkedRequest } from './checked-request.ts';
import { deleteItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { jobTemplates } from './template-kinds.ts';

/** DeleteJobTemplate: what was made from the job template stays as it is. */
export const deleteJobTemplate: Operation = async (input, context) => {
  const { name } = checkedRequest('DeleteJobTemplate', input);
  return await deleteItem(jobTemplates, name, context);
};
