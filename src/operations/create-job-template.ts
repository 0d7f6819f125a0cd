import { validateCreateJobTemplate } from '../contract/validate-template.ts';
import { validationFault } from './api-fault.ts';
import { withoutEmptyReferences } from './empty-references.ts';
import { createItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { checkTemplateSubmission } from './submission-rules.ts';
import { jobTemplates } from './template-kinds.ts';

/** CreateJobTemplate: 409 when the name is taken. */
export const createJobTemplate: Operation = async (input, context) => {
  const { findings, typed, document } = validateCreateJobTemplate(withoutEmptyReferences(input));
  const all = [...findings, ...(typed === null ? [] : checkTemplateSubmission(typed, context))];
  if (all.length > 0 || document === null) throw validationFault(all);
  return { jobTemplate: await createItem(jobTemplates, document, context) };
};
