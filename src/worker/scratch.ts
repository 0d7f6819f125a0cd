/**
 * Scratch folders: one per attempt or probe, removed at its end. A process that is killed leaves its folders behind;
 * their names say whose they are, so that the next server on the machine can tell them from folders in use.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { jobFault } from '../catalogue/fault.ts';

/** Makes an empty folder below `root` that belongs to this process. Rejects with fault 1050 where there is no room for one. */
export async function createScratchFolder(root: string, purpose: 'attempt' | 'probe'): Promise<string> {
  try {
    return await mkdtemp(path.join(root, `${purpose}-${process.pid}@${os.hostname()}-`));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw jobFault(1050, 'scratch', { path: root }, { component: 'worker', detail: message }, error);
  }
}

/** Removes the folders of processes of this machine that are gone. Returns how many there were. */
export async function removeAbandonedScratch(root: string): Promise<number> {
  const names = await readdir(root);
  const abandoned = names.filter((name) => {
    const owner = /^(?:attempt|probe)-(\d+)@(.+)-\w{6}$/.exec(name);
    return owner !== null && owner[2] === os.hostname() && !isRunning(Number(owner[1]));
  });
  for (const name of abandoned) await rm(path.join(root, name), { recursive: true, force: true });
  return abandoned.length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process answers EPERM.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
