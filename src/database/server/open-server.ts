/**
 * The server implementation: PostgreSQL 15 or newer over the network, for several workers and machines. Sessions
 * of the pool run statements; one session of its own listens and is dialled again when it breaks.
 */
import pg from 'pg';
import { type Database, DatabaseOpenError } from '../database.ts';
import { createPool, createQueries, endPool } from '../postgres-pool.ts';
import { createListener } from './listener.ts';

const oldestMajor = 15;
const poolSize = 10;
/** A server that does not answer by then is unreachable. */
const connectTimeoutMs = 5_000;
/** A burst of calls queues up for the pool's sessions; one that waited longer gets an error instead. */
const sessionWaitMs = 30_000;

/** Opens the database at `url`. Throws DatabaseOpenError (`unreachable`, `server-too-old`). */
export async function openServer(
  url: string,
  onTrouble: (error: Error) => void,
  signal: AbortSignal,
): Promise<Database> {
  signal.throwIfAborted();
  const session: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'openconvert',
  };
  assertRecentServer(await readServerVersion(new pg.Client(session)));
  const pool = createPool(
    { connectionString: url, connectionTimeoutMillis: sessionWaitMs, max: poolSize },
    onTrouble,
  );
  const sql = createQueries(pool);
  const listener = createListener(() => new pg.Client(session), onTrouble);
  const closeOnce = async () => {
    await listener.close();
    await endPool(sql, pool);
  };
  let closed: Promise<void> | null = null;
  return {
    kind: 'server',
    sql,
    // A server that is away comes back; statements fail until then.
    lost: new AbortController().signal,
    listen: listener.listen,
    close: () => (closed ??= closeOnce()),
  };
}

/** `server_version_num`: major × 10000 + minor. */
async function readServerVersion(client: pg.Client): Promise<number> {
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    return Number(rows[0]?.version);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseOpenError('unreachable', `The PostgreSQL server does not answer: ${reason}`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}

function assertRecentServer(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= oldestMajor) return;
  throw new DatabaseOpenError(
    'server-too-old',
    `The PostgreSQL server is version ${major}; openconvert needs ${oldestMajor} or newer.`,
  );
}
