/**
 * Opens the deployment's database: the embedded one in a folder, or a PostgreSQL server. Either way the caller
 * gets the schema of this version and the queue `Default`.
 */

import type { Database } from './database.ts';
import { openEmbedded } from './embedded/open-embedded.ts';
import { migrate } from './migrate.ts';
import { openServer } from './server/open-server.ts';
import { abandonLeases } from './statements/abandon-leases.ts';
import { createDefaultQueue } from './statements/create-default-queue.ts';

/** Where the database is. */
export type DatabaseLocation =
  /** A folder of this machine's disk, made when missing; nothing else may be in it. */
  | { readonly dataFolder: string }
  /** `postgres://user:password@host:port/name`, PostgreSQL 15 or newer. */
  | { readonly url: string };

/** What callers may want to hear of and tests to turn. */
export interface OpenOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Hears of trouble that was survived: a lost connection, a housekeeping statement that failed. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Opens, migrates and returns the database. Throws DatabaseOpenError with a message for the operator: folder in
 * use by another process (named by pid), data of a newer openconvert or of another PostgreSQL major, server too
 * old or unreachable. An aborted `signal` stops the opening; it does not close an opened database.
 */
export async function openDatabase(
  location: DatabaseLocation,
  signal: AbortSignal,
  { now = Date.now, onTrouble = () => {} }: OpenOptions = {},
): Promise<Database> {
  const database =
    'url' in location
      ? await openServer(location.url, onTrouble, signal)
      : await openEmbedded(location.dataFolder, onTrouble, signal);
  try {
    await migrate(database.sql);
    await createDefaultQueue(database.sql, now());
    // Whoever held leases in this folder is dead: the folder's lock is ours.
    if (database.kind === 'embedded') await abandonLeases(database.sql);
    signal.throwIfAborted();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
