import { validateUpdateJobTemplate } from '../contract/validate-template.ts';
import { validationFault } from './api-fault.ts';
import { updateItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { checkTemplateSubmission } from './submission-rules.ts';
import { jobTemplates } from './template-kinds.ts';

/** UpdateJobTemplate: settings are replaced as a whole, members that are not given keep their value (spec api.md 9). */
export const updateJobTemplate: Operation = async (input, context) => {
  const { findings, typed, document } = validateUpdateJobTemplate(input);
  const all = [...findings, ...(typed === null ? [] : checkTemplateSubmission(typed, context))];
  if (all.length > 0 || document === null) throw validationFault(all);
  return { jobTemplate: await updateItem(jobTemplates, document, context) };
};
