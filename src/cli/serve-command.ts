/**
 * `openconvert serve`: reads the options, opens the database, then runs the service (`service.ts`). The database is
 * opened first because it starts in a thread of its own: meanwhile this one loads and compiles the rest.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import type { Database } from '../database/database.ts';
import { DatabaseOpenError } from '../database/database.ts';
import { openDatabase } from '../database/open-database.ts';
import {
  ConfigurationError,
  parseServerConfiguration,
  type ServerConfiguration,
} from '../wire/server-configuration.ts';
import { readLimits, UsageError } from './options.ts';
import type { StoreOptions } from './resources.ts';

/** Options of `serve`; what is absent comes from the configuration file, then from its defaults. */
export interface ServeOptions extends StoreOptions {
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
  readonly config?: string;
  readonly slots: string;
  readonly events?: string;
  readonly webhook?: string;
}

/** Runs the server until SIGTERM or SIGINT. Returns the exit code. */
export async function serveCommand(given: ServeOptions): Promise<number> {
  const configuration = await readConfiguration(given);
  const limit = { ...readLimits(configuration.limits, 'limits/'), ...given.limit };
  const options = { ...given, limit };
  const slots = positiveInteger(options.slots, '--slots');
  const log = pino(
    { level: process.env['OPENCONVERT_LOG'] ?? 'info', redact: ['*.secretAccessKey', '*.authorization'] },
    pino.destination(2),
  );
  const stopping = new AbortController();
  const onTrouble = (error: Error): void => log.warn({ err: error }, 'survived');
  const opening = open(options, stopping.signal, onTrouble);
  opening.catch(() => {});
  const { runService } = await import('./service.ts');
  return await runService({ options, configuration, slots, log, opening, stopping, onTrouble });
}

async function readConfiguration({ config, host, port }: ServeOptions): Promise<ServerConfiguration> {
  try {
    const document = config === undefined ? {} : (JSON.parse(await readFile(config, 'utf8')) as object);
    return parseServerConfiguration({
      ...document,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port: Number(port) }),
    });
  } catch (error) {
    if (error instanceof ConfigurationError)
      throw new UsageError(`the configuration is not valid:\n  ${error.problems.join('\n  ')}`);
    throw new UsageError(`cannot read ${config}: ${(error as Error).message}`);
  }
}

async function open(
  { database, data }: ServeOptions,
  signal: AbortSignal,
  onTrouble: (error: Error) => void,
): Promise<Database> {
  const location =
    database === undefined ? { dataFolder: path.resolve(data, 'database') } : { url: database };
  try {
    return await openDatabase(location, signal, { onTrouble });
  } catch (error) {
    if (error instanceof DatabaseOpenError) throw new UsageError(error.message);
    throw error;
  }
}

function positiveInteger(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new UsageError(`${option} takes a number from 1 to 64, not '${text}'`);
  return value;
}
