/** Who calls the API, and what its policies let it do. */
import type { AccessKey } from './access-keys.ts';
import { type DeploymentIdentity, partitionOf } from './arn.ts';
import type { PolicySet } from './policy/evaluate.ts';

/** The identity behind a request. */
export interface Caller {
  readonly accessKeyId: string;
  /** Of a user or an assumed role. */
  readonly arn: string;
  /** Null: everything is allowed. */
  readonly permissions: PolicySet | null;
}

/** The caller who signs with a key; without an ARN of its own it is a user named like its key. */
export function callerOf(key: AccessKey, identity: DeploymentIdentity): Caller {
  const { accessKeyId, permissions } = key;
  return { accessKeyId, arn: key.callerArn ?? userArn(accessKeyId, identity), permissions };
}

/** The caller of a server without keys: whoever is on this machine. */
export function anyoneOnThisMachine(accessKeyId: string, identity: DeploymentIdentity): Caller {
  return { accessKeyId, arn: userArn(accessKeyId, identity), permissions: null };
}

function userArn(name: string, { accountId, region }: DeploymentIdentity): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:user/${name}`;
}

/**
 * Condition keys that tell of the caller (IAM User Guide, "AWS global condition context keys", properties of the
 * principal). The ARN of a session is its role's.
 */
export function callerContext({ arn }: Caller): Readonly<Record<string, string | null>> {
  const [, partition = '', , , accountId = '', resource = ''] = arn.split(':');
  const [kind, ...path] = resource.split('/');
  const isUser = kind === 'user';
  return {
    'aws:PrincipalArn': isUser ? arn : `arn:${partition}:iam::${accountId}:role/${path[0] ?? ''}`,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': isUser ? 'User' : 'AssumedRole',
    'aws:username': isUser ? (path.at(-1) ?? null) : null,
  };
}
