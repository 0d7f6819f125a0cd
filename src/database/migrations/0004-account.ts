/** Schema 4: what belongs to the account: input policy, certificates, jobs shared with a support case. */
import { type Kysely, type Migration, sql } from 'kysely';

/** Makes the account-level tables. */
export const account: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  // One document per account and region, and a deployment is one account and region: `sole` admits one row.
  `CREATE TABLE input_policy (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    http_inputs text NOT NULL CHECK (http_inputs IN ('ALLOWED', 'DISALLOWED')),
    https_inputs text NOT NULL CHECK (https_inputs IN ('ALLOWED', 'DISALLOWED')),
    s3_inputs text NOT NULL CHECK (s3_inputs IN ('ALLOWED', 'DISALLOWED')),
    updated_at_ms bigint NOT NULL
  )`,
  `CREATE TABLE certificate (
    arn text COLLATE "C" PRIMARY KEY,
    associated_at_ms bigint NOT NULL
  )`,
  `CREATE TABLE job_share (
    job_id text COLLATE "C" PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    support_case_id text NOT NULL,
    shared_at_ms bigint NOT NULL
  )`,
];
