import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';

/** DeletePolicy: back to everything ALLOWED, also when there is no policy. */
export const deletePolicy: Operation = async (input, { account }) => {
  checkedRequest('DeletePolicy', input);
  await account.deleteInputPolicy();
  return {};
};
