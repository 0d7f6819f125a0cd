/**
 * What the API operations need of the database: jobs, queues and submit tokens. The database module implements
 * it on both drivers. Records are plain data with our names and units; wire names, ARNs and epoch seconds are
 * the operations' business. Queues are referred to by name: ARNs are made from account and region when shown.
 *
 * Every instant is an integer of milliseconds since the Unix epoch, given by the caller, so that the clock is
 * one and tests can turn it.
 *
 * States of a job (spec queues-and-lifecycle.md 1):
 *   SUBMITTED → PROGRESSING (claimed) → COMPLETE | ERROR (attempt finished);
 *   SUBMITTED or PROGRESSING → CANCELED (`requestCancel`, at once when no attempt runs, otherwise when the
 *   worker has stopped). COMPLETE, CANCELED and ERROR are never left.
 */
import type { EventBody } from '../events/bodies.ts';
import type { JobShareRecord } from './account-repository.ts';
import type { QueueRepository } from './queue-repository.ts';
import type { SearchRepository } from './search-repository.ts';

/** States, see above. */
export type JobStatus = 'SUBMITTED' | 'PROGRESSING' | 'COMPLETE' | 'CANCELED' | 'ERROR';
/** Phases while PROGRESSING, in this order (spec queues-and-lifecycle.md 1.1). */
export type JobPhase = 'PROBING' | 'TRANSCODING' | 'UPLOADING';
/** What the request asks for; DISABLED when it says nothing. */
export type AccelerationMode = 'DISABLED' | 'ENABLED' | 'PREFERRED';
/** What became of it (spec queues-and-lifecycle.md 7). */
export type AccelerationStatus = 'NOT_APPLICABLE' | 'IN_PROGRESS' | 'ACCELERATED' | 'NOT_ACCELERATED';
/** Direction of a list. */
export type SortOrder = 'ASCENDING' | 'DESCENDING';

/** A JSON object as a client sent it, wire names. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A queue to move to when the job waited too long (spec queues-and-lifecycle.md 6). */
export interface HopDestination {
  /** Queue name; null: the Default queue. */
  readonly queueName: string | null;
  /** Minutes in SUBMITTED before the hop, 1–4320. */
  readonly waitMinutes: number;
  /** −50–50; null: priority stays. */
  readonly priority: number | null;
}

/** What is known of a job when it is submitted; it never changes afterwards. */
export interface JobSubmission {
  /** `{createdAtMs}-{6 × [a-z0-9]}` (spec api.md 4). Primary key. */
  readonly id: string;
  readonly createdAtMs: number;
  /** Name of the queue the job was submitted to. Stays as submitted even after a hop. */
  readonly queueName: string;
  /** −50–50. Stays as submitted even after a hop; the task carries the effective one. */
  readonly priority: number;
  /** The role as written; its form is checked when the job runs (spec iam-and-policy.md 3.1). */
  readonly role: string;
  /** The settings document, wire names, as submitted. */
  readonly settings: JsonObject;
  readonly accelerationMode: AccelerationMode;
  readonly billingTagsSource: 'QUEUE' | 'PRESET' | 'JOB_TEMPLATE' | 'JOB';
  readonly simulateReservedQueue: 'ENABLED' | 'DISABLED';
  /** Seconds between STATUS_UPDATE events, 10–600. */
  readonly statusUpdateIntervalSeconds: number;
  readonly hopDestinations: readonly HopDestination[];
  /** As written; null when not given. */
  readonly jobTemplate: string | null;
  readonly jobEngineVersionRequested: string | null;
  /** The version the job runs with because it was asked for; null: none was, or it has expired. */
  readonly jobEngineVersionToUse: string | null;
  readonly clientRequestToken: string | null;
  /** Null when not given, which differs from an empty map. */
  readonly userMetadata: Readonly<Record<string, string>> | null;
  readonly tags: Readonly<Record<string, string>>;
  /** `messages` of the job, as known at submit. */
  readonly infoMessages: readonly string[];
  readonly warningMessages: readonly string[];
}

/** One output as GetJob shows it (spec api.md 6.2): no paths. */
export interface OutputDetailRecord {
  readonly durationMs: number;
  /** Null for outputs without video. */
  readonly video: { readonly widthPx: number; readonly heightPx: number } | null;
}

/** One hop of a job. */
export interface QueueTransitionRecord {
  readonly sourceQueueName: string;
  readonly destinationQueueName: string;
  readonly atMs: number;
}

/** A stored job. */
export interface JobRecord extends JobSubmission {
  readonly status: JobStatus;
  readonly submitTimeMs: number;
  /** When PROGRESSING began; null before. */
  readonly startTimeMs: number | null;
  /** When a terminal state was reached; null before. */
  readonly finishTimeMs: number | null;
  /** The phase while PROGRESSING; keeps its last value afterwards; null before the first start. */
  readonly currentPhase: JobPhase | null;
  /** Integer 0–100; null when unknown. */
  readonly percentComplete: number | null;
  /** Automatic attempts after the first; 0 when there was none. */
  readonly retryCount: number;
  /** IN_PROGRESS from submit on when acceleration is asked for, until the plan decides; otherwise NOT_APPLICABLE. */
  readonly accelerationStatus: AccelerationStatus;
  /** Both null unless status is ERROR. */
  readonly errorCode: number | null;
  readonly errorMessage: string | null;
  readonly warnings: readonly { readonly code: number; readonly count: number }[];
  /** In job order; null until COMPLETE. */
  readonly outputGroupDetails: readonly { readonly outputs: readonly OutputDetailRecord[] }[] | null;
  readonly queueTransitions: readonly QueueTransitionRecord[];
  readonly jobEngineVersionUsed: string | null;
  /** The newest share with a support case; null: never shared. */
  readonly share: JobShareRecord | null;
}

/** One execution of a job's task. */
export interface AttemptRecord {
  readonly number: number;
  readonly startedAtMs: number;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
  /** Null while it runs; RELEASED: its worker stopped, LOST: its worker vanished. */
  readonly outcome: 'COMPLETE' | 'ERROR' | 'CANCELED' | 'RELEASED' | 'LOST' | null;
  readonly errorCode: number | null;
  readonly errorMessage: string | null;
  /** Facts of the fault with all findings of the attempt, as the worker gave them; null: nothing is known. */
  readonly fault: JsonObject | null;
}

/** What a job leaves beside its row. */
export interface JobResultRecord {
  /** Body of its COMPLETE or ERROR event; null when there is none. */
  readonly lastBody: EventBody | null;
  /** Body of its last INPUT_INFORMATION event; null: no attempt has come so far. */
  readonly probedBody: EventBody | null;
  /** In the order they were made; empty before the first. */
  readonly attempts: readonly AttemptRecord[];
  /** By group and output. */
  readonly outputs: readonly {
    readonly groupIndex: number;
    readonly outputIndex: number;
    /** Locations, objects and measurements, as the engine reported them. */
    readonly details: JsonObject;
    /** The result of checking the output; null when it was not checked. */
    readonly verdict: JsonObject | null;
  }[];
}

/** A submit token and how long it stands for its job. */
export interface SubmitToken {
  /** 1–64 ASCII characters. */
  readonly token: string;
  /** The token stands for its job while `nowMs < submit instant + windowMs` (60 s in the service). */
  readonly windowMs: number;
}

/** What a submit came to. */
export type SubmitOutcome =
  | { readonly outcome: 'created'; readonly job: JobRecord }
  /** The token already stands for this job, nothing was stored. */
  | { readonly outcome: 'repeated'; readonly job: JobRecord }
  /** The submission queue, or a hop destination's queue, does not exist; nothing was stored, the token is free. */
  | { readonly outcome: 'queue-not-found'; readonly queueName: string };

/** A place in a list of jobs: the last job of the page before. */
export interface JobCursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** Which jobs, in which order, from where. */
export interface JobListQuery {
  /** Submission queue; null: all queues. */
  readonly queueName: string | null;
  /** Null: all states. */
  readonly status: JobStatus | null;
  /** By (createdAtMs, id), both in this direction. */
  readonly order: SortOrder;
  /** Only jobs strictly behind this place in `order`; null: from the start. The place need not exist any more. */
  readonly after: JobCursor | null;
  /** At most so many rows, ≥ 1. */
  readonly limit: number;
}

/** What a cancel came to. */
export type CancelOutcome =
  | { readonly outcome: 'not-found' }
  /** The job was waiting; it is CANCELED now, its event stored in the same transaction. */
  | { readonly outcome: 'canceled' }
  /** An attempt runs in PROBING or TRANSCODING; its worker has been told. Repeating the request is the same again. */
  | { readonly outcome: 'requested' }
  /** Too late: UPLOADING, or a terminal state. Nothing changed. */
  | { readonly outcome: 'refused'; readonly status: JobStatus; readonly phase: JobPhase | null };

/** Jobs and queues, as the API operations read and change them. Every method is one transaction. */
export interface JobRepository extends QueueRepository, SearchRepository {
  /**
   * Stores the job (SUBMITTED, `submitTimeMs = createdAtMs`), its settings, tags, first task and token, and
   * notifies the dispatchers, all or nothing. Two calls with one token at the same instant give one job: the
   * loser waits and gets the winner's. `nowMs` decides whether an earlier token still stands.
   */
  submitJob(submission: JobSubmission, token: SubmitToken | null, nowMs: number): Promise<SubmitOutcome>;
  /** The job a token stands for at `nowMs`, or null: lets a repeated submit skip validation. */
  findJobByToken(token: string, nowMs: number): Promise<JobRecord | null>;
  findJob(id: string): Promise<JobRecord | null>;
  /** Empty for jobs that have not begun, and for ids of no job. */
  findJobResult(id: string): Promise<JobResultRecord>;
  listJobs(query: JobListQuery): Promise<readonly JobRecord[]>;
  requestCancel(id: string, nowMs: number): Promise<CancelOutcome>;
}
