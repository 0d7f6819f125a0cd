/**
 * A job as the operations see it, put together from its row, its document, its tags and its outputs. The three
 * latter are read for chosen jobs only: pages are chosen from the `job` table alone, and nothing else.
 */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Statements } from './database.ts';
import type { JobRecord, JobSubmission, OutputDetailRecord } from './job-repository.ts';
import type { JobTable, StoredSubmission } from './schema.ts';

/**
 * Reads the records of the jobs that `chosen` selects (`SELECT * FROM job …`), in the order of `orderBy`.
 * The order is repeated outside, because a join does not keep it. OFFSET 0 keeps the planner from a join that
 * walks over documents of other jobs, which it preferred for young tables (seen on both implementations).
 */
export async function readJobRecords(
  db: Statements,
  chosen: RawBuilder<unknown>,
  orderBy: RawBuilder<unknown> = sql`created_at_ms, id`,
): Promise<readonly JobRecord[]> {
  const { rows } = await sql<JobRow>`
    SELECT chosen.*, document.submission, document.settings,
      (SELECT coalesce(json_object_agg(tag.key, tag.value ORDER BY tag.key), '{}') FROM tag
        WHERE tag.resource_type = 'job' AND tag.resource_id = chosen.id) AS tags,
      CASE WHEN chosen.status = 'COMPLETE' THEN
        (SELECT coalesce(json_agg(json_build_object(
            'group', output.group_index, 'durationMs', output.duration_ms,
            'widthPx', output.width_px, 'heightPx', output.height_px)
            ORDER BY output.group_index, output.output_index), '[]')
          FROM output WHERE output.job_id = chosen.id)
      END AS outputs,
      (SELECT json_build_object('supportCaseId', support_case_id, 'sharedAtMs', shared_at_ms)
        FROM job_share WHERE job_share.job_id = chosen.id) AS share
    FROM (${chosen}) AS chosen
    CROSS JOIN LATERAL (SELECT submission, settings FROM job_document WHERE job_id = chosen.id OFFSET 0) AS document
    ORDER BY ${orderBy}
  `.execute(db);
  return rows.map(toJobRecord);
}

/** Reads one job, or null. */
export async function readJobRecord(db: Statements, id: string): Promise<JobRecord | null> {
  const [job] = await readJobRecords(db, sql`SELECT * FROM job WHERE id = ${id}`);
  return job ?? null;
}

/** What a submission becomes when it is stored. */
export function submittedJobRecord(submission: JobSubmission): JobRecord {
  return {
    ...submission,
    status: 'SUBMITTED',
    submitTimeMs: submission.createdAtMs,
    startTimeMs: null,
    finishTimeMs: null,
    currentPhase: null,
    percentComplete: null,
    retryCount: 0,
    accelerationStatus: submission.accelerationMode === 'DISABLED' ? 'NOT_APPLICABLE' : 'IN_PROGRESS',
    errorCode: null,
    errorMessage: null,
    warnings: [],
    outputGroupDetails: null,
    queueTransitions: [],
    jobEngineVersionUsed: null,
    share: null,
  };
}

interface JobRow extends Selectable<JobTable> {
  readonly submission: StoredSubmission;
  readonly settings: JobSubmission['settings'];
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: readonly OutputRow[] | null;
  readonly share: JobRecord['share'];
}

interface OutputRow {
  readonly group: number;
  readonly durationMs: number;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
}

function toJobRecord(row: JobRow): JobRecord {
  return {
    ...row.submission,
    id: row.id,
    createdAtMs: row.created_at_ms,
    queueName: row.queue_name,
    priority: row.priority,
    settings: row.settings,
    userMetadata: row.user_metadata,
    tags: row.tags,
    infoMessages: row.info_messages,
    warningMessages: row.warning_messages,
    status: row.status,
    submitTimeMs: row.created_at_ms,
    startTimeMs: row.started_at_ms,
    finishTimeMs: row.finished_at_ms,
    currentPhase: row.phase,
    percentComplete: row.percent,
    retryCount: row.retry_count,
    accelerationStatus: row.acceleration_status,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    warnings: row.warnings,
    outputGroupDetails: row.outputs && toOutputGroups(row.outputs),
    queueTransitions: row.queue_transitions,
    jobEngineVersionUsed: row.engine_version_used,
    share: row.share,
  };
}

/** Rows come in the order of groups and outputs; groups are counted from 0 without gaps. */
function toOutputGroups(rows: readonly OutputRow[]): NonNullable<JobRecord['outputGroupDetails']> {
  const groups: { outputs: OutputDetailRecord[] }[] = [];
  for (const { group, durationMs, widthPx, heightPx } of rows) {
    while (groups.length <= group) groups.push({ outputs: [] });
    const video = widthPx === null || heightPx === null ? null : { widthPx, heightPx };
    groups[group]?.outputs.push({ durationMs, video });
  }
  return groups;
}
