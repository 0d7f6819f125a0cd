/** Finds the engine children of a running server, for tests that harm them. */
import { readFileSync } from 'node:fs';
import type { RunningServer } from './openconvert-process.ts';

/** The process id of the one engine that runs. Throws when there is none, or another one. */
export function engineOf(server: RunningServer): number {
  const descendants = (pid: number): number[] => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .trim()
      .split(' ')
      .filter(Boolean);
    return children.map(Number).flatMap((child) => [child, ...descendants(child)]);
  };
  const engines = descendants(server.process.pid ?? 0).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(process.execPath),
  );
  if (engines.length !== 1) throw new Error(`${engines.length} engines run`);
  return engines[0] ?? 0;
}
