/**
 * What the API operations need of queues. Names are exact and compare by code point. A change is decided while the
 * queue's row is locked: the operation's rules get the queue as it is and either give the changes or throw, and what
 * they throw leaves everything as it was.
 */
import type { SortOrder } from './job-repository.ts';

/** The plan of a reserved queue: bookkeeping, nobody is paid. */
export interface ReservationPlanRecord {
  /** Jobs at a time, ≥ 1. */
  readonly reservedSlots: number;
  readonly commitment: 'ONE_YEAR';
  readonly renewalType: 'AUTO_RENEW' | 'EXPIRE';
  readonly purchasedAtMs: number;
  /** End of the term bought last. With AUTO_RENEW the plan goes on behind it; with EXPIRE the queue runs nothing. */
  readonly expiresAtMs: number;
}

/** A stored queue. */
export interface QueueRecord {
  readonly name: string;
  readonly description: string | null;
  readonly type: 'SYSTEM' | 'CUSTOM';
  readonly status: 'ACTIVE' | 'PAUSED';
  readonly pricingPlan: 'ON_DEMAND' | 'RESERVED';
  readonly createdAtMs: number;
  readonly lastUpdatedMs: number;
  /** Jobs that wait in the queue now, and jobs that run from it; after a hop they count where they went. */
  readonly submittedJobsCount: number;
  readonly progressingJobsCount: number;
  /** Slots of an on-demand queue, ≥ 1: its own number, or as many as the workers have. Null: a reserved queue. */
  readonly concurrentJobs: number | null;
  /** Slots of all living workers; 0 when none lives. More of a queue's own slots than these are idle. */
  readonly fleetSlots: number;
  readonly maximumConcurrentFeeds: number | null;
  /** Null: an on-demand queue. */
  readonly reservationPlan: ReservationPlanRecord | null;
}

/** What a caller says of a new queue. */
export interface NewQueue {
  readonly name: string;
  readonly description: string | null;
  readonly status: QueueRecord['status'];
  readonly createdAtMs: number;
  /** Null: as many as the workers have. */
  readonly concurrentJobs: number | null;
  readonly maximumConcurrentFeeds: number | null;
  /** Makes the queue reserved. */
  readonly reservationPlan: ReservationPlanRecord | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** What changes; absent members keep their value. */
export interface QueueChanges {
  readonly description?: string;
  readonly status?: QueueRecord['status'];
  readonly concurrentJobs?: number;
  readonly maximumConcurrentFeeds?: number;
  readonly reservationPlan?: ReservationPlanRecord;
}

/** How much is in use, for rules about all queues together. */
export interface QueueUsage {
  readonly queues: number;
  /** Σ slots of all on-demand queues. */
  readonly allocatedConcurrentJobs: number;
}

/** A place in a list of queues: the last queue of the page before. */
export interface QueueCursor {
  readonly createdAtMs: number;
  readonly name: string;
}

/** Which queues come next, in which order. */
export interface QueueListQuery {
  /** NAME: by name; CREATION_DATE: by (createdAtMs, name). Names compare by code point (`COLLATE "C"`). */
  readonly listBy: 'NAME' | 'CREATION_DATE';
  readonly order: SortOrder;
  readonly after: QueueCursor | null;
  readonly limit: number;
}

/** What a deletion came to. `busy`: jobs wait in the queue or run from it. */
export type DeleteQueueOutcome = 'deleted' | 'not-found' | 'busy';

/** Queues, as the API operations read and change them. Every method is one transaction. */
export interface QueueRepository {
  /** The queue `Default` always exists (type SYSTEM). */
  findQueue(name: string): Promise<QueueRecord | null>;
  listQueues(query: QueueListQuery): Promise<readonly QueueRecord[]>;
  /** Σ slots of all on-demand queues: what ListQueues subtracts from the account's limit. */
  allocatedConcurrentJobs(): Promise<number>;
  /** Stores a queue with its tags; null when the name is taken. `admit` sees the usage before, and may throw. */
  createQueue(queue: NewQueue, admit: (usage: QueueUsage) => void): Promise<QueueRecord | null>;
  /** Null: no such queue. Waiting dispatchers look again afterwards; a queue that wakes up decides its overdue hops. */
  updateQueue(
    name: string,
    decide: (queue: QueueRecord, usage: QueueUsage) => QueueChanges,
    nowMs: number,
  ): Promise<QueueRecord | null>;
  /** Deletes the queue and its tags; jobs keep its name. `permit` sees the queue, and may throw. */
  deleteQueue(name: string, permit: (queue: QueueRecord) => void): Promise<DeleteQueueOutcome>;
}
