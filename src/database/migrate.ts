/**
 * Brings the schema to this version. Several processes may start at once on one server: the migrator holds an
 * advisory lock, and each schema change is one transaction.
 */
import { type Kysely, Migrator, sql } from 'kysely';
import { DatabaseOpenError } from './database.ts';
import { migrations, newestMigration } from './migrations/migrations.ts';
import type { Schema } from './schema.ts';

/** Migrates. Throws DatabaseOpenError `newer-schema` for a database that a newer openconvert has written. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const applied = await newestAppliedMigration(db);
  if (applied === newestMigration) return;
  if (applied !== null && applied > newestMigration) {
    throw new DatabaseOpenError(
      'newer-schema',
      `The database has schema ${applied}, written by a newer openconvert; this one knows schemas up to ${newestMigration}. ` +
        'Start the newer openconvert, or restore a copy made before it ran.',
    );
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw new Error('the database schema could not be brought up to date', { cause: error });
}

/** The migrator's own table, read beforehand so that an up-to-date start costs two short statements. */
async function newestAppliedMigration(db: Kysely<Schema>): Promise<string | null> {
  const { rows: tables } = await sql<{ exists: boolean }>`
    SELECT to_regclass('kysely_migration') IS NOT NULL AS exists
  `.execute(db);
  if (tables[0]?.exists !== true) return null;
  const { rows } = await sql<{ name: string | null }>`
    SELECT max(name COLLATE "C") AS name FROM kysely_migration
  `.execute(db);
  return rows[0]?.name ?? null;
}
