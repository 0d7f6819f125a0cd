import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';

/**
 * DescribeEndpoints: one endpoint, this server, under the address the caller used (spec api.md 13). It always
 * exists, so GET_ONLY answers the same.
 */
export const describeEndpoints: Operation = async (input, { endpointUrl }) => {
  const { nextToken } = checkedRequest('DescribeEndpoints', input);
  if (nextToken !== undefined)
    throw apiFault('BadRequestException', 'Invalid nextToken.', 'there is one page only');
  return { endpoints: [{ url: endpointUrl }] };
};
