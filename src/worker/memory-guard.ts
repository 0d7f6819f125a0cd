/**
 * Bounds the memory of an engine child (design D2): a hard limit on its data segment where `prlimit` exists,
 * and a watch on its resident size. `RLIMIT_AS` is useless here: the libraries reserve far more than they use.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const sampleIntervalMs = 200;
const pageSizeBytes = 4096;

/** Bytes a child may hold: what its plan predicts, and what we allow above it. */
export interface MemoryLimits {
  /** Resident size at which the child is ended. */
  readonly residentBytes: number;
  /** Data segment size at which allocation fails inside the child. */
  readonly dataBytes: number;
}

/** Limits for a predicted size: 1.5 × resident, 2 × + 256 MiB data (design D2). Never below the runtime's own needs. */
export function memoryLimitsFor(estimatedBytes: number): MemoryLimits {
  const floorBytes = 400 * 1024 * 1024;
  const estimate = Math.max(estimatedBytes, floorBytes);
  return { residentBytes: Math.round(estimate * 1.5), dataBytes: 2 * estimate + 256 * 1024 * 1024 };
}

/** Watches one process until `stop`; `peakBytes` is the highest resident size seen. */
export interface MemoryGuard {
  peakBytes(): number;
  stop(): void;
}

/** Starts the watch. `onExceeded` is called once, with the resident size that broke the limit. */
export function guardMemory(
  pid: number,
  limits: MemoryLimits,
  onExceeded: (residentBytes: number) => void,
): MemoryGuard {
  let peak = 0;
  let reading = false;
  // Absent on systems without util-linux: the watch below still bounds the process.
  execFile('prlimit', [`--pid=${pid}`, `--data=${limits.dataBytes}`], () => {});
  const timer = setInterval(async () => {
    if (reading) return;
    reading = true;
    const resident = await residentBytes(pid);
    reading = false;
    peak = Math.max(peak, resident);
    if (resident <= limits.residentBytes) return;
    clearInterval(timer);
    onExceeded(resident);
  }, sampleIntervalMs);
  timer.unref();
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

async function residentBytes(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * pageSizeBytes;
}
