/** Tags of any resource. The resource's row is locked first, so that the limit holds and no tag outlives its resource. */
import { type RawBuilder, sql } from 'kysely';
import type { Database, Statements } from '../database.ts';
import type { TaggedResource, TagOutcome } from '../tag-repository.ts';

/** Where the resources of a type are, and the column that is their id. */
const resources: Readonly<Record<TaggedResource['type'], RawBuilder<unknown>>> = {
  job: sql`job WHERE id`,
  queue: sql`queue WHERE name`,
  'job-template': sql`job_template WHERE name`,
  preset: sql`preset WHERE name`,
};

/** Tags by key, or null when there is no such resource. */
export async function listTags(
  db: Statements,
  resource: TaggedResource,
): Promise<Readonly<Record<string, string>> | null> {
  const { rows } = await sql<{ tags: Readonly<Record<string, string>> }>`
    SELECT (SELECT coalesce(json_object_agg(key, value ORDER BY key), '{}') FROM tag
      WHERE resource_type = ${resource.type} AND resource_id = ${resource.id}) AS tags
    FROM ${resources[resource.type]} = ${resource.id}
  `.execute(db);
  return rows[0]?.tags ?? null;
}

/** Adds and overwrites, or refuses and changes nothing. */
export async function addTags(
  db: Database['sql'],
  resource: TaggedResource,
  tags: Readonly<Record<string, string>>,
  mostTags: number,
): Promise<TagOutcome> {
  return await db.transaction().execute(async (transaction): Promise<TagOutcome> => {
    if (!(await lockResource(transaction, resource))) return 'not-found';
    const { rows } = await sql<{ others: number }>`
      SELECT count(*)::integer AS others FROM tag
      WHERE resource_type = ${resource.type} AND resource_id = ${resource.id} AND key <> ALL(${Object.keys(tags)})
    `.execute(transaction);
    if ((rows[0]?.others ?? 0) + Object.keys(tags).length > mostTags) return 'too-many';
    await sql`
      INSERT INTO tag (resource_type, resource_id, key, value)
      SELECT ${resource.type}::text, ${resource.id}::text, key, value
      FROM json_each_text(${JSON.stringify(tags)}::json)
      ON CONFLICT (resource_type, resource_id, key) DO UPDATE SET value = excluded.value
    `.execute(transaction);
    return 'tagged';
  });
}

/** Removes the keys that are there. */
export async function removeTags(
  db: Database['sql'],
  resource: TaggedResource,
  keys: readonly string[],
): Promise<boolean> {
  return await db.transaction().execute(async (transaction) => {
    if (!(await lockResource(transaction, resource))) return false;
    await sql`
      DELETE FROM tag
      WHERE resource_type = ${resource.type} AND resource_id = ${resource.id} AND key = ANY(${[...keys]})
    `.execute(transaction);
    return true;
  });
}

/** False: there is no such resource. Two changes of one resource's tags wait for each other. */
async function lockResource(db: Statements, { type, id }: TaggedResource): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM ${resources[type]} = ${id} FOR NO KEY UPDATE`.execute(db);
  return rows.length === 1;
}
