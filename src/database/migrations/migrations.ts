/** All schema changes in order. Names sort by number; an applied change is never edited, a new one is added. */
import type { Migration } from 'kysely';
import { jobsAndQueues } from './0001-jobs-and-queues.ts';

/** Changes by name; the newest name is the schema's version. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-jobs-and-queues': jobsAndQueues,
};
