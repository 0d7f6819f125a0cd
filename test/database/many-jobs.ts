/** Many stored jobs at once, as rows: what a busy deployment has after some weeks. */
import { sql } from 'kysely';
import type { Database } from '../../src/database/database.ts';
import type { JsonObject } from '../../src/database/job-repository.ts';
import { searchKeysOf } from '../../src/database/search-keys.ts';

/** Which jobs to store. */
export interface ManyJobs {
  readonly count: number;
  /** The first job's instant; each is a second younger than the one before. */
  readonly firstMs: number;
  /** Of the job with that number. */
  readonly fileInput: (number: number) => string;
  /** Settings of every job beside its input. */
  readonly settings?: JsonObject;
  /** COMPLETE unless given. */
  readonly status?: (number: number) => 'SUBMITTED' | 'COMPLETE' | 'CANCELED' | 'ERROR';
  readonly queueName?: (number: number) => string;
}

const rowsAtOnce = 2000;

/** Stores them with documents and search rows, waiting ones with their task. Ids are in the order of creation. */
export async function storeManyJobs({ sql: db }: Database, many: ManyJobs): Promise<void> {
  const { status = () => 'COMPLETE', queueName = () => 'Default', settings = { outputGroups: [] } } = many;
  for (let start = 0; start < many.count; start += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, many.count - start) }, (_, index) => {
      const number = start + index;
      const createdAtMs = many.firstMs + number * 1000;
      const whole = { inputs: [{ fileInput: many.fileInput(number) }], ...settings };
      const search = searchKeysOf({ settings: whole, jobEngineVersionRequested: null });
      return {
        id: `${createdAtMs}-${number.toString(36).padStart(6, '0')}`,
        created_at_ms: createdAtMs,
        queue_name: queueName(number),
        status: status(number),
        settings: whole,
        input_urls: search.inputUrls,
        input_names: search.inputNames,
        keys: search.keys,
      };
    });
    await sql`
      WITH row AS MATERIALIZED (
        SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (id text, created_at_ms bigint,
          queue_name text, status text, settings json, input_urls text, input_names text, keys json)
      ), new_job AS (
        INSERT INTO job (id, created_at_ms, queue_name, priority, status, acceleration_status, started_at_ms,
          finished_at_ms, error_code)
        SELECT id, created_at_ms, queue_name, 0, status, 'NOT_APPLICABLE',
          CASE status WHEN 'SUBMITTED' THEN NULL ELSE created_at_ms END,
          CASE status WHEN 'SUBMITTED' THEN NULL ELSE created_at_ms END, CASE status WHEN 'ERROR' THEN 1040 END
        FROM row
      ), new_document AS (
        INSERT INTO job_document (job_id, submission, settings)
        SELECT id, ${JSON.stringify(submissionMembers)}::json, settings FROM row
      ), new_search AS (
        INSERT INTO job_search (job_id, input_urls, input_names, keys)
        SELECT id, input_urls, input_names, ARRAY(SELECT json_array_elements_text(keys)) FROM row
      )
      INSERT INTO task (job_id, kind, queue_name, priority, submitted_at_ms)
      SELECT id, 'job', queue_name, 0, created_at_ms FROM row WHERE status = 'SUBMITTED'
    `.execute(db);
  }
}

const submissionMembers = {
  role: 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role',
  accelerationMode: 'DISABLED',
  billingTagsSource: 'JOB',
  simulateReservedQueue: 'DISABLED',
  statusUpdateIntervalSeconds: 60,
  hopDestinations: [],
  jobTemplate: null,
  jobEngineVersionRequested: null,
  jobEngineVersionToUse: null,
  clientRequestToken: null,
};
