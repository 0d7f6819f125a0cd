/**
 * What the API operations need of searches: over all stored jobs at once (SearchJobs), or asked for now and fetched
 * later (StartJobsQuery, GetJobsQueryResults).
 */
import type { JobCursor, JobRecord, JobStatus, SortOrder } from './job-repository.ts';

/** One condition per member; null: none. The values of a list are alternatives. All conditions must hold. */
export interface JobFilters {
  /** A whole URL, a part of a URL that has a slash, or a part of a file name; names compare without case. */
  readonly inputFiles: readonly string[] | null;
  /** Submission queues. */
  readonly queueNames: readonly string[] | null;
  readonly statuses: readonly JobStatus[] | null;
  readonly engineVersionsRequested: readonly string[] | null;
  readonly engineVersionsUsed: readonly string[] | null;
  readonly audioCodecs: readonly string[] | null;
  readonly videoCodecs: readonly string[] | null;
  readonly errorCodes: readonly number[] | null;
}

/** Which jobs, in which order, from where: as lists of jobs, with more conditions. */
export interface JobSearchQuery {
  readonly filters: JobFilters;
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

/** Searches over jobs. Every method is one transaction. */
export interface SearchRepository {
  searchJobs(query: JobSearchQuery): Promise<readonly JobRecord[]>;
  /** Stores a query and tells those who run them; false: `openLimit` queries are open already. Null: no limit. */
  startJobsQuery(
    query: JobSearchQuery,
    stored: {
      readonly id: string;
      readonly nowMs: number;
      readonly expiresAtMs: number;
      readonly openLimit: number | null;
    },
  ): Promise<boolean>;
  /** Null: no such query, or it has expired. */
  findJobsQuery(id: string, nowMs: number): Promise<JobsQueryRecord | null>;
}
