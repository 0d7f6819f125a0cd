import { checkedRequest } from './checked-request.ts';
import { getItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { presets } from './template-kinds.ts';

/** GetPreset, by name or ARN; system items of any name the grammar allows. */
export const getPreset: Operation = async (input, context) => {
  const { name } = checkedRequest('GetPreset', input);
  return { preset: await getItem(presets, name, context) };
};
