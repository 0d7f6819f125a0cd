/** Presets and job templates: the same statements on two tables of the same shape. */
import { type RawBuilder, sql } from 'kysely';
import type { Database, Statements } from '../database.ts';
import type { JsonObject } from '../job-repository.ts';
import type {
  CreateTemplateOutcome,
  TemplateChange,
  TemplateKind,
  TemplateListQuery,
  TemplateRecord,
} from '../template-repository.ts';

const tables: Readonly<Record<TemplateKind, RawBuilder<unknown>>> = {
  preset: sql.table('preset'),
  'job-template': sql.table('job_template'),
};

const columns = sql`name, description, category, created_at_ms AS "createdAtMs", updated_at_ms AS "lastUpdatedMs",
  members`;

/** Key of the advisory lock under which items are counted before one is added. Any number of our own. */
const templateCountLock = 7_031_774;

/** Stores an item. Where only `mostItems` may exist, creations count one after the other. */
export async function createTemplate(
  db: Database['sql'],
  kind: TemplateKind,
  record: TemplateRecord,
  tags: Readonly<Record<string, string>>,
  mostItems: number | null,
): Promise<CreateTemplateOutcome> {
  if (mostItems === null) return await insertTemplate(db, kind, record, tags);
  return await db.transaction().execute(async (transaction): Promise<CreateTemplateOutcome> => {
    await sql`SELECT pg_advisory_xact_lock(${templateCountLock})`.execute(transaction);
    const { rows } = await sql<{ items: number }>`
      SELECT count(*)::integer AS items FROM ${tables[kind]}
    `.execute(transaction);
    if ((rows[0]?.items ?? 0) >= mostItems) return 'too-many';
    return await insertTemplate(transaction, kind, record, tags);
  });
}

/** Item and tags in one statement: a taken name stores neither. */
async function insertTemplate(
  db: Statements,
  kind: TemplateKind,
  record: TemplateRecord,
  tags: Readonly<Record<string, string>>,
): Promise<CreateTemplateOutcome> {
  const { rows } = await sql`
    WITH created AS (
      INSERT INTO ${tables[kind]} (name, description, category, created_at_ms, updated_at_ms, members)
      VALUES (${record.name}, ${record.description}, ${record.category}, ${record.createdAtMs},
        ${record.lastUpdatedMs}, ${JSON.stringify(record.members)})
      ON CONFLICT (name) DO NOTHING RETURNING name
    ), tagged AS (
      INSERT INTO tag (resource_type, resource_id, key, value)
      SELECT ${kind}::text, created.name, each.key, each.value
      FROM created, json_each_text(${JSON.stringify(tags)}::json) AS each
    )
    SELECT name FROM created
  `.execute(db);
  return rows.length === 1 ? 'created' : 'exists';
}

/** One item, or null. Names are exact. */
export async function findTemplate(
  db: Statements,
  kind: TemplateKind,
  name: string,
): Promise<TemplateRecord | null> {
  const { rows } = await sql<TemplateRecord>`
    SELECT ${columns} FROM ${tables[kind]} WHERE name = ${name}
  `.execute(db);
  return rows[0] ?? null;
}

/** One page behind a place in the asked order; items that come and go between two pages neither repeat nor hide others. */
export async function listTemplates(
  db: Statements,
  kind: TemplateKind,
  query: TemplateListQuery,
): Promise<readonly TemplateRecord[]> {
  const direction = query.order === 'ASCENDING' ? sql`ASC` : sql`DESC`;
  const order =
    query.listBy === 'NAME' ? sql`name ${direction}` : sql`created_at_ms ${direction}, name ${direction}`;
  const { rows } = await sql<TemplateRecord>`
    SELECT ${columns} FROM ${tables[kind]} WHERE ${conditions(query)} ORDER BY ${order} LIMIT ${query.limit}
  `.execute(db);
  return rows;
}

function conditions({ listBy, order, category, after }: TemplateListQuery): RawBuilder<unknown> {
  const all = [sql`true`];
  if (category !== null) all.push(sql`category = ${category}`);
  if (after !== null) {
    const behind = order === 'ASCENDING' ? sql`>` : sql`<`;
    all.push(
      listBy === 'NAME'
        ? sql`name ${behind} ${after.name}`
        : sql`(created_at_ms, name) ${behind} (${after.createdAtMs}, ${after.name})`,
    );
  }
  return sql.join(all, sql` AND `);
}

/** Reads under lock and writes whole: two updates at once keep both their members. */
export async function updateTemplate(
  db: Database['sql'],
  kind: TemplateKind,
  name: string,
  {
    change,
    nowMs,
    permit,
  }: {
    readonly change: TemplateChange;
    readonly nowMs: number;
    readonly permit: (members: JsonObject) => void;
  },
): Promise<TemplateRecord | null> {
  return await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<TemplateRecord>`
      SELECT ${columns} FROM ${tables[kind]} WHERE name = ${name} FOR UPDATE
    `.execute(transaction);
    const [stored] = rows;
    if (stored === undefined) return null;
    const changed: TemplateRecord = {
      ...stored,
      description: change.description ?? stored.description,
      category: change.category ?? stored.category,
      lastUpdatedMs: nowMs,
      members: { ...stored.members, ...change.members },
    };
    permit(changed.members);
    await sql`
      UPDATE ${tables[kind]} SET description = ${changed.description}, category = ${changed.category},
        updated_at_ms = ${changed.lastUpdatedMs}, members = ${JSON.stringify(changed.members)}
      WHERE name = ${name}
    `.execute(transaction);
    return changed;
  });
}

/** Item and tags in one statement. */
export async function deleteTemplate(db: Statements, kind: TemplateKind, name: string): Promise<boolean> {
  const { rows } = await sql`
    WITH removed AS (
      DELETE FROM ${tables[kind]} WHERE name = ${name} RETURNING name
    ), untagged AS (
      DELETE FROM tag USING removed WHERE resource_type = ${kind} AND resource_id = removed.name
    )
    SELECT name FROM removed
  `.execute(db);
  return rows.length === 1;
}
