import { sql } from 'kysely';
import type { EventEnvelope } from '../../events/envelope.ts';
import type { Statements } from '../database.ts';
import type { JobResultRecord } from '../job-repository.ts';

/** What a terminal job left beside its row: its last event, and what is stored of its outputs. */
export async function readJobResult(db: Statements, jobId: string): Promise<JobResultRecord> {
  const { rows } = await sql<{ event: EventEnvelope | null; outputs: JobResultRecord['outputs'] }>`
    SELECT
      (SELECT body FROM event WHERE job_id = ${jobId} AND status IN ('COMPLETE', 'ERROR')
        ORDER BY id DESC LIMIT 1) AS event,
      (SELECT coalesce(json_agg(json_build_object('groupIndex', group_index, 'outputIndex', output_index,
          'details', details, 'verdict', verdict) ORDER BY group_index, output_index), '[]')
        FROM output WHERE job_id = ${jobId}) AS outputs
  `.execute(db);
  return { lastBody: rows[0]?.event?.detail ?? null, outputs: rows[0]?.outputs ?? [] };
}
