/**
 * The roles of this deployment. Until role policies are evaluated the embedded book has one role with rights on
 * every configured bucket; a well-formed role of another account stands for it, so that job documents written for
 * the service run unchanged (docs/cli.md, "Roles").
 */
import { jobFault } from '../catalogue/fault.ts';
import type { NoticeFinding } from '../catalogue/finding.ts';
import type { DeploymentIdentity } from './arn.ts';

const defaultRoleName = 'MediaConvert_Default_Role';
/** `arn:{partition}:iam::{12 digits}:role/{path}{name}` (spec iam-and-policy.md 3.2). */
const roleArn = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):role\/((?:[\w+=,.@-]+\/)*)([\w+=,.@-]{1,64})$/;

/**
 * Resolves the role a job names. Returns the notices the job carries. Throws fault 1515 for a malformed ARN and
 * 1433 for a role of our own account that does not exist. A job without a role (`run` of bare settings) has the
 * rights of the person who runs it.
 */
export function resolveRole(role: string | null, identity: DeploymentIdentity): readonly NoticeFinding[] {
  if (role === null) return [];
  const match = roleArn.exec(role);
  if (match === null)
    throw jobFault(
      1515,
      'malformed',
      {},
      { mediaFact: `the role is '${role}'`, expected: 'arn:aws:iam::<12 digits>:role/<name>' },
    );
  const [, accountId, , name] = match;
  if (accountId === identity.accountId) {
    if (name === defaultRoleName) return [];
    throw jobFault(
      1433,
      'missing',
      {},
      { mediaFact: `account ${accountId} has no role '${name}'`, expected: defaultRoleName },
    );
  }
  return [
    {
      severity: 'notice',
      reason: 'foreign-account',
      pointer: '',
      message: `The role ${role} belongs to another account; the job runs with ${defaultRoleName} of this deployment.`,
    },
  ];
}
