import type { Database } from './database.ts';
import { readJobRecord } from './job-record.ts';
import type { JobRepository } from './job-repository.ts';
import { createQueue, deleteQueue, updateQueue } from './statements/change-queues.ts';
import { findJobsQuery, startJobsQuery } from './statements/jobs-queries.ts';
import { listJobs } from './statements/list-jobs.ts';
import { noJobResult, readJobResult } from './statements/read-job-result.ts';
import { findQueue, listQueues, readQueueUsage } from './statements/read-queues.ts';
import { requestCancel } from './statements/request-cancel.ts';
import { searchJobs } from './statements/search-jobs.ts';
import type { EnvelopeOf } from './statements/store-event.ts';
import { findJobByToken, submitJob } from './statements/submit-job.ts';
import { isStorable } from './storable-text.ts';

/** The operations' view of the database, the same on both implementations. */
export function createJobRepository({ sql }: Database, envelopeOf: EnvelopeOf): JobRepository {
  return {
    submitJob: (submission, token, nowMs) => submitJob(sql, submission, token, nowMs),
    findJobByToken: (token, nowMs) => findJobByToken(sql, token, nowMs),
    findJobResult: async (id) => (isStorable(id) ? await readJobResult(sql, id) : noJobResult),
    findJob: async (id) => (isStorable(id) ? await readJobRecord(sql, id) : null),
    listJobs: async (query) => (isStorable(query.queueName ?? '') ? await listJobs(sql, query) : []),
    requestCancel: async (id, nowMs) =>
      isStorable(id) ? await requestCancel(sql, id, nowMs, envelopeOf) : { outcome: 'not-found' },
    findQueue: async (name) => (isStorable(name) ? await findQueue(sql, name) : null),
    listQueues: (query) => listQueues(sql, query),
    allocatedConcurrentJobs: async () => (await readQueueUsage(sql)).allocatedConcurrentJobs,
    createQueue: (queue, admit) => createQueue(sql, queue, admit),
    updateQueue: async (name, decide, nowMs) =>
      isStorable(name) ? await updateQueue(sql, name, decide, { nowMs, envelopeOf }) : null,
    searchJobs: (query) => searchJobs(sql, query),
    startJobsQuery: (query, openLimit) => startJobsQuery(sql, query, openLimit),
    findJobsQuery: async (id, nowMs) => (isStorable(id) ? await findJobsQuery(sql, id, nowMs) : null),
    deleteQueue: async (name, permit) =>
      isStorable(name) ? await deleteQueue(sql, name, permit) : 'not-found',
  };
}
