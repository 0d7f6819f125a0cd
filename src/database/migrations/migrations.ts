/** All schema changes in order. Names sort by number; an applied change is never edited, a new one is added. */
import type { Migration } from 'kysely';
import { jobsAndQueues } from './0001-jobs-and-queues.ts';
import { queuePlansHopsSearch } from './0002-queue-plans-hops-search.ts';
import { presetsAndTemplates } from './0003-presets-and-templates.ts';
import { account } from './0004-account.ts';

/** Changes by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-jobs-and-queues': jobsAndQueues,
  '0002-queue-plans-hops-search': queuePlansHopsSearch,
  '0003-presets-and-templates': presetsAndTemplates,
  '0004-account': account,
};

/** Name of the newest change: the schema's version. */
export const newestMigration: string = Object.keys(migrations).toSorted().at(-1) ?? '';
