import type { JobRepository } from '../operations/job-repository.ts';
import type { Database } from './database.ts';
import { readJobRecord } from './job-record.ts';
import { listJobs } from './statements/list-jobs.ts';
import { allocatedConcurrentJobs, findQueue, listQueues } from './statements/read-queues.ts';
import { requestCancel } from './statements/request-cancel.ts';
import type { EnvelopeOf } from './statements/store-event.ts';
import { findJobByToken, submitJob } from './statements/submit-job.ts';

/** The operations' view of the database, the same on both implementations. */
export function createJobRepository({ sql }: Database, envelopeOf: EnvelopeOf): JobRepository {
  return {
    submitJob: (submission, token, nowMs) => submitJob(sql, submission, token, nowMs),
    findJobByToken: (token, nowMs) => findJobByToken(sql, token, nowMs),
    findJob: (id) => readJobRecord(sql, id),
    listJobs: (query) => listJobs(sql, query),
    requestCancel: (id, nowMs) => requestCancel(sql, id, nowMs, envelopeOf),
    findQueue: (name) => findQueue(sql, name),
    listQueues: (query) => listQueues(sql, query),
    allocatedConcurrentJobs: () => allocatedConcurrentJobs(sql),
  };
}
