/** Statements of the account-level tables: short, rare, one each. */
import { sql } from 'kysely';
import { everythingAllowed, type InputPolicy } from '../../contract/input-locations.ts';
import type { JobShareRecord } from '../account-repository.ts';
import type { Statements } from '../database.ts';

/** The policy row, or what holds without one. */
export async function readInputPolicy(db: Statements): Promise<InputPolicy> {
  const row = await db.selectFrom('input_policy').selectAll().executeTakeFirst();
  if (row === undefined) return everythingAllowed;
  return { httpInputs: row.http_inputs, httpsInputs: row.https_inputs, s3Inputs: row.s3_inputs };
}

/** One row at most: its key can only be `true`. */
export async function putInputPolicy(db: Statements, policy: InputPolicy, nowMs: number): Promise<void> {
  const values = {
    http_inputs: policy.httpInputs,
    https_inputs: policy.httpsInputs,
    s3_inputs: policy.s3Inputs,
    updated_at_ms: nowMs,
  };
  await db
    .insertInto('input_policy')
    .values({ sole: true, ...values })
    .onConflict((conflict) => conflict.column('sole').doUpdateSet(values))
    .execute();
}

/** Removes the row. */
export async function deleteInputPolicy(db: Statements): Promise<void> {
  await db.deleteFrom('input_policy').execute();
}

/** A second association keeps the first one's time. */
export async function associateCertificate(db: Statements, arn: string, nowMs: number): Promise<void> {
  await db
    .insertInto('certificate')
    .values({ arn, associated_at_ms: nowMs })
    .onConflict((conflict) => conflict.column('arn').doNothing())
    .execute();
}

/** True when a row was removed. */
export async function disassociateCertificate(db: Statements, arn: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('certificate').where('arn', '=', arn).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** True when the certificate is associated. */
export async function hasCertificate(db: Statements, arn: string): Promise<boolean> {
  const row = await db.selectFrom('certificate').select('arn').where('arn', '=', arn).executeTakeFirst();
  return row !== undefined;
}

/** Inserts from the job's own row, so that a job which is purged at the same moment gets no orphan. */
export async function shareJob(db: Statements, jobId: string, share: JobShareRecord): Promise<boolean> {
  const { rows } = await sql<{ job_id: string }>`
    INSERT INTO job_share (job_id, support_case_id, shared_at_ms)
    SELECT id, ${share.supportCaseId}, ${share.sharedAtMs}::bigint FROM job WHERE id = ${jobId}
    ON CONFLICT (job_id) DO UPDATE
      SET support_case_id = excluded.support_case_id, shared_at_ms = excluded.shared_at_ms
    RETURNING job_id
  `.execute(db);
  return rows.length > 0;
}
