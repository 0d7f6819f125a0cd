/**
 * Schema 3: presets and job templates. Both tables have the same columns, so that one set of statements serves both.
 * `members` is json, not jsonb: it is echoed as given. Names compare by code point, as everywhere.
 */
import { type Kysely, type Migration, sql } from 'kysely';

/** Makes the tables of schema 3. */
export const presetsAndTemplates: Migration = {
  async up(db: Kysely<unknown>) {
    for (const table of ['preset', 'job_template']) {
      for (const statement of statementsOf(table)) await sql.raw(statement).execute(db);
    }
  },
};

function statementsOf(table: string): readonly string[] {
  return [
    `CREATE TABLE ${table} (
      name text COLLATE "C" PRIMARY KEY,
      description text,
      category text COLLATE "C",
      created_at_ms bigint NOT NULL,
      updated_at_ms bigint NOT NULL,
      members json NOT NULL
    )`,
    `CREATE INDEX ${table}_by_creation ON ${table} (created_at_ms, name)`,
  ];
}
