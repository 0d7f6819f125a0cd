/**
 * The embedded implementation: PostgreSQL inside this process, data in a folder. One session; everything else is
 * shared with the server implementation. No fsync: commits survive the death of the process, not power loss.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { type Database, DatabaseOpenError, type NotificationHandler } from '../database.ts';
import { createPool, createQueries, endPool } from '../postgres-pool.ts';
import { createSubscriptions } from '../subscriptions.ts';
import { EmbeddedStream } from './embedded-stream.ts';
import { type EngineThread, startEngineThread } from './engine-thread.ts';
import { lockFolder } from './folder-lock.ts';
import { startHousekeeping } from './housekeeping.ts';
import { embeddedPostgresMajor } from './postgres-parameters.ts';
import { findPreparedData } from './prepared-data.ts';

/** Opens the database in `folder`. Throws DatabaseOpenError (`locked`, `other-major`). */
export async function openEmbedded(
  folder: string,
  onTrouble: (error: Error) => void,
  signal: AbortSignal,
): Promise<Database> {
  const lock = await lockFolder(folder, onTrouble, signal);
  try {
    const thread = await startEngine(folder, signal);
    const subscriptions = createSubscriptions();
    const pool = createPool(
      {
        max: 1,
        idleTimeoutMillis: 0,
        user: 'postgres',
        database: 'postgres',
        // `pg` asks a socket for little, and EmbeddedStream has all of it.
        stream: () => new EmbeddedStream(thread) as unknown as import('node:net').Socket,
      },
      onTrouble,
    );
    pool.on('connect', (session: pg.PoolClient) => {
      session.on('notification', ({ channel, payload }) => subscriptions.notify(channel, payload ?? ''));
    });
    const sql = createQueries(pool);
    const stopHousekeeping = startHousekeeping(pool, onTrouble);
    const closeOnce = async () => {
      stopHousekeeping();
      await endPool(sql, pool);
      await thread.stop();
      await lock.release();
    };
    let closed: Promise<void> | null = null;
    return {
      kind: 'embedded',
      sql,
      lost: thread.lost,
      async listen(channel, handler: NotificationHandler, until: AbortSignal) {
        subscriptions.add(channel, handler, until);
        await pool.query(`LISTEN ${channel}`);
      },
      close: () => (closed ??= closeOnce()),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Starts the engine on the folder's data. While data are made for the first time a marker stands beside them: a
 * process killed meanwhile leaves half a data folder, in which nothing was ever acknowledged, and the next start
 * makes it anew.
 */
async function startEngine(folder: string, signal: AbortSignal): Promise<EngineThread> {
  const postgresFolder = path.join(folder, 'postgres');
  const unfinishedMarker = path.join(folder, 'initialising');
  if (existsSync(unfinishedMarker)) rmSync(postgresFolder, { recursive: true, force: true });
  if (assertReadableData(postgresFolder) === 'readable') {
    return await startEngineThread({ postgresFolder, preparedData: null }, signal);
  }
  writeFileSync(unfinishedMarker, '');
  const thread = await startEngineThread({ postgresFolder, preparedData: findPreparedData() }, signal);
  rmSync(unfinishedMarker);
  return thread;
}

/** A data folder belongs to one PostgreSQL major, recorded in its `PG_VERSION`. */
function assertReadableData(postgresFolder: string): 'empty' | 'readable' {
  let major: string;
  try {
    major = readFileSync(path.join(postgresFolder, 'PG_VERSION'), 'utf8').trim();
  } catch {
    return 'empty';
  }
  if (major === String(embeddedPostgresMajor)) return 'readable';
  throw new DatabaseOpenError(
    'other-major',
    `The data in ${postgresFolder} were written by PostgreSQL ${major}; this openconvert embeds PostgreSQL ` +
      `${embeddedPostgresMajor}. Open them with the openconvert that wrote them, dump, and restore here.`,
  );
}
