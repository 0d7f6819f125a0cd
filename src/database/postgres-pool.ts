/**
 * The pool and the query layer both implementations share. The embedded engine speaks the same wire protocol as
 * a server (see `embedded/embedded-stream.ts`), so types, errors and notifications are read by one driver.
 */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

/** Milliseconds an idle session may hold a transaction open before a server ends it: a frozen client must not hold locks. */
const idleTransactionLimitMs = 60_000;

/** A pool whose sessions parse types as the schema declares them. `bigint` columns hold instants and ids below 2^53. */
export function createPool(config: pg.PoolConfig, onTrouble: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    application_name: 'openconvert',
    idle_in_transaction_session_timeout: idleTransactionLimitMs,
    types: { getTypeParser: typeParser },
    ...config,
  });
  // Emitted for idle sessions; running statements get their own error.
  pool.on('error', onTrouble);
  // A session that breaks while it is lent, between two statements, has nobody else to tell; unheard it ends the process.
  pool.on('connect', (client) => client.on('error', onTrouble));
  return pool;
}

/** The query layer over a pool. */
export function createQueries(pool: pg.Pool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

/** Ends query layer and pool. A query layer that was never used leaves its pool open, and a pool ends only once. */
export async function endPool(queries: Kysely<Schema>, pool: pg.Pool): Promise<void> {
  await queries.destroy();
  if (!pool.ending) await pool.end();
}

const typeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8
    ? parseSafeInteger
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

/** `pg` leaves bigint as text; here an integer beyond 2^53 is a bug, never a rounding. */
function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit an exact number`);
  return value;
}
