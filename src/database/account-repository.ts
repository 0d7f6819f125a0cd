/**
 * What belongs to the account as a whole and not to a queue or a job's life: the input policy, certificate
 * associations, and which jobs are shared with a support case. The database module implements it on both drivers.
 */
import type { InputPolicy } from '../contract/input-locations.ts';

/** The newest share of a job. */
export interface JobShareRecord {
  readonly supportCaseId: string;
  readonly sharedAtMs: number;
}

/** Account-level state. Every method is one transaction. */
export interface AccountRepository {
  /** The policy in force. */
  readInputPolicy(): Promise<InputPolicy>;
  /** Replaces the policy whole. */
  putInputPolicy(policy: InputPolicy, nowMs: number): Promise<void>;
  /** Back to everything ALLOWED; changes nothing when there is no policy. */
  deleteInputPolicy(): Promise<void>;
  /** Associating twice changes nothing. */
  associateCertificate(arn: string, nowMs: number): Promise<void>;
  /** False when the certificate is not associated. */
  disassociateCertificate(arn: string): Promise<boolean>;
  hasCertificate(arn: string): Promise<boolean>;
  /** False when there is no such job. A later share replaces an earlier one. */
  shareJob(jobId: string, share: JobShareRecord): Promise<boolean>;
}
