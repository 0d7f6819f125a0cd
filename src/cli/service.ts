/** The running service: API, scheduler and one worker in one process, engine children beside it. */
import os from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { createAccountRepository } from '../database/account-store.ts';
import type { Database } from '../database/database.ts';
import { createJobRepository } from '../database/job-store.ts';
import { createTemplateRepository } from '../database/template-store.ts';
import type { EventTarget } from '../events/envelope.ts';
import { jsonLinesFileTarget, jsonLinesStreamTarget } from '../events/json-lines-target.ts';
import { webhookTarget } from '../events/webhook-target.ts';
import { loadDeploymentSecret } from '../identity/deployment-secret.ts';
import { jobEnvelopeOf } from '../operations/job-envelope.ts';
import { prepareOperations } from '../operations/operation-table.ts';
import { createDispatcher } from '../queue/dispatcher.ts';
import { createOutbox } from '../queue/outbox.ts';
import { createQueryRunner } from '../queue/query-runner.ts';
import { createRetention } from '../queue/retention.ts';
import { createServer } from '../wire/server.ts';
import type { ServerConfiguration } from '../wire/server-configuration.ts';
import { removeAbandonedScratch } from '../worker/scratch.ts';
import { createCheckSubmission } from './check-submission.ts';
import { exitCodes } from './options.ts';
import { createProbeInput } from './probe-input.ts';
import { type CommandResources, openResources } from './resources.ts';
import type { ServeOptions } from './serve-command.ts';
import { createStoredAttempt } from './stored-attempt.ts';

/** Running attempts get so long to end after SIGTERM before they are handed back. */
const drainGraceMs = 5000;

/** What the service is made of. */
export interface ServiceParts {
  readonly options: ServeOptions;
  readonly configuration: ServerConfiguration;
  /** Jobs at a time on this machine. */
  readonly slots: number;
  readonly log: Logger;
  /** The database on its way; closed by the service. */
  readonly opening: Promise<Database>;
  /** Aborted when the service has ended. */
  readonly stopping: AbortController;
  /** Hears of failures that were survived. */
  readonly onTrouble: (error: Error) => void;
}

/** Runs until SIGTERM, SIGINT or the loss of the database. Returns the exit code. */
export async function runService(parts: ServiceParts): Promise<number> {
  const { options, configuration, slots, log, stopping, onTrouble } = parts;
  const openingResources = openResources(options, {
    document: null,
    createsBuckets: false,
    spares: 0,
    identity: configuration,
    roles: configuration,
  });
  openingResources.catch(() => {});
  // Half a second of this thread, while the database starts in another.
  prepareOperations();
  const { database, resources } = await openBoth(parts.opening, openingResources);
  const account = createAccountRepository(database);
  const access = { ...resources.access, inputPolicy: () => account.readInputPolicy() };
  await removeAbandonedScratch(resources.scratchRoot);
  const envelopeOf = jobEnvelopeOf(configuration);
  const dispatcher = createDispatcher({
    database,
    slots,
    runAttempt: createStoredAttempt({ ...resources, access }, slots, log),
    envelopeOf,
    accountConcurrentJobs: configuration.accountConcurrentJobs,
    ...(resources.jobLimitMs === undefined ? {} : { jobLimitMs: resources.jobLimitMs }),
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
  const queries = createQueryRunner({ database, signal: stopping.signal, onTrouble });
  const retention = createRetention({
    database,
    retentionDays: configuration.retentionDays,
    signal: stopping.signal,
    onTrouble,
  });
  const server = createServer({
    configuration,
    repository: createJobRepository(database, envelopeOf),
    account,
    templates: createTemplateRepository(database),
    probeInput: createProbeInput(resources, stopping.signal),
    checkJob: createCheckSubmission({ ...resources, access }, slots, stopping.signal),
    deploymentSecret: await loadDeploymentSecret(path.resolve(options.data)),
    log,
  });
  // From here on signals stop the service in order, also between being ready and saying so.
  const endOfService = waitForEnd(database);
  try {
    await dispatcher.start();
    await outbox.start();
    await queries.start();
    const url = await server.listen();
    process.stdout.write(`openconvert is ready at ${url}\n`);
    resources.engines.keepWarm(slots);
    retention.start();
    const reason = await endOfService;
    log.info({ reason }, 'stopping');
    return database.lost.aborted ? exitCodes.failed : exitCodes.done;
  } finally {
    await server.close();
    await dispatcher.stop(drainGraceMs);
    await retention.stop();
    await queries.stop();
    await outbox.stop();
    stopping.abort();
    await resources[Symbol.asyncDispose]();
    await database.close();
  }
}

/** Both, or the first failure with the other closed again. */
async function openBoth(
  openingDatabase: Promise<Database>,
  openingResources: Promise<CommandResources>,
): Promise<{ database: Database; resources: CommandResources }> {
  try {
    const [database, resources] = await Promise.all([openingDatabase, openingResources]);
    return { database, resources };
  } catch (error) {
    await openingDatabase.then((database) => database.close()).catch(() => {});
    await openingResources.then((resources) => resources[Symbol.asyncDispose]()).catch(() => {});
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

/** Resolves with the signal's name, or when the database is gone for good. */
function waitForEnd(database: Database): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    if (database.lost.aborted) resolve('database lost');
    database.lost.addEventListener('abort', () => resolve('database lost'), { once: true });
  });
}
