/**
 * Runs a command to its end and measures it: wall and CPU seconds (user + system, all its processes) by bash's `time`,
 * peak resident memory by watching the kernel's high-water marks of its processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const watchEveryMs = 50;

/** Resolves with `{ wallSeconds, cpuSeconds, peakMiB, stdout }`. Throws when the command fails. */
export async function measureCommand(command, args, env = {}) {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="@time %R %U %S"; time "$@"', 'measure', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
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
  const [wall, user, system] = times.slice(1).map(Number);
  return { wallSeconds: wall, cpuSeconds: user + system, peakMiB: Math.round(peakKiB / 1024), stdout };
}

/** Sum over the process tree: a launcher and what it launched. */
function highWaterKiB(pid) {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return children.reduce((sum, child) => sum + highWaterKiB(child), own);
  } catch {
    return 0; // ended between two looks
  }
}

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
