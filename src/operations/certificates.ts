/** AssociateCertificate and DisassociateCertificate: which ACM certificates SPEKE key encryption may use (spec api.md 12). */
import { type ApiFault, apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation } from './operation.ts';

const certificateArn = /^arn:aws(?:-[a-z]+)*:acm:([a-z0-9-]+):\d{12}:certificate\/[\w-]+$/;

/** AssociateCertificate: associating twice is a success that changes nothing. */
export const associateCertificate: Operation = async (input, { account, identity, now }) => {
  const { arn } = checkedRequest('AssociateCertificate', input);
  const region = certificateArn.exec(arn)?.[1];
  if (region === undefined)
    throw refused(
      arn,
      'an ACM certificate has an ARN such as arn:aws:acm:us-east-1:111122223333:certificate/id',
    );
  // The certificate and the service must be in one region (spec iam-and-policy.md 8).
  if (region !== identity.region)
    throw refused(arn, `the certificate must be in the region of this server, ${identity.region}`);
  await account.associateCertificate(arn, now());
  return {};
};

/** DisassociateCertificate: 404 for a certificate that is not associated. */
export const disassociateCertificate: Operation = async (input, { account }) => {
  const { arn } = checkedRequest('DisassociateCertificate', input);
  if (!(await account.disassociateCertificate(arn)))
    throw apiFault(
      'NotFoundException',
      `The specified certificate is not associated: certificateArn=${arn}.`,
    );
  return {};
};

function refused(arn: string, remedy: string): ApiFault {
  return apiFault('BadRequestException', `The certificate ${arn} cannot be associated.`, remedy);
}
