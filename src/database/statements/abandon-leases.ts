import { sql } from 'kysely';
import type { Statements } from '../database.ts';

/**
 * Lets every lease on tasks and targets expire now. For the embedded database at open: holders of leases lived in the process that
 * held the folder, and it is dead. The dispatcher's sweep then does the rest at once instead of a lease later.
 */
export async function abandonLeases(db: Statements): Promise<void> {
  await sql`UPDATE task SET lease_expires_at = '-infinity' WHERE state = 'RUNNING'`.execute(db);
  await sql`DELETE FROM worker`.execute(db);
  await sql`DELETE FROM target_lease`.execute(db);
}
