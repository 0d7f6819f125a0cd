/**
 * How fast the server answers and begins: start of the server (first time, again), CreateJob latency with many jobs
 * stored, submit → first decoded picture on a warm server. Everything through the built server and the real SDK.
 *
 * The stored jobs are put into a paused queue through the repository, before the server starts: jobs that wait are the
 * load a busy deployment has, and none of them competes for the machine while it is measured. CreateJob is measured
 * into the same queue, for the same reason.
 *
 *   npx tsx bench/submit.ts [--stored 1000] [--requests 300] [--jobs 20] [--starts 3] [--sandbox auto] [--json FILE]
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CreateJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { openDatabase } from '../src/database/open-database.ts';
import { submitJob } from '../src/database/statements/submit-job.ts';
import { type RunningServer, startServer } from '../test/e2e/openconvert-process.ts';
import { hlsSettings, mp4Settings, prepareData, role } from '../test/e2e/tiny-jobs.ts';

const pausedQueue = 'bench-paused';
/** After a job the slot's next engine is loaded; a warm server has done that. */
const warmUpMs = 1500;
/** Linux counts CPU time in hundredths of a second. */
const clockTickMs = 10;

/** Log lines of an attempt, in order. */
const steps: readonly { readonly name: string; readonly message: string; readonly phase?: string }[] = [
  { name: 'attempt begins', message: 'attempt begins' },
  { name: 'inputs probed', message: 'inputs probed' },
  { name: 'planned', message: 'planned' },
  { name: 'encoding begins', message: 'phase begins', phase: 'TRANSCODING' },
  { name: 'first frame decoded', message: 'first frame decoded' },
];

const options = parseArgs({
  options: {
    stored: { type: 'string', default: '1000' },
    requests: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '20' },
    starts: { type: 'string', default: '3' },
    sandbox: { type: 'string', default: 'auto' },
    json: { type: 'string' },
  },
}).values;

const results = await measure();
print(results);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);

/** A distribution in milliseconds. */
interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Results {
  readonly machine: { readonly cores: number; readonly loadBefore: number; readonly loadAfter: number };
  readonly firstStart: Distribution;
  readonly startAgain: Distribution;
  /** CPU time of the same starts, all threads: what a busy machine does not change much. */
  readonly firstStartCpu: Distribution;
  readonly startAgainCpu: Distribution;
  readonly createJob: Distribution;
  /** From the submit instant of the job to each step's log line; the first job after a start is left out. */
  readonly sinceSubmit: Readonly<Record<string, Distribution>>;
}

async function measure(): Promise<Results> {
  const loadBefore = os.loadavg()[0] ?? 0;
  const data = await mkdtemp(path.join(os.tmpdir(), 'openconvert-bench-'));
  try {
    await prepareData(data);
    const firstStart = await measureFirstStarts();
    await storeJobs(data, Number(options.stored));
    const startAgain: Start[] = [];
    for (let start = 0; start < Number(options.starts); start += 1) startAgain.push(await timedStart(data));
    await using server = await startMeasuredServer(data);
    const client = clientOf(server);
    const createJob = await measureCreateJob(client);
    const sinceSubmit = await measureFirstFrames(client, server);
    client.destroy();
    return {
      machine: { cores: os.availableParallelism(), loadBefore, loadAfter: os.loadavg()[0] ?? 0 },
      firstStart: distribution(firstStart.map(({ wallMs }) => wallMs)),
      startAgain: distribution(startAgain.map(({ wallMs }) => wallMs)),
      firstStartCpu: distribution(firstStart.map(({ cpuMs }) => cpuMs)),
      startAgainCpu: distribution(startAgain.map(({ cpuMs }) => cpuMs)),
      createJob: distribution(createJob),
      sinceSubmit,
    };
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function measureFirstStarts(): Promise<Start[]> {
  const starts: Start[] = [];
  for (let start = 0; start < Number(options.starts); start += 1) {
    const data = await mkdtemp(path.join(os.tmpdir(), 'openconvert-bench-first-'));
    try {
      starts.push(await timedStart(data));
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }
  return starts;
}

/** From starting the command to its ready line. */
async function timedStart(data: string): Promise<Start> {
  const startedAt = performance.now();
  await using server = await startServer(data, '--sandbox', options.sandbox);
  return { wallMs: performance.now() - startedAt, cpuMs: cpuTimeOf(server.process.pid ?? 0) };
}

/** User and system time of a process so far; 0 where there is no /proc. */
function cpuTimeOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const stat = readFileSync(file, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * clockTickMs;
}

/** The steps of an attempt are debug lines. */
async function startMeasuredServer(data: string): Promise<RunningServer> {
  process.env['OPENCONVERT_LOG'] = 'debug';
  const server = await startServer(data, '--sandbox', options.sandbox);
  await delay(warmUpMs);
  return server;
}

async function storeJobs(data: string, count: number): Promise<void> {
  const never = new AbortController().signal;
  const database = await openDatabase({ dataFolder: path.join(data, 'database') }, never);
  const nowMs = Date.now();
  await database.sql
    .insertInto('queue')
    .values({
      name: pausedQueue,
      description: null,
      type: 'CUSTOM',
      status: 'PAUSED',
      pricing_plan: 'ON_DEMAND',
      concurrent_jobs: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    })
    .execute();
  for (let index = 0; index < count; index += 1) {
    const createdAtMs = nowMs - count + index;
    const submission = {
      id: `${createdAtMs}-${index.toString(36).padStart(6, '0')}`,
      createdAtMs,
      queueName: pausedQueue,
      priority: index % 10,
      role,
      settings: hlsSettings() as unknown as Record<string, unknown>,
      accelerationMode: 'DISABLED',
      billingTagsSource: 'JOB',
      simulateReservedQueue: 'DISABLED',
      statusUpdateIntervalSeconds: 60,
      hopDestinations: [],
      jobTemplate: null,
      jobEngineVersionRequested: null,
      jobEngineVersionToUse: null,
      clientRequestToken: null,
      userMetadata: null,
      tags: {},
      infoMessages: [],
      warningMessages: [],
    } as const;
    await submitJob(database.sql, submission, null, createdAtMs);
  }
  await database.close();
}

/** One after another, as one client; the first ones pay for compilation and are left out. */
async function measureCreateJob(client: MediaConvertClient): Promise<number[]> {
  const warmUps = 10;
  const times: number[] = [];
  for (let request = 0; request < warmUps + Number(options.requests); request += 1) {
    const command = new CreateJobCommand({
      Role: role,
      Queue: pausedQueue,
      Settings: hlsSettings() as never,
    });
    const startedAt = performance.now();
    await client.send(command);
    if (request >= warmUps) times.push(performance.now() - startedAt);
  }
  return times;
}

async function measureFirstFrames(
  client: MediaConvertClient,
  server: RunningServer,
): Promise<Record<string, Distribution>> {
  const times = new Map<string, number[]>(steps.map(({ name }) => [name, []]));
  for (let job = 0; job <= Number(options.jobs); job += 1) {
    const answer = await client.send(
      new CreateJobCommand({ Role: role, Settings: mp4Settings(`s3://out/bench-${job}`) as never }),
    );
    const id = answer.Job?.Id;
    await server.logged('attempt ended', ({ jobId }) => jobId === id);
    if (job > 0) takeSteps(server, id, times);
    await delay(warmUpMs);
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, distribution(values)]));
}

function takeSteps(
  server: RunningServer,
  id: string | undefined,
  times: ReadonlyMap<string, number[]>,
): void {
  for (const { name, message, phase } of steps) {
    const line = server
      .log()
      .find(
        (each) =>
          each['msg'] === message && each['jobId'] === id && (phase === undefined || each['phase'] === phase),
      );
    if (line === undefined) throw new Error(`job ${id} never logged '${name}'`);
    times.get(name)?.push(Number(line['sinceSubmitMs']));
  }
}

function clientOf({ url }: RunningServer): MediaConvertClient {
  return new MediaConvertClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  return { count: sorted.length, p50: rounded(at(0.5)), p99: rounded(at(0.99)), max: rounded(at(1)) };
}

function print(results: Results): void {
  const { machine, createJob, sinceSubmit } = results;
  console.log(
    `${machine.cores} cores, load ${machine.loadBefore.toFixed(1)} → ${machine.loadAfter.toFixed(1)}\n`,
  );
  console.log(
    `${'milliseconds'.padEnd(44)}${'n'.padStart(5)}${'p50'.padStart(9)}${'p99'.padStart(9)}${'max'.padStart(9)}`,
  );
  const row = (name: string, { count, p50, p99, max }: Distribution): void =>
    console.log(
      `${name.padEnd(44)}${String(count).padStart(5)}${p50.toFixed(1).padStart(9)}${p99.toFixed(1).padStart(9)}${max.toFixed(1).padStart(9)}`,
    );
  row('server start, first time', results.firstStart);
  row('  CPU', results.firstStartCpu);
  row(`server start, again, ${options.stored} jobs stored`, results.startAgain);
  row('  CPU', results.startAgainCpu);
  row(`CreateJob, ${options.stored} jobs stored`, createJob);
  for (const [name, values] of Object.entries(sinceSubmit)) row(`submit → ${name}`, values);
}
