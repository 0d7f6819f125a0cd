/** Finds the engine children of a running server, for tests that harm them. */
import { readFileSync } from 'node:fs';
import type { RunningServer } from './openconvert-process.ts';

/** The process id of the one engine that runs. Throws when there is none, or another one. */
export function engineOf(server: RunningServer): number {
  const engines = enginesOf(server);
  if (engines.length !== 1) throw new Error(`${engines.length} engines run`);
  return engines[0] ?? 0;
}

/** The process ids of all engines, those that wait for work among them. */
export function enginesOf(server: RunningServer): number[] {
  return descendantsOf(server.process.pid ?? 0).filter((pid) =>
    readProc(pid, 'cmdline').startsWith(process.execPath),
  );
}

function descendantsOf(pid: number): number[] {
  const children = readProc(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.map(Number).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
