/** Access keys in the configuration: who signs with them, and what that caller may do. */
import type { AccessKey } from '../identity/access-keys.ts';
import {
  dateTime,
  identityPolicy,
  list,
  objectMembers,
  type Reader,
  requireMembers,
  text,
} from './configuration-readers.ts';

/** Reads one access key. A key without `policies` may do everything. */
export const accessKey: Reader<AccessKey> = (value, pointer, problems) => {
  const members = objectMembers(value, pointer, readers, problems);
  requireMembers(value, ['accessKeyId', 'secretAccessKey'], pointer, problems);
  const { policies, permissionsBoundary = null } = members;
  if (policies === undefined && permissionsBoundary !== null)
    problems.push(`${pointer}/permissionsBoundary bounds nothing without policies`);
  return {
    accessKeyId: members.accessKeyId ?? '',
    secretAccessKey: members.secretAccessKey ?? '',
    sessionToken: members.sessionToken ?? null,
    expiresAtMs: members.expiresAt ?? null,
    callerArn: members.arn ?? null,
    permissions: policies === undefined ? null : { policies, boundary: permissionsBoundary },
  };
};

const readers = {
  accessKeyId: text(/^[\w.-]{3,128}$/, '3 to 128 letters, digits, and _ . -'),
  secretAccessKey: text(/^\S{8,256}$/, '8 to 256 characters without spaces'),
  sessionToken: text(/^\S+$/, 'characters without spaces'),
  expiresAt: dateTime,
  arn: text(
    /^arn:aws(-[a-z]+)*:(iam::\d{12}:user\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+)$/,
    'the ARN of a user or of an assumed role',
  ),
  policies: list(identityPolicy),
  permissionsBoundary: identityPolicy,
};
