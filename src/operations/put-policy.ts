import { everythingAllowed } from '../contract/input-locations.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';

/** PutPolicy: replaces the policy whole; a member that is not given is ALLOWED (spec api.md 11). */
export const putPolicy: Operation = async (input, { account, now }) => {
  const { policy: given } = checkedRequest('PutPolicy', input);
  const policy = {
    httpInputs: given.httpInputs ?? everythingAllowed.httpInputs,
    httpsInputs: given.httpsInputs ?? everythingAllowed.httpsInputs,
    s3Inputs: given.s3Inputs ?? everythingAllowed.s3Inputs,
  };
  await account.putInputPolicy(policy, now());
  return { policy };
};
