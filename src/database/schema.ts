/**
 * The tables as the statements see them; `migrations/` makes them and explains them. Instants are integers of
 * milliseconds since the Unix epoch given by the caller, so that rows and event bodies agree; only leases use
 * the database's own clock, because workers' clocks differ.
 */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { EventEnvelope } from '../events/envelope.ts';
import type {
  AccelerationStatus,
  JobCursor,
  JobPhase,
  JobStatus,
  JobSubmission,
  JsonObject,
  QueueTransitionRecord,
} from './job-repository.ts';
import type { JobSearchQuery } from './search-repository.ts';

/** All tables by name. */
export interface Schema {
  queue: QueueTable;
  job: JobTable;
  job_document: JobDocumentTable;
  task: TaskTable;
  attempt: AttemptTable;
  output: OutputTable;
  event: EventTable;
  target_lease: TargetLeaseTable;
  idempotency: IdempotencyTable;
  preset: TemplateTable;
  job_template: TemplateTable;
  tag: TagTable;
  worker: WorkerTable;
  input_policy: InputPolicyTable;
  certificate: CertificateTable;
  job_share: JobShareTable;
  job_search: JobSearchTable;
  jobs_query: JobsQueryTable;
}

/** A queue. */
export interface QueueTable {
  name: string;
  description: string | null;
  type: 'SYSTEM' | 'CUSTOM';
  status: 'ACTIVE' | 'PAUSED';
  pricing_plan: 'ON_DEMAND' | 'RESERVED';
  /** Null: as many as the workers have slots. */
  concurrent_jobs: number | null;
  created_at_ms: number;
  updated_at_ms: number;
  maximum_concurrent_feeds: number | null;
  /** The plan of a reserved queue; all null on on-demand queues. */
  reserved_slots: number | null;
  commitment: 'ONE_YEAR' | null;
  renewal_type: 'AUTO_RENEW' | 'EXPIRE' | null;
  purchased_at_ms: number | null;
  expires_at_ms: number | null;
}

/** The part of a job that changes, and the part that lists filter and sort by. */
export interface JobTable {
  id: string;
  created_at_ms: number;
  queue_name: string;
  priority: number;
  status: JobStatus;
  phase: JobPhase | null;
  percent: number | null;
  retry_count: Generated<number>;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  error_code: number | null;
  error_message: string | null;
  acceleration_status: AccelerationStatus;
  engine_version_used: string | null;
  user_metadata: ColumnType<Readonly<Record<string, string>> | null, string | null, string | null>;
  warnings: JSONColumnType<readonly { readonly code: number; readonly count: number }[]>;
  info_messages: JSONColumnType<readonly string[]>;
  warning_messages: JSONColumnType<readonly string[]>;
  queue_transitions: JSONColumnType<readonly QueueTransitionRecord[]>;
}

/** The part of a job that is large and never changes: read for the jobs of one page, never by filters or claims. */
export interface JobDocumentTable {
  job_id: string;
  /** Members of the submission that are neither filtered nor changed. */
  submission: JSONColumnType<StoredSubmission>;
  settings: JSONColumnType<JsonObject>;
}

/** The members of a `JobSubmission` that have no column of their own. */
export type StoredSubmission = Pick<
  JobSubmission,
  | 'role'
  | 'accelerationMode'
  | 'billingTagsSource'
  | 'simulateReservedQueue'
  | 'statusUpdateIntervalSeconds'
  | 'hopDestinations'
  | 'jobTemplate'
  | 'jobEngineVersionRequested'
  | 'jobEngineVersionToUse'
  | 'clientRequestToken'
>;

/** What a worker claims. */
export interface TaskTable {
  id: Generated<number>;
  job_id: string;
  kind: 'job';
  /** The queue it waits in now: the submission queue until a hop. */
  queue_name: string;
  /** The priority it waits with now. */
  priority: number;
  submitted_at_ms: number;
  state: Generated<'READY' | 'RUNNING' | 'DONE'>;
  /** Number of the newest attempt, 0 before the first: the fence of every write made under a lease. */
  attempt_number: Generated<number>;
  /** Attempts that failed or were lost; attempts handed back do not count. */
  spent_attempts: Generated<number>;
  cancel_requested: Generated<boolean>;
  lease_worker: string | null;
  lease_expires_at: Date | null;
  /** The hop that is still to come; all null when there is none, or when it is over. */
  hop_at_ms: number | null;
  hop_queue_name: string | null;
  hop_priority: number | null;
}

/** One execution of a task. */
export interface AttemptTable {
  task_id: number;
  number: number;
  worker_id: string;
  started_at_ms: number;
  ended_at_ms: number | null;
  outcome: 'COMPLETE' | 'ERROR' | 'CANCELED' | 'RELEASED' | 'LOST' | null;
  error_code: number | null;
  error_message: string | null;
  /** Facts of the fault, for support; never parsed. */
  fault: ColumnType<JsonObject | null, string | null, string | null>;
}

/** One output of a completed job. */
export interface OutputTable {
  job_id: string;
  group_index: number;
  output_index: number;
  duration_ms: number;
  width_px: number | null;
  height_px: number | null;
  /** Locations, objects and measurements. */
  details: JSONColumnType<JsonObject>;
  /** The result of checking the output before completion; null when it was not checked. */
  verdict: ColumnType<JsonObject | null, string | null, string | null>;
}

/** The outbox. */
export interface EventTable {
  id: Generated<number>;
  job_id: string;
  status: string;
  at_ms: number;
  body: JSONColumnType<EventEnvelope>;
  delivered_to: Generated<readonly string[]>;
  done: Generated<boolean>;
}

/** Which process delivers to a target, so that two servers do not both. */
export interface TargetLeaseTable {
  target_name: string;
  owner: string;
  expires_at: Date;
}

/** Submit tokens. */
export interface IdempotencyTable {
  token: string;
  job_id: string;
  expires_at_ms: number;
}

/** A preset or a job template. */
export interface TemplateTable {
  name: string;
  description: string | null;
  category: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  members: JSONColumnType<JsonObject>;
}

/** Tags of any resource. */
export interface TagTable {
  resource_type: 'job' | 'queue' | 'job-template' | 'preset';
  resource_id: string;
  key: string;
  value: string;
}

/** Workers that are alive, for the number of slots. */
export interface WorkerTable {
  id: string;
  host: string;
  slots: number;
  seen_at: Date;
}

/** The input policy: one row, or none for "everything allowed". */
export interface InputPolicyTable {
  sole: boolean;
  http_inputs: 'ALLOWED' | 'DISALLOWED';
  https_inputs: 'ALLOWED' | 'DISALLOWED';
  s3_inputs: 'ALLOWED' | 'DISALLOWED';
  updated_at_ms: number;
}

/** Certificates associated with the service. */
export interface CertificateTable {
  arn: string;
  associated_at_ms: number;
}

/** Jobs shared with a support case: the newest share of each. */
export interface JobShareTable {
  job_id: string;
  support_case_id: string;
  shared_at_ms: number;
}

/** What jobs are found by; see `search-keys.ts`. */
export interface JobSearchTable {
  job_id: string;
  input_urls: string;
  input_names: string;
  keys: readonly string[];
}

/** An asynchronous query over jobs and, once it is COMPLETE, its page. */
export interface JobsQueryTable {
  id: string;
  status: 'SUBMITTED' | 'PROGRESSING' | 'COMPLETE' | 'ERROR';
  query: JSONColumnType<JobSearchQuery>;
  created_at_ms: number;
  expires_at_ms: number;
  /** Of the process that runs it; a process that dies loses it. */
  lease_expires_at: Date | null;
  job_ids: Generated<readonly string[]>;
  /** The last job of the page when there are more; null on the last page. */
  next_place: ColumnType<JobCursor | null, string | null, string | null>;
}
