/**
 * How the API behaves under load and over many stored jobs, on both databases: CreateJob sustained, GetJob, ListJobs
 * and SearchJobs with 100,000 jobs stored, memory after many submits. The built server as a user starts it; the client
 * is the real SDK in this process. Its jobs go into a paused queue, so that none competes for the machine.
 *
 *   npx tsx bench/api.ts [--database embedded|server|postgres://…] [--stored 100000] [--seconds 15] [--clients 16]
 *                        [--reads 500] [--submits 10000] [--json FILE]
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  CreateJobCommand,
  CreateQueueCommand,
  GetJobCommand,
  ListJobsCommand,
  MediaConvertClient,
  SearchJobsCommand,
} from '@aws-sdk/client-mediaconvert';
import { sql } from 'kysely';
import { type DatabaseLocation, openDatabase } from '../src/database/open-database.ts';
import { storeManyJobs } from '../test/database/many-jobs.ts';
import { startPostgresServer } from '../test/database/postgres-server.ts';
import { startServer } from '../test/e2e/openconvert-process.ts';
import { mp4Settings, role } from '../test/e2e/tiny-jobs.ts';

const pausedQueue = 'bench-paused';
const options = parseArgs({
  options: {
    database: { type: 'string', default: 'embedded' },
    stored: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '15' },
    clients: { type: 'string', default: '16' },
    reads: { type: 'string', default: '500' },
    submits: { type: 'string', default: '10000' },
    json: { type: 'string' },
  },
}).values;
const stored = Number(options.stored);
/** The first stored job: 80 days ago, one a second, all within the retention. */
const firstMs = Date.now() - 80 * 86_400_000;
const settings = mp4Settings() as unknown as Record<string, unknown>;

const folder = await mkdtemp(path.join(os.tmpdir(), 'openconvert-bench-'));
const postgres = options.database === 'server' ? await startPostgresServer() : null;
const location: DatabaseLocation =
  options.database === 'embedded'
    ? { dataFolder: path.join(folder, 'database') }
    : { url: (await postgres?.createDatabase()) ?? options.database };
const results: Record<string, unknown> = { load: os.loadavg()[0], database: options.database, stored };
try {
  await fill();
  const server = await startServer(folder, ...('url' in location ? ['--database', location.url] : []));
  try {
    const client = clientOf(server.url);
    await client.send(new CreateQueueCommand({ Name: pausedQueue, Status: 'PAUSED' })).catch(() => {});
    await measureReads(client);
    await measureSubmits(client, server.process);
  } finally {
    await server.stop();
  }
} finally {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}
results['loadAfter'] = os.loadavg()[0];
console.log(JSON.stringify(results, null, 2));
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);

/** One name in a thousand has `needle` in it. */
async function fill(): Promise<void> {
  const database = await openDatabase(location, new AbortController().signal);
  const startedAt = performance.now();
  await storeManyJobs(database, {
    count: stored,
    firstMs,
    fileInput: (number) =>
      number % 1000 === 7
        ? `s3://in/needle-${number}.mp4`
        : `s3://in/episode ${number % 500}/take-${number}.mov`,
    settings: { outputGroups: settings['OutputGroups'] },
    status: (number) => (number % 50 === 0 ? 'ERROR' : 'COMPLETE'),
    queueName: (number) => (number % 10 === 0 ? 'other' : 'Default'),
  });
  await sql`VACUUM (ANALYZE) job, job_search, job_document, task`.execute(database.sql);
  results['filledSeconds'] = (performance.now() - startedAt) / 1000;
  await database.close();
}

async function measureReads(client: MediaConvertClient): Promise<void> {
  const idOf = (number: number) => `${firstMs + number * 1000}-${number.toString(36).padStart(6, '0')}`;
  const some = () => Math.floor(Math.random() * stored);
  const reads: Record<string, () => Promise<unknown>> = {
    GetJob: () => client.send(new GetJobCommand({ Id: idOf(some()) })),
    ListJobs: () => client.send(new ListJobsCommand({})),
    'ListJobs, status': () => client.send(new ListJobsCommand({ Status: 'ERROR' })),
    'ListJobs, queue, oldest first': () =>
      client.send(new ListJobsCommand({ Queue: 'other', Order: 'ASCENDING' })),
    'ListJobs, queue and status': () => client.send(new ListJobsCommand({ Queue: 'other', Status: 'ERROR' })),
    'SearchJobs, one job has it': () =>
      client.send(new SearchJobsCommand({ InputFile: `take-${some()}.mov` })),
    'SearchJobs, one in a thousand has it': () => client.send(new SearchJobsCommand({ InputFile: 'needle' })),
    'SearchJobs, all have it': () => client.send(new SearchJobsCommand({ InputFile: 'take' })),
    'SearchJobs, none has it': () => client.send(new SearchJobsCommand({ InputFile: 'nowhere' })),
    'SearchJobs, whole URL': () => client.send(new SearchJobsCommand({ InputFile: 's3://in/needle-7.mp4' })),
    'SearchJobs, part of a path': () =>
      client.send(new SearchJobsCommand({ InputFile: 'episode 3/take-99' })),
  };
  for (const [name, read] of Object.entries(reads)) {
    const times: number[] = [];
    const warmUps = 20;
    for (let index = 0; index < warmUps + Number(options.reads); index += 1) {
      const startedAt = performance.now();
      await read();
      if (index >= warmUps) times.push(performance.now() - startedAt);
    }
    results[name] = distribution(times);
  }
}

/** Clients submit one job after another each, for the time; then, to the count, for the memory. */
async function measureSubmits(client: MediaConvertClient, server: ChildProcess): Promise<void> {
  let failures = 0;
  let submitted = 0;
  const submitUntil = async (isOver: () => boolean) => {
    const one = async () => {
      while (!isOver()) {
        submitted += 1;
        const command = new CreateJobCommand({
          Role: role,
          Queue: pausedQueue,
          Settings: mp4Settings() as never,
        });
        await client.send(command).catch(() => {
          failures += 1;
        });
      }
    };
    await Promise.all(Array.from({ length: Number(options.clients) }, one));
  };
  await submitUntil(() => submitted >= 500);
  const startedAt = performance.now();
  const before = { submitted, cpuMs: cpuMs(server.pid) };
  await submitUntil(() => performance.now() - startedAt > Number(options.seconds) * 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  const count = submitted - before.submitted;
  results['CreateJob'] = {
    perSecond: Math.round(count / seconds),
    serverCpuMsEach: Math.round(((cpuMs(server.pid) - before.cpuMs) / count) * 100) / 100,
  };
  const warm = residentMb(server.pid);
  const target = submitted + Number(options.submits);
  await submitUntil(() => submitted >= target);
  results['memory'] = { submits: Number(options.submits), beforeMb: warm, afterMb: residentMb(server.pid) };
  results['failures'] = failures;
}

function cpuMs(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentMb(pid: number | undefined): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Math.round(Number(match?.[1]) / 1024);
}

function clientOf(endpoint: string): MediaConvertClient {
  return new MediaConvertClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: 100 }) },
  });
}

function distribution(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor(share * sorted.length)] ?? 0) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}
