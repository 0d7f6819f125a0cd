import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';

/** GetPolicy: the policy in force; without one, everything is ALLOWED (spec api.md 11). */
export const getPolicy: Operation = async (input, { account }) => {
  checkedRequest('GetPolicy', input);
  return { policy: await account.readInputPolicy() };
};
