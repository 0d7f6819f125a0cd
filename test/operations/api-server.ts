/** A real server on a real embedded database, with real SDK clients: what every test of an operation starts from. */
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { createAccountRepository } from '../../src/database/account-store.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobRepository } from '../../src/database/job-repository.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import type { EnvelopeOf } from '../../src/database/statements/store-event.ts';
import { createTemplateRepository } from '../../src/database/template-store.ts';
import { jobEnvelopeOf } from '../../src/operations/job-envelope.ts';
import type { OperationContext } from '../../src/operations/operation.ts';
import { type ApiServer, createServer } from '../../src/wire/server.ts';
import { parseServerConfiguration } from '../../src/wire/server-configuration.ts';

/** What a test may turn or look at. */
export interface ApiFixture extends AsyncDisposable {
  readonly url: string;
  /** What the first server has logged above debug, as `message {fields}`. */
  readonly logged: readonly string[];
  readonly database: Database;
  readonly repository: JobRepository;
  readonly envelopeOf: EnvelopeOf;
  /** Starts another server of the same deployment; it is closed with the fixture. */
  serve(configuration?: object): Promise<ApiServer & { readonly url: string; readonly logged: string[] }>;
  client(url?: string): MediaConvertClient;
  /** The servers' clock in milliseconds since the epoch; starts at the machine's. */
  clock: { now: number | null };
  readonly submittedIds: string[];
  /** The id of the next job that is stored. */
  nextSubmitted(): Promise<string>;
}

/** Starts database and server. `probeInput` is what the Probe operation asks, `checkJob` what CreateJob's dry run asks. */
export async function startApi(
  configuration: object = {},
  probeInput: OperationContext['probeInput'] = () => Promise.reject(new Error('this fixture has no engine')),
  checkJob: OperationContext['checkJob'] = () => Promise.reject(new Error('this fixture has no engine')),
): Promise<ApiFixture> {
  const folder = await mkdtemp(path.join(tmpdir(), 'openconvert-api-'));
  const database = await openDatabase(
    { dataFolder: path.join(folder, 'database') },
    AbortSignal.timeout(50_000),
  );
  const envelopeOf = jobEnvelopeOf({ accountId: '000000000000', region: 'us-east-1' });
  const repository = createJobRepository(database, envelopeOf);
  const servers: ApiServer[] = [];
  const clients: MediaConvertClient[] = [];
  const clock: ApiFixture['clock'] = { now: null };
  const submittedIds: string[] = [];
  const submitted = new EventEmitter();

  async function serve(members: object = {}) {
    const logged: string[] = [];
    const write = (fields: object, message?: string) =>
      void logged.push(`${message ?? ''} ${JSON.stringify(fields)}`);
    const server = createServer({
      configuration: parseServerConfiguration({ port: 0, ...members }),
      repository,
      account: createAccountRepository(database),
      templates: createTemplateRepository(database),
      probeInput,
      checkJob,
      deploymentSecret: Buffer.from('one deployment, one secret'),
      log: { debug: () => {}, info: write, warn: write, error: write },
      now: () => clock.now ?? Date.now(),
      onSubmitted: (id) => {
        submittedIds.push(id);
        submitted.emit('job', id);
      },
    });
    servers.push(server);
    const url = await server.listen();
    return { url, logged, listen: server.listen, close: server.close };
  }

  const main = await serve(configuration);
  return {
    url: main.url,
    logged: main.logged,
    database,
    repository,
    envelopeOf,
    serve,
    clock,
    submittedIds,
    nextSubmitted: async () => String((await once(submitted, 'job'))[0]),
    client(url = main.url) {
      const client = new MediaConvertClient({
        endpoint: url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      for (const server of servers) await server.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
