import { checkedRequest } from './checked-request.ts';
import { listItems } from './list-templates.ts';
import type { Operation } from './operation.ts';
import { presets } from './template-kinds.ts';

/** ListPresets: custom ones, or with `listBy` SYSTEM the system ones. */
export const listPresets: Operation = async (input, context) => {
  const { rows, ...rest } = await listItems(presets, checkedRequest('ListPresets', input), context);
  return { presets: rows, ...rest };
};
