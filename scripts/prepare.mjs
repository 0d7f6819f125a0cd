// Makes a checkout runnable: installs the locked dependencies when they are missing or stale, and compiles
// `src/` to `dist/` when a source is newer. Needs only Node and the npm registry; no install script runs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const minimumNode = [20, 19];

/** Installs and builds what is missing below `root`. Ends the process with 2 and a reason when that fails. */
export function prepare(root) {
  requireNode();
  const locked = lock(root);
  try {
    installWhenStale(root);
    buildWhenStale(root);
  } finally {
    locked.release();
  }
}

/** Two first calls at once would install over each other. A lock of a process that is gone is taken over. */
function lock(root) {
  const file = path.join(
    os.tmpdir(),
    `openconvert-prepare-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`,
  );
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      // Empty: its owner is between making the file and writing into it.
      const owner = readOr(file, '0');
      if (owner !== '' && !isAlive(Number(owner))) rmSync(file, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  fail(`openconvert needs Node ${minimumNode.join('.')} or newer; this is ${process.versions.node}.`);
}

function installWhenStale(root) {
  const stampFile = path.join(root, 'node_modules', '.openconvert-lock');
  const stamp = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write('openconvert: installing dependencies (once)…\n');
  run(
    root,
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm ci failed',
  );
  writeFileSync(stampFile, stamp);
}

function buildWhenStale(root) {
  const stampFile = path.join(root, 'dist', '.openconvert-built');
  const newest = Math.max(
    newestChange(path.join(root, 'src')),
    statSync(path.join(root, 'package-lock.json')).mtimeMs,
    statSync(path.join(root, 'tsconfig.build.json')).mtimeMs,
  );
  if (existsSync(stampFile) && statSync(stampFile).mtimeMs >= newest) return;
  process.stderr.write('openconvert: compiling (once)…\n');
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  const startedAt = new Date();
  run(
    root,
    process.execPath,
    [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    'tsc failed',
  );
  // The archive a first start of the embedded database is made from; made once per schema version.
  run(
    root,
    process.execPath,
    [path.join('dist', 'database', 'embedded', 'prepare-data-main.js')],
    'preparing the database failed',
  );
  writeFileSync(stampFile, startedAt.toISOString());
  // A source that changed while the compiler ran is newer than the build.
  utimesSync(stampFile, startedAt, startedAt);
}

function newestChange(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestChange(full) : statSync(full).mtimeMs);
  }
  return newest;
}

function run(root, command, args, failure) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail(`${failure} (${result.error?.message ?? `exit ${result.status}`}).`);
}

/** `prepare` ends here: `process.exit` runs no `finally`, so the lock of this process is stale and will be taken over. */
function fail(reason) {
  process.stderr.write(`openconvert: ${reason}\n`);
  process.exit(2);
}
