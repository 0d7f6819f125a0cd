/** Starts the built command line as users do: as a process, with its own data folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const launcher = path.join(root, 'openconvert');

/** A temporary folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'openconvert-e2e-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function openconvert(...commandArguments: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      launcher,
      commandArguments,
      { cwd: root, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** Resolves when so many lines on standard error fit; rejects when they do not until the end. */
  lineWith(pattern: RegExp, occurrence?: number): Promise<void>;
  /** Resolves when the command has ended. */
  readonly ended: Promise<CommandResult>;
}

/** Starts one command and leaves it running. */
export function startOpenconvert(...commandArguments: readonly string[]): RunningCommand {
  const child = spawn(launcher, commandArguments, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stdout = '';
  const watchers = new Set<(line: string | null) => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const output = createInterface({ input: child.stderr });
  output.on('line', (line) => {
    lines.push(line);
    for (const watch of watchers) watch(line);
  });
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    for (const watch of watchers) watch(null);
    return { exitCode: typeof code === 'number' ? code : -1, stdout, stderr: lines.join('\n') };
  });
  return {
    process: child,
    ended,
    lineWith: (pattern, occurrence = 1) =>
      new Promise((resolve, reject) => {
        const look = (line: string | null): void => {
          if (lines.filter((each) => pattern.test(each)).length >= occurrence) resolve();
          else if (line === null) reject(new Error(`no line fits ${pattern}:\n${lines.join('\n')}`));
        };
        watchers.add(look);
        look('');
      }),
  };
}

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** Its log: one object per line so far. */
  log(): readonly Record<string, unknown>[];
  /** Resolves when a log line has this message. */
  logged(
    message: string,
    matches?: (line: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>>;
  /** Ends it with a signal and waits. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `openconvert serve` on a free port; resolves when it says that it is ready. */
export async function startServer(data: string, ...more: readonly string[]): Promise<RunningServer> {
  const child = spawn(launcher, ['serve', '--port', '0', '--data', data, ...more], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  const watchers = new Set<(line: Record<string, unknown>) => void>();
  const raw: string[] = [];
  createInterface({ input: child.stderr }).on('line', (text) => {
    raw.push(text);
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    for (const watch of watchers) watch(line);
  });
  const url = await readyUrl(child, raw);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };
  return {
    url,
    process: child,
    log: () => lines,
    logged(message, matches = () => true) {
      const fits = (line: Record<string, unknown>): boolean => line['msg'] === message && matches(line);
      const earlier = lines.find(fits);
      if (earlier !== undefined) return Promise.resolve(earlier);
      return new Promise((resolve) => {
        const watch = (line: Record<string, unknown>): void => {
          if (!fits(line)) return;
          watchers.delete(watch);
          resolve(line);
        };
        watchers.add(watch);
      });
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function readyUrl(child: ChildProcess, log: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the server has no standard output'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^openconvert is ready at (\S+)$/.exec(line);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('exit', (code) =>
      reject(new Error(`the server ended with ${code} before it was ready:\n${log.join('\n')}`)),
    );
  });
}
