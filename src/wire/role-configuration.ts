/**
 * The role book in a configuration file: job roles as standard IAM JSON. A server reads it from `roles` of its
 * configuration or from `<data>/roles.json`; `run` and `check` read the latter.
 */
import type { Role } from '../identity/role-book.ts';
import {
  flag,
  identityPolicy,
  list,
  objectMembers,
  type Reader,
  requireMembers,
  text,
  trustPolicy,
} from './configuration-readers.ts';

const roleArn = /^arn:aws(-[a-z]+)*:iam::\d{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;

/** Reads a list of roles; two of one ARN are a problem. */
export const roles: Reader<readonly Role[]> = (value, pointer, problems) => {
  const read = list(role)(value, pointer, problems);
  const arns = read.map(({ arn }) => arn);
  for (const arn of new Set(arns.filter((each, index) => arns.indexOf(each) !== index)))
    problems.push(`${pointer} defines ${arn} twice`);
  return read;
};

const role: Reader<Role> = (value, pointer, problems) => {
  const members = objectMembers(value, pointer, readers, problems);
  requireMembers(value, ['arn', 'trustPolicy', 'policies'], pointer, problems);
  return {
    arn: members.arn ?? '',
    trustPolicy: members.trustPolicy ?? { version: '2012-10-17', statements: [] },
    permissions: { policies: members.policies ?? [], boundary: members.permissionsBoundary ?? null },
    isDisabled: members.disabled ?? false,
  };
};

const readers = {
  arn: text(roleArn, 'the ARN of a role, arn:aws:iam::<12 digits>:role/<name>'),
  trustPolicy,
  policies: list(identityPolicy),
  permissionsBoundary: identityPolicy,
  disabled: flag,
};
