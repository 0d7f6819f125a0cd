/**
 * How an engine child is started: plainly, or inside bubblewrap without network, without sight of other processes,
 * and without the file system beyond libraries, our own code and the scratch folder (design D2). Hostile media meets
 * native parsers there.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** `auto`: bubblewrap when it is installed and its self-test passes, plain otherwise. */
export type SandboxMode = 'auto' | 'bwrap' | 'none';

/** A way to start the engine child. */
export interface Sandbox {
  readonly kind: 'bwrap' | 'none';
  /** Whether the child may open granted local files by path. */
  readonly seesFiles: boolean;
  /** Command and arguments that run `node <args>` with `scratchRoot` writable. */
  command(nodeArguments: readonly string[], scratchRoot: string): readonly [string, ...string[]];
  /** The engine's process id on this machine, when the started command has `startedPid` and the engine runs. */
  enginePid(startedPid: number): Promise<number>;
}

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
const selfTestLimitMs = 5000;

/** Chooses the sandbox. Throws when `bwrap` is demanded and does not work here. */
export async function chooseSandbox(mode: SandboxMode): Promise<Sandbox> {
  if (mode === 'none') return plainSandbox;
  const failure = await bubblewrapFailure();
  if (failure === null) return bubblewrapSandbox;
  if (mode === 'bwrap') throw new Error(`the bubblewrap sandbox does not work here: ${failure}`);
  return plainSandbox;
}

/** Why bubblewrap cannot be used here; null when its self-test passes. Used by `doctor` too. */
export async function bubblewrapFailure(): Promise<string | null> {
  const [command, ...rest] = bubblewrapSandbox.command(['--version'], os.tmpdir());
  try {
    await promisify(execFile)(command, rest, { timeout: selfTestLimitMs });
    return null;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    return code === 'ENOENT' ? 'bwrap is not installed' : stderr?.trim() || String(code);
  }
}

const plainSandbox: Sandbox = {
  kind: 'none',
  seesFiles: true,
  command: (nodeArguments) => [process.execPath, ...nodeArguments],
  enginePid: async (startedPid) => startedPid,
};

const bubblewrapSandbox: Sandbox = {
  kind: 'bwrap',
  seesFiles: false,
  command: (nodeArguments, scratchRoot) => [
    'bwrap',
    '--die-with-parent',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    // Other processes' command lines may hold secrets, and processes of one user may end each other.
    '--unshare-pid',
    '--cap-drop',
    'ALL',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    ...readOnly(visibleThings()),
    '--bind',
    scratchRoot,
    scratchRoot,
    '--chdir',
    '/',
    process.execPath,
    ...nodeArguments,
  ],
  // The launcher waits for the first process of the new process space, which waits for the engine.
  enginePid: (startedPid) => lastDescendant(startedPid),
};

/**
 * System libraries, this Node, our compiled code and its dependencies. Not the whole package folder: the data
 * folder is below it by default, with the database and all buckets.
 */
function visibleThings(): readonly string[] {
  const nodePrefix = path.dirname(path.dirname(process.execPath));
  return [
    ...['/usr', '/lib', '/lib64', '/lib32', '/bin', '/etc/ld.so.cache'],
    ...[process.execPath, path.join(nodePrefix, 'lib')],
    ...['dist', 'node_modules', 'package.json'].map((name) => path.join(packageRoot, name)),
  ];
}

function readOnly(things: readonly string[]): string[] {
  return things.filter((thing) => existsSync(thing)).flatMap((thing) => ['--ro-bind', thing, thing]);
}

async function lastDescendant(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '');
  const first = Number(children.trim().split(' ')[0]);
  return first > 0 ? await lastDescendant(first) : pid;
}
