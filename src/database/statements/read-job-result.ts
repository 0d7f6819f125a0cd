import { sql } from 'kysely';
import type { EventEnvelope } from '../../events/envelope.ts';
import type { Statements } from '../database.ts';
import type { JobResultRecord } from '../job-repository.ts';

/** Of a job that left nothing. */
export const noJobResult: JobResultRecord = { lastBody: null, probedBody: null, attempts: [], outputs: [] };

/** What a job left beside its row: its telling events, its attempts, and what is stored of its outputs. */
export async function readJobResult(db: Statements, jobId: string): Promise<JobResultRecord> {
  const { rows } = await sql<{
    event: EventEnvelope | null;
    probed: EventEnvelope | null;
    attempts: JobResultRecord['attempts'];
    outputs: JobResultRecord['outputs'];
  }>`
    SELECT
      (SELECT body FROM event WHERE job_id = ${jobId} AND status IN ('COMPLETE', 'ERROR')
        ORDER BY id DESC LIMIT 1) AS event,
      (SELECT body FROM event WHERE job_id = ${jobId} AND status = 'INPUT_INFORMATION'
        ORDER BY id DESC LIMIT 1) AS probed,
      (SELECT coalesce(json_agg(json_build_object('number', number, 'startedAtMs', attempt.started_at_ms,
          'endedAtMs', attempt.ended_at_ms, 'outcome', outcome, 'errorCode', error_code,
          'errorMessage', error_message, 'fault', fault) ORDER BY task_id, number), '[]')
        FROM attempt WHERE task_id IN (SELECT id FROM task WHERE job_id = ${jobId})) AS attempts,
      (SELECT coalesce(json_agg(json_build_object('groupIndex', group_index, 'outputIndex', output_index,
          'details', details, 'verdict', verdict) ORDER BY group_index, output_index), '[]')
        FROM output WHERE job_id = ${jobId}) AS outputs
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return noJobResult;
  const { event, probed, attempts, outputs } = row;
  return { lastBody: event?.detail ?? null, probedBody: probed?.detail ?? null, attempts, outputs };
}
