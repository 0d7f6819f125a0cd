/**
 * Bounds the memory of an engine child (design D2): a hard limit on its data segment where `prlimit` exists,
 * and a watch on its resident size. `RLIMIT_AS` is useless here: the libraries reserve far more than they use.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const sampleIntervalMs = 200;

/** Bytes a child may hold: what its plan predicts, and what we allow above it. */
export interface MemoryLimits {
  /** Resident size at which the child is ended. */
  readonly residentBytes: number;
  /** Data segment size at which allocation fails inside the child. */
  readonly dataBytes: number;
}

/**
 * Limits for a predicted size: 1.5 × resident, 2 × + 256 MiB data (design D2). Never below the runtime's own needs.
 * `stackBytes` of threads count as data, and are not touched.
 */
export function memoryLimitsFor(estimatedBytes: number, stackBytes = 0): MemoryLimits {
  const floorBytes = 400 * 1024 * 1024;
  const estimate = Math.max(estimatedBytes, floorBytes);
  return {
    residentBytes: Math.round(estimate * 1.5),
    dataBytes: 2 * estimate + 256 * 1024 * 1024 + stackBytes,
  };
}

/** Watches one process until `stop`. */
export interface MemoryGuard {
  /** Ends the watch. Resolves with the highest resident size the process has ever had; 0 when it is gone unseen. */
  stop(): Promise<number>;
}

/** Starts the watch. `onExceeded` is called at most once, with the resident size that broke the limit. */
export function guardMemory(
  pid: number,
  limits: MemoryLimits,
  onExceeded: (residentBytes: number) => void,
): MemoryGuard {
  let peak = 0;
  let reading = false;
  let isStopped = false;
  // The soft limit alone: an unprivileged worker could never raise a hard one again for the attempt's next task.
  // Absent on systems without util-linux: the watch below still bounds the process.
  execFile('prlimit', [`--pid=${pid}`, `--data=${limits.dataBytes}:`], () => {});
  const sample = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    const { residentBytes, peakBytes } = await readMemory(pid);
    reading = false;
    peak = Math.max(peak, peakBytes);
    if (isStopped || residentBytes <= limits.residentBytes) return;
    isStopped = true;
    clearInterval(timer);
    onExceeded(residentBytes);
  };
  const timer = setInterval(() => void sample(), sampleIntervalMs);
  timer.unref();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      return Math.max(peak, (await readMemory(pid)).peakBytes);
    },
  };
}

/** What the kernel says; zeros when the process is gone. */
async function readMemory(pid: number): Promise<{ residentBytes: number; peakBytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { residentBytes: bytesOf('VmRSS'), peakBytes: bytesOf('VmHWM') };
}
