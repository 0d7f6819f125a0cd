/**
 * How an engine child is started: plainly, or inside bubblewrap without network and without the file system
 * beyond libraries, our own code and its scratch folder (design D2). Hostile media meets native parsers there.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
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
}

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

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
  const [command, ...rest] = bubblewrapSandbox.command(['--version'], packageRoot);
  try {
    await promisify(execFile)(command, rest, { timeout: 5000 });
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
    '--cap-drop',
    'ALL',
    ...readOnly([
      '/usr',
      '/lib',
      '/lib64',
      '/lib32',
      '/bin',
      '/etc/ld.so.cache',
      path.dirname(path.dirname(process.execPath)),
      packageRoot,
    ]),
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    '--bind',
    scratchRoot,
    scratchRoot,
    '--chdir',
    '/',
    process.execPath,
    ...nodeArguments,
  ],
};

function readOnly(folders: readonly string[]): string[] {
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => ['--ro-bind', folder, folder]);
}
