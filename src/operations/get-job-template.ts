import { checkedRequest } from './checked-request.ts';
import { getItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { jobTemplates } from './template-kinds.ts';

/** GetJobTemplate, by name or ARN; system items of any name the grammar allows. */
export const getJobTemplate: Operation = async (input, context) => {
  const { name } = checkedRequest('GetJobTemplate', input);
  return { jobTemplate: await getItem(jobTemplates, name, context) };
};
