import { sql } from 'kysely';
import type { EventBody } from '../../events/bodies.ts';
import type { EventEnvelope } from '../../events/envelope.ts';
import { channels } from '../channels.ts';
import type { Statements } from '../database.ts';
import { readJobRecord } from '../job-record.ts';
import type { JobRecord } from '../job-repository.ts';

/**
 * Puts a body into the envelope of its job: account, region and ARNs are the deployment's. Called inside the
 * transaction with the job as it stands there, so that event and row cannot disagree.
 */
export type EnvelopeOf = (job: JobRecord, body: EventBody, atMs: number) => EventEnvelope;

/** An event to store with the change that caused it. */
export interface NewEvent {
  readonly jobId: string;
  readonly atMs: number;
  /** Built from the job as the transaction left it. */
  readonly body: (job: JobRecord) => EventBody;
  readonly envelopeOf: EnvelopeOf;
}

/** Puts an event into the outbox and wakes it when the transaction commits. */
export async function storeEvent(db: Statements, { jobId, atMs, body, envelopeOf }: NewEvent): Promise<void> {
  const job = await readJobRecord(db, jobId);
  if (job === null) throw new Error(`job ${jobId} vanished while its event was stored`);
  const envelope = envelopeOf(job, body(job), atMs);
  await sql`
    WITH stored AS (
      INSERT INTO event (job_id, status, at_ms, body)
      VALUES (${jobId}, ${envelope.detail.status}, ${atMs}, ${JSON.stringify(envelope)})
    )
    SELECT pg_notify(${channels.eventStored}, '')
  `.execute(db);
}
