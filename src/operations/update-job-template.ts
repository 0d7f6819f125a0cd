import { validateUpdateJobTemplate } from '../contract/validate-template.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { validationFault } from './api-fault.ts';
import { withoutEmptyReferences } from './empty-references.ts';
import { updateItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { checkTemplateSubmission, type TemplateSubmission } from './submission-rules.ts';
import { jobTemplates } from './template-kinds.ts';

/**
 * UpdateJobTemplate: settings are replaced as a whole, members that are not given keep their value (spec api.md 9). A new
 * queue or hop must go with what is kept. The queue `""` takes the template's queue away.
 */
export const updateJobTemplate: Operation = async (input, context) => {
  const { findings, typed, document } = validateUpdateJobTemplate(input);
  const given = typed === null ? null : (withoutEmptyReferences(typed as JsonObject) as TemplateSubmission);
  const all = [...findings, ...(given === null ? [] : checkTemplateSubmission(given, context))];
  if (all.length > 0 || document === null) throw validationFault(all);
  const { queue, hopDestinations } = document;
  const permit = (members: JsonObject) => {
    if (queue === undefined && hopDestinations === undefined) return;
    // Validated as members of a job template before they were stored.
    const kept = withoutEmptyReferences(members) as TemplateSubmission;
    const disagreements = checkTemplateSubmission(kept, context);
    if (disagreements.length > 0) throw validationFault(disagreements);
  };
  return { jobTemplate: await updateItem(jobTemplates, document, context, permit) };
};
