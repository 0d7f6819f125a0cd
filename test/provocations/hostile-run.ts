/**
 * Runs hostile files as jobs on one server and watches what it costs: how each job ended, how long each attempt took,
 * how its engine died, and the most memory any engine held. The server is the built one with its real engines.
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { allJobErrors } from '../../src/catalogue/codes.ts';
import { enginesOf } from '../e2e/engine-processes.ts';
import { startServer } from '../e2e/openconvert-process.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings, role } from '../e2e/tiny-jobs.ts';

/** A file to run, and what it was made by. */
export interface HostileCase {
  readonly name: string;
  readonly recipe: string;
  readonly bytes: Buffer;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
}

/** What became of a file. */
export interface HostileResult {
  readonly name: string;
  readonly recipe: string;
  readonly status: string;
  readonly code: number | null;
  readonly message: string;
  /** Facts of the last failure that the message does not show. */
  readonly facts: string;
  readonly attemptsMs: readonly number[];
  /** Signals that ended engines, one per attempt that ended so. */
  readonly signals: readonly string[];
}

/** The whole run. */
export interface HostileRun {
  readonly results: readonly HostileResult[];
  /** Highest resident memory of any engine, in bytes. */
  readonly peakMemoryBytes: number;
  /** Log lines of the server that tell of trouble of its own. */
  readonly troubles: readonly string[];
  /** Exit code or signal of a server that ended by itself; null: it still ran at the end. */
  readonly serverEnd: string | null;
}

/** Bounds given to the server, so that what was promised can be checked. */
export const hostileLimits = { jobSeconds: 60, engineStallSeconds: 30, engineMemoryMiB: 600 } as const;

/** The kernel's count is read so often; the guard itself looks every 200 ms, a little growth between is allowed. */
const watchEveryMs = 100;

const documented: ReadonlySet<number> = new Set(allJobErrors().map(({ code }) => code));

/** Runs all cases, each made when its turn comes, in so many slots on a server with a data folder of its own. */
export async function runHostile(
  data: string,
  cases: readonly (() => HostileCase)[],
  { slots = 2, onEnd = () => {} }: { slots?: number; onEnd?: (result: HostileResult) => void } = {},
): Promise<HostileRun> {
  for (const bucket of ['media', 'out']) await mkdir(path.join(data, 'buckets', bucket), { recursive: true });
  const bounds = Object.entries(hostileLimits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]);
  await using server = await startServer(data, '--slots', String(slots), ...bounds);
  const client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  let serverEnd: string | null = null;
  const death = once(server.process, 'exit').then(([code, signal]: unknown[]) => {
    serverEnd = String(signal ?? code);
    throw new Error(`the server ended: ${serverEnd}`);
  });
  death.catch(() => {});
  let peakMemoryBytes = 0;
  const watch = setInterval(() => {
    for (const pid of enginesOf(server))
      peakMemoryBytes = Math.max(peakMemoryBytes, highestResidentBytes(pid));
  }, watchEveryMs);
  const linesOf = (id: string, message: string) =>
    server.log().filter((line) => line['msg'] === message && line['jobId'] === id);

  const run = async (make: () => HostileCase): Promise<HostileResult> => {
    const one = make();
    writeFileSync(path.join(data, 'buckets', 'media', one.name), one.bytes);
    const { Job: made } = await client.send(
      new CreateJobCommand({ Role: role, Settings: settingsOf(one) as never }),
    );
    const id = made?.Id ?? '';
    await server.logged('attempt ended', (line) => line['jobId'] === id && line['outcome'] !== 'retrying');
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    const failures = linesOf(id, 'attempt failed').map((line) => line['fault'] as LoggedFault);
    const begins = linesOf(id, 'attempt begins').map((line) => Number(line['time']));
    const ends = linesOf(id, 'attempt ended').map((line) => Number(line['time']));
    const { mediaFact = '', detail = '' } = failures.at(-1) ?? {};
    const result: HostileResult = {
      name: one.name,
      recipe: one.recipe,
      status: job?.Status ?? 'none',
      code: job?.ErrorCode ?? null,
      message: job?.ErrorMessage ?? '',
      facts: [mediaFact, detail].filter(Boolean).join('; '),
      attemptsMs: begins.map((begin, attempt) => (ends[attempt] ?? Number.POSITIVE_INFINITY) - begin),
      signals: failures.flatMap(({ parameters }) => parameters?.['signal'] ?? []),
    };
    onEnd(result);
    return result;
  };
  try {
    // A few wait in the queue, so that no slot waits for the client.
    const results = await Promise.race([runInLanes(cases, 2 * slots, run), death]);
    const troubles = server
      .log()
      .filter(isTrouble)
      .map((line) => JSON.stringify(line));
    return { results, peakMemoryBytes, troubles, serverEnd };
  } finally {
    clearInterval(watch);
    client.destroy();
  }
}

/** True for an end that is promised: COMPLETE, or ERROR with a code of the catalogue. */
export function isDocumentedEnd({ status, code }: HostileResult): boolean {
  return status === 'COMPLETE' ? code === null : status === 'ERROR' && documented.has(code ?? 0);
}

/** Attempts after an engine had already died twice by the same signal. */
export function hasNeedlessAttempt({ signals, attemptsMs }: HostileResult): boolean {
  const diedTwice = signals.findIndex((signal, attempt) => attempt > 0 && signals[attempt - 1] === signal);
  return diedTwice >= 0 && attemptsMs.length > diedTwice + 1;
}

/** One line for lists: the file, what was done to it, how it ended. */
export function describeResult(result: HostileResult): string {
  const { name, recipe, status, code, message, facts, attemptsMs } = result;
  return `${name} (${recipe}): ${status} ${code ?? ''} ${message} [${attemptsMs.join(', ')} ms] ${facts}`.trim();
}

interface LoggedFault {
  readonly mediaFact?: string;
  readonly detail?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** One MP4 of the tracks that the healthy file had. */
function settingsOf({ name, hasVideo, hasAudio }: HostileCase): object {
  const output = '/OutputGroups/0/Outputs/0';
  return changed(mp4Settings(`s3://out/${name}`), {
    '/Inputs/0/FileInput': `s3://media/${name}`,
    ...(hasVideo ? {} : { [`${output}/VideoDescription`]: undefined }),
    ...(hasAudio ? {} : { [`${output}/AudioDescriptions`]: undefined }),
  });
}

/** Failed attempts are warnings; anything above is the server's own. */
function isTrouble(line: Record<string, unknown>): boolean {
  return Number(line['level']) >= 50;
}

function highestResidentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // ended between two looks
  }
}

async function runInLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
