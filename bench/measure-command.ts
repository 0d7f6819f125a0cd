/**
 * Runs a command to its end and measures it: wall and CPU seconds (user + system, all its processes) by bash's `time`,
 * peak resident memory by watching the kernel's high-water marks of its processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const watchEveryMs = 50;

/** What a command took. */
export interface CommandFigures {
  readonly wallSeconds: number;
  /** User and system, of all its processes. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** Throws when the command fails. */
export async function measureCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandFigures> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="@time %R %U %S"; time "$@"', 'measure', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stdout.resume();
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterKiB(child.pid));
  }, watchEveryMs);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  const times = /@time ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
  if (code !== 0 || times === null)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr.slice(-2000)}`);
  const [wall = 0, user = 0, system = 0] = times.slice(1).map(Number);
  return { wallSeconds: wall, cpuSeconds: user + system, peakMiB: Math.round(peakKiB / 1024) };
}

/** Sum over the process tree: a launcher and what it launched. */
function highWaterKiB(pid: number | undefined): number {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return children.reduce((sum, child) => sum + highWaterKiB(Number(child)), own);
  } catch {
    return 0; // ended between two looks
  }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}
