import { validateCreatePreset } from '../contract/validate-template.ts';
import { validationFault } from './api-fault.ts';
import { createItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { presets } from './template-kinds.ts';

/** CreatePreset: 409 when the name is taken. */
export const createPreset: Operation = async (input, context) => {
  const { findings, document } = validateCreatePreset(input);
  if (document === null) throw validationFault(findings);
  return { preset: await createItem(presets, document, context) };
};
