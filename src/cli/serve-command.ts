/** `openconvert serve`: API, scheduler and one worker in one process, engine children beside it. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { Database } from '../database/database.ts';
import { DatabaseOpenError } from '../database/database.ts';
import { createJobRepository } from '../database/job-store.ts';
import { openDatabase } from '../database/open-database.ts';
import type { EventTarget } from '../events/envelope.ts';
import { jsonLinesFileTarget, jsonLinesStreamTarget } from '../events/json-lines-target.ts';
import { webhookTarget } from '../events/webhook-target.ts';
import { loadDeploymentSecret } from '../identity/deployment-secret.ts';
import { jobEnvelopeOf } from '../operations/job-envelope.ts';
import { createDispatcher } from '../queue/dispatcher.ts';
import { createOutbox } from '../queue/outbox.ts';
import { createServer } from '../wire/server.ts';
import {
  ConfigurationError,
  parseServerConfiguration,
  type ServerConfiguration,
} from '../wire/server-configuration.ts';
import { exitCodes, UsageError } from './options.ts';
import { openResources, type StoreOptions } from './resources.ts';
import { createStoredAttempt } from './stored-attempt.ts';

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

/** Running attempts get so long to end after SIGTERM before they are handed back. */
const drainGraceMs = 5000;

/** Runs the server until SIGTERM or SIGINT. Returns the exit code. */
export async function serveCommand(options: ServeOptions): Promise<number> {
  const configuration = await readConfiguration(options);
  const slots = positiveInteger(options.slots, '--slots');
  const log = pino(
    { level: process.env['OPENCONVERT_LOG'] ?? 'info', redact: ['*.secretAccessKey', '*.authorization'] },
    pino.destination(2),
  );
  const stopping = new AbortController();
  const onTrouble = (error: Error): void => log.warn({ err: error }, 'survived');
  await using resources = await openResources(options, {
    document: null,
    createsBuckets: false,
    spares: slots,
    identity: configuration,
  });
  const database = await open(options, stopping.signal, onTrouble);
  const envelopeOf = jobEnvelopeOf(configuration);
  const dispatcher = createDispatcher({
    database,
    slots,
    runAttempt: createStoredAttempt(resources, log),
    envelopeOf,
    signal: stopping.signal,
    onTrouble,
    onAttemptEnded: ({ job, attempt }, outcome) =>
      log.info({ jobId: job.id, attempt, outcome }, 'attempt ended'),
  });
  const outbox = createOutbox({
    database,
    targets: targetsOf(options),
    ownerId: `${os.hostname()}-${process.pid}`,
    signal: stopping.signal,
    onTrouble,
  });
  const server = createServer({
    configuration,
    repository: createJobRepository(database, envelopeOf),
    deploymentSecret: await loadDeploymentSecret(path.resolve(options.data)),
    log,
  });
  try {
    await dispatcher.start();
    await outbox.start();
    const url = await server.listen();
    process.stdout.write(`openconvert is ready at ${url}\n`);
    const reason = await endOfService(database);
    log.info({ reason }, 'stopping');
    return database.lost.aborted ? exitCodes.failed : exitCodes.done;
  } finally {
    await server.close();
    await dispatcher.stop(drainGraceMs);
    await outbox.stop();
    stopping.abort();
    await database.close();
  }
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

function targetsOf({ events, webhook }: ServeOptions): readonly EventTarget[] {
  const targets: EventTarget[] = [];
  if (events === '-') targets.push(jsonLinesStreamTarget('stdout', process.stdout));
  else if (events !== undefined) targets.push(jsonLinesFileTarget(path.resolve(events)));
  if (webhook !== undefined) targets.push(webhookTarget(webhook));
  return targets;
}

function positiveInteger(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new UsageError(`${option} takes a number from 1 to 64, not '${text}'`);
  return value;
}

/** Resolves with the signal's name, or when the database is gone for good. */
function endOfService(database: Database): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    if (database.lost.aborted) resolve('database lost');
    database.lost.addEventListener('abort', () => resolve('database lost'), { once: true });
  });
}
