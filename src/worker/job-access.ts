/**
 * How a job gets at its objects: its role is assumed, at STS too where that is configured, and the deployment's stores
 * are narrowed to what the role may touch and the input policy allows.
 */
import { JobFault } from '../catalogue/fault.ts';
import type { NoticeFinding } from '../catalogue/finding.ts';
import { allowsInput, everythingAllowed, type InputPolicy } from '../contract/input-locations.ts';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { assumeRole, embeddedRoleBook, type RoleBook } from '../identity/role-book.ts';
import type { StsClient } from '../identity/sts.ts';
import type { JobUse, ObjectStore, S3Credentials } from '../store/store.ts';
import { withRights } from './role-rights.ts';

/** What decides about access; the same for all jobs of a deployment. */
export interface JobAccess {
  readonly roleBook: RoleBook;
  /** Where roles are assumed for the S3 endpoint; null: the deployment's own credentials are used. */
  readonly sts: StsClient | null;
  /** The input policy in force now. */
  readonly inputPolicy: () => Promise<InputPolicy>;
}

/** Without a role book, STS and policy: what `run` has by default. */
export const openAccess: JobAccess = {
  roleBook: embeddedRoleBook,
  sts: null,
  inputPolicy: async () => everythingAllowed,
};

/** The job that asks. */
export interface AccessRequest {
  readonly id: string;
  readonly role: string | null;
  /** ARN of the queue the job was submitted to; null: none. */
  readonly queueArn: string | null;
  /** The first input, which the service's texts name; '' when there is none. */
  readonly firstInput: string;
}

/** Stores with a job's rights. */
export interface JobStoresOpened {
  readonly stores: ObjectStore;
  /** Of the role's session at STS; null: it has none of its own. */
  readonly credentials: (() => Promise<S3Credentials>) | null;
  readonly notices: readonly NoticeFinding[];
}

/** Opens the stores for a job. Rejects with JobFault 1515, 1433, 1434 or 1432. */
export async function openJobStores(
  job: AccessRequest,
  deployment: {
    readonly stores: { forJob(use: JobUse): ObjectStore };
    readonly identity: DeploymentIdentity;
  },
  access: JobAccess,
  onThrottle: () => void,
  signal: AbortSignal,
): Promise<JobStoresOpened> {
  const { sts, roleBook } = access;
  // A role book decides first, and STS has to agree; without one STS alone decides which roles there are.
  const book = sts !== null && roleBook.roles === null ? anyRole : roleBook;
  const session = assumeRole(job, book, deployment.identity);
  const inputPolicy = await access.inputPolicy();
  const use: JobUse = { onThrottle, allowsInput: (url) => allowsInput(inputPolicy, url) };
  const credentials =
    sts === null || session.roleArn === null
      ? null
      : () => sts.assumeRole(session.roleArn ?? '', job.id, job.firstInput, signal);
  // Asked for once before any object is opened, so that a refusal is the role's error and not a read's.
  const first = await credentials?.();
  const stores = deployment.stores.forJob(
    credentials === null || first === undefined
      ? use
      : { ...use, credentials: startingWith(first, credentials) },
  );
  const { permissions, roleArn, notices } = session;
  return {
    stores: withRights(stores, { permissions, roleArn, inputPolicy, identity: deployment.identity }),
    credentials,
    notices,
  };
}

/** Takes every well-formed role for itself: nothing stands for it, nothing is missing. */
const anyRole: RoleBook = { roles: null, foreignRoles: 'as-named' };

/** A provider whose first answer is at hand already. */
function startingWith<Credentials>(
  first: Credentials,
  next: () => Promise<Credentials>,
): () => Promise<Credentials> {
  let held: Credentials | null = first;
  return async () => {
    const answer = held ?? (await next());
    held = null;
    return answer;
  };
}

/** True for an output that the store wrote but refuses to give back: no reason to fail the job. */
export function isReadBackDenied(error: unknown): boolean {
  return (
    error instanceof JobFault &&
    error.code === 1999 &&
    error.cause instanceof JobFault &&
    error.cause.code === 1401
  );
}
