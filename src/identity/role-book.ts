/**
 * The roles jobs may have, and what assuming one comes to (spec iam-and-policy.md 4). Decided when a job runs, in the
 * service's order: form (1515), existence (1433), trust (1434), anything else that forbids the session (1432). What the
 * session may touch is decided object by object (`worker/role-rights.ts`).
 */
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import type { NoticeFinding } from '../catalogue/finding.ts';
import type { DeploymentIdentity } from './arn.ts';
import { type Decision, describeDenial, evaluate, type PolicySet } from './policy/evaluate.ts';
import type { Policy } from './policy/policy-document.ts';
import { requestContext } from './policy/request-context.ts';

/** A role as the book has it. */
export interface Role {
  readonly arn: string;
  readonly trustPolicy: Policy;
  readonly permissions: PolicySet;
  /** True: exists, but gives no sessions (1432). */
  readonly isDisabled: boolean;
}

/** The roles of a deployment. */
export interface RoleBook {
  /** By ARN. Null: the embedded book, whose one role may touch everything this deployment can reach. */
  readonly roles: ReadonlyMap<string, Role> | null;
  /**
   * What a role that the book does not have is: `default-role`, one of another account stands for ours; `refuse`,
   * missing; `as-named`, itself, because STS decides about it.
   */
  readonly foreignRoles: 'default-role' | 'refuse' | 'as-named';
}

/** The book without configuration: documents written for the service run unchanged. */
export const embeddedRoleBook: RoleBook = { roles: null, foreignRoles: 'default-role' };

/** A book of these roles. Roles of other accounts are refused by default: rights that were configured are meant. */
export function roleBookOf(
  roles: readonly Role[] | null,
  foreignRoles: 'default-role' | 'refuse' | null,
): RoleBook {
  if (roles === null) return { roles: null, foreignRoles: foreignRoles ?? 'default-role' };
  return { roles: new Map(roles.map((role) => [role.arn, role])), foreignRoles: foreignRoles ?? 'refuse' };
}

/** What a job asks with. */
export interface RoleRequest {
  /** As written in the job. Null: bare settings run by a person, with that person's rights. */
  readonly role: string | null;
  /** The queue the job was submitted to: `aws:SourceArn`. Null: `run`, which has no queue. */
  readonly queueArn: string | null;
  /** The first input, which the service's texts name. */
  readonly firstInput: string;
}

/** A role in use. */
export interface RoleSession {
  /** Null: a person's own rights. */
  readonly roleArn: string | null;
  /** Null: everything this deployment can reach. */
  readonly permissions: PolicySet | null;
  /** What the job carries as `messages.info`. */
  readonly notices: readonly NoticeFinding[];
}

/** Condition-key prefix and names of the service when it assumes a role. */
export const servicePrincipal = 'mediaconvert.amazonaws.com';
/** The role the console makes by default. */
export const defaultRoleName = 'MediaConvert_Default_Role';
/** `arn:{partition}:iam::{12 digits}:role/{path}{name}` (spec iam-and-policy.md 4). */
const roleArnForm = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):role\/((?:[\w+=,.@-]+\/)*)([\w+=,.@-]{1,64})$/;

/** Assumes the role a job names. Throws JobFault 1515, 1433, 1434 or 1432. */
export function assumeRole(request: RoleRequest, book: RoleBook, identity: DeploymentIdentity): RoleSession {
  const { role: roleArn } = request;
  if (roleArn === null) return { roleArn: null, permissions: null, notices: [] };
  const { accountId, name } = readRoleArn(roleArn);
  const isForeign = accountId !== identity.accountId;
  const role = book.roles?.get(roleArn) ?? null;
  if (role !== null) return openSession(role, request, identity, []);
  if (book.roles === null && !isForeign && name === defaultRoleName)
    return { roleArn, permissions: null, notices: [] };
  if (book.foreignRoles === 'as-named') return { roleArn, permissions: null, notices: [] };
  if (!isForeign || book.foreignRoles === 'refuse') throw missingRole(roleArn, book);
  const notices = [standsFor(roleArn)];
  if (book.roles === null) return { roleArn, permissions: null, notices };
  const standIn = [...book.roles.values()].find(({ arn }) => isDefaultRole(arn, identity));
  if (standIn === undefined) throw missingRole(roleArn, book);
  return openSession(standIn, request, identity, notices);
}

/** Account and name of a role's ARN. Throws JobFault 1515 for anything else. */
export function readRoleArn(roleArn: string): { readonly accountId: string; readonly name: string } {
  const [, accountId, , name] = roleArnForm.exec(roleArn) ?? [];
  if (accountId === undefined || name === undefined)
    throw jobFault(
      1515,
      'malformed',
      {},
      { mediaFact: `the role is '${roleArn}'`, expected: 'arn:aws:iam::<12 digits>:role/<name>' },
    );
  return { accountId, name };
}

function isDefaultRole(arn: string, identity: DeploymentIdentity): boolean {
  const { accountId, name } = readRoleArn(arn);
  return accountId === identity.accountId && name === defaultRoleName;
}

function openSession(
  role: Role,
  { queueArn, firstInput }: RoleRequest,
  identity: DeploymentIdentity,
  notices: readonly NoticeFinding[],
): RoleSession {
  const asked = {
    principal: { kind: 'Service', name: servicePrincipal },
    action: 'sts:AssumeRole',
    resource: role.arn,
    context: requestContext({
      'aws:SourceArn': queueArn,
      'aws:SourceAccount': identity.accountId,
      'aws:PrincipalServiceName': servicePrincipal,
      'aws:PrincipalIsAWSService': 'true',
      'aws:RequestedRegion': identity.region,
    }),
  } as const;
  const trust = evaluate({ policies: [role.trustPolicy], boundary: null }, asked);
  if (!trust.isAllowed) throw untrusted(role, firstInput, trust, queueArn);
  if (role.isDisabled) throw unusable(role, firstInput, 'the role is disabled');
  const { boundary } = role.permissions;
  // A boundary bounds what a session may do, so one that does not name sts:AssumeRole is no obstacle; one that
  // denies it explicitly, such as a deny of everything, leaves nothing to open a session for.
  const bound = evaluate({ policies: boundary === null ? [] : [boundary], boundary: null }, asked);
  if (!bound.isAllowed && bound.isExplicit)
    throw unusable(role, firstInput, 'the permissions boundary denies sts:AssumeRole explicitly');
  return { roleArn: role.arn, permissions: role.permissions, notices };
}

function missingRole(roleArn: string, book: RoleBook): JobFault {
  const names = book.roles === null ? [defaultRoleName] : [...book.roles.keys()];
  const facts = {
    mediaFact: `there is no role ${roleArn}`,
    expected: names.join(', ') || 'a role book with roles',
  };
  return jobFault(1433, 'missing', {}, facts);
}

function untrusted(
  role: Role,
  url: string,
  decision: Exclude<Decision, { isAllowed: true }>,
  queueArn: string | null,
): JobFault {
  const from = queueArn === null ? '' : ` for ${queueArn}`;
  return jobFault(
    1434,
    'assume-failed',
    { url },
    {
      mediaFact: `the trust policy of ${role.arn}: ${describeDenial(decision, `sts:AssumeRole by ${servicePrincipal}${from}`)}`,
      expected: `an Allow of sts:AssumeRole for the service ${servicePrincipal}`,
    },
  );
}

function unusable(role: Role, url: string, why: string): JobFault {
  return jobFault(1432, 'role-unusable', { url }, { mediaFact: `${role.arn}: ${why}` });
}

function standsFor(roleArn: string): NoticeFinding {
  return {
    severity: 'notice',
    reason: 'foreign-account',
    pointer: '',
    message: `The role ${roleArn} belongs to another account; the job runs with ${defaultRoleName} of this deployment.`,
  };
}
