import { checkedRequest } from './checked-request.ts';
import { deleteItem } from './keep-template.ts';
import type { Operation } from './operation.ts';
import { presets } from './template-kinds.ts';

/** DeletePreset: what was made from the preset stays as it is. */
export const deletePreset: Operation = async (input, context) => {
  const { name } = checkedRequest('DeletePreset', input);
  return await deleteItem(presets, name, context);
};
