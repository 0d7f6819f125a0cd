import { validateUpdatePreset } from '../contract/validate-template.ts';
import { validationFault } from './api-fault.ts';
import { updateItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { presets } from './template-kinds.ts';

/** UpdatePreset: settings are replaced as a whole, members that are not given keep their value (spec api.md 9). */
export const updatePreset: Operation = async (input, context) => {
  const { findings, document } = validateUpdatePreset(input);
  if (document === null) throw validationFault(findings);
  return { preset: await updateItem(presets, document, context) };
};
