/**
 * What the API operations need of searches: over all stored jobs at once (SearchJobs), or asked for now and fetched
 * later (StartJobsQuery, GetJobsQueryResults).
 */
import type { JobCursor, JobRecord, SortOrder } from './job-repository.ts';

/** What a condition looks at. Names are those of job query filters. */
export type JobConditionKey =
  | 'fileInput'
  | 'queue'
  | 'status'
  | 'errorCode'
  | 'jobEngineVersionRequested'
  | 'jobEngineVersionUsed'
  | 'audioCodec'
  | 'videoCodec';

/**
 * A condition on jobs: one of its values must hold. Queues are names of submission queues. A `fileInput` with a
 * scheme is the whole URL of an input, one with a slash a part of a URL, any other a part of a file name, in which
 * upper and lower case are one.
 */
export interface JobCondition {
  readonly key: JobConditionKey;
  readonly values: readonly string[];
}

/** Which jobs, in which order, from where: as lists of jobs, with more conditions. */
export interface JobSearchQuery {
  /** All must hold. */
  readonly conditions: readonly JobCondition[];
  /** By (createdAtMs, id), both in this direction. */
  readonly order: SortOrder;
  readonly after: JobCursor | null;
  readonly limit: number;
}

/** An asynchronous query. */
export interface JobsQueryRecord {
  readonly status: 'SUBMITTED' | 'PROGRESSING' | 'COMPLETE' | 'ERROR';
  /** The question, as stored. */
  readonly query: JobSearchQuery;
  /** The page of a COMPLETE query; jobs that are forgotten by now are left out. */
  readonly jobs: readonly JobRecord[];
  /** The last job of the page when there are more behind it. */
  readonly nextPlace: JobCursor | null;
}

/** A query to store. */
export interface NewJobsQuery {
  readonly id: string;
  readonly query: JobSearchQuery;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Searches over jobs. Every method is one transaction. */
export interface SearchRepository {
  searchJobs(query: JobSearchQuery): Promise<readonly JobRecord[]>;
  /** Stores a query and tells those who run them; false: `openLimit` queries are open already. Null: no limit. */
  startJobsQuery(query: NewJobsQuery, openLimit: number | null): Promise<boolean>;
  /** Null: no such query, or it has expired. */
  findJobsQuery(id: string, nowMs: number): Promise<JobsQueryRecord | null>;
}
