/**
 * NOTIFY channels (design D12). A notification says "look", it never carries the truth: whoever hears it reads
 * the rows, and a slow poll covers what a broken connection swallowed.
 */
export const channels = {
  /** A task became ready. Payload: the queue's name. */
  taskReady: 'openconvert_task',
  /** A running attempt shall stop because its job was canceled. Payload: the task id. */
  cancelRequested: 'openconvert_cancel',
  /** An event entered the outbox. Payload: empty. */
  eventStored: 'openconvert_event',
  /** An asynchronous query was stored. Payload: empty. */
  jobsQueryStored: 'openconvert_jobs_query',
} as const;

/** One of the channels above. */
export type Channel = (typeof channels)[keyof typeof channels];
