/**
 * The lock on an embedded database's folder. The engine has none: a second process would silently lose data.
 *
 * Two guards, because neither is enough alone:
 * - an abstract Unix socket (Linux) named after the folder's device and inode. The kernel frees it at the very
 *   moment the holder dies, whatever killed it. It answers with the holder's pid.
 * - a heartbeat file, for holders the socket does not show: another container with the same volume, another
 *   system. A heartbeat that still advances refuses; one that stands still belongs to a dead process.
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseOpenError } from '../database.ts';

/** A holder writes this often; a silence of `deadAfterMs` means that it is gone. */
const heartbeatMs = 2_000;
const deadAfterMs = 10_000;

/** A held lock. */
export interface FolderLock {
  /** Gives the folder free. Releasing twice is the same as once. */
  release(): Promise<void>;
}

/**
 * Locks the folder (made when missing). Throws DatabaseOpenError `locked`, naming the holder's pid. Waits up to
 * 10 s only when the heartbeat of another machine or container is fresh and may be a dead one's.
 */
export async function lockFolder(
  folder: string,
  onTrouble: (error: Error) => void,
  signal: AbortSignal,
): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true });
  const socket = process.platform === 'linux' ? await holdSocket(folder) : null;
  const heartbeatFile = path.join(folder, 'lock.json');
  try {
    await waitForForeignHolder(heartbeatFile, folder, signal);
  } catch (error) {
    socket?.close();
    throw error;
  }
  const beat = () => {
    const holder: Holder = {
      pid: process.pid,
      host: os.hostname(),
      reach: socketReach(),
      beatAtMs: Date.now(),
    };
    writeFileSync(heartbeatFile, `${JSON.stringify(holder)}\n`);
  };
  beat();
  const timer = setInterval(() => {
    try {
      beat();
    } catch (error) {
      // A full disk: the socket still guards the folder.
      onTrouble(error as Error);
    }
  }, heartbeatMs);
  timer.unref();
  let released = false;
  return {
    async release() {
      if (released) return;
      released = true;
      clearInterval(timer);
      rmSync(heartbeatFile, { force: true });
      if (socket !== null) await new Promise((resolve) => socket.close(resolve));
    },
  };
}

async function holdSocket(folder: string): Promise<net.Server> {
  const { dev, ino } = statSync(folder);
  const name = `\0openconvert-database-${dev}-${ino}`;
  const server = net.createServer((visitor) => visitor.on('error', () => {}).end(String(process.pid)));
  server.listen(name);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw lockedBy(folder, `process ${await askPid(name)}`);
  }
  server.unref();
  return server;
}

async function askPid(name: string): Promise<string> {
  const visitor = net
    .connect(name)
    .setEncoding('utf8')
    .setTimeout(1_000, () => visitor.destroy());
  let pid = '';
  try {
    for await (const text of visitor) pid += text;
  } catch {
    // The holder left or hangs; the refusal stands, only the pid is missing.
  }
  return pid || 'of unknown pid';
}

/** What the heartbeat file says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Where the holder's socket can be seen. */
  readonly reach: string;
  readonly beatAtMs: number;
}

/**
 * Returns when nobody beats. A holder within reach of our socket is dead already, because the socket was free;
 * any other is watched, by its beats alone: clocks of two machines differ.
 */
async function waitForForeignHolder(
  heartbeatFile: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const first = readHolder(heartbeatFile);
  if (first === null || first.reach === socketReach()) return;
  if (Date.now() - statSync(heartbeatFile).mtimeMs > 10 * deadAfterMs) return;
  const giveUpAt = performance.now() + deadAfterMs;
  while (performance.now() < giveUpAt) {
    await delay(heartbeatMs / 4, undefined, { signal });
    const now = readHolder(heartbeatFile);
    if (now === null) return;
    if (now.beatAtMs !== first.beatAtMs) throw lockedBy(folder, `process ${now.pid} on ${now.host}`);
  }
}

function readHolder(heartbeatFile: string): Holder | null {
  try {
    return JSON.parse(readFileSync(heartbeatFile, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Abstract sockets are seen within one network namespace of one boot. */
function socketReach(): string {
  if (process.platform !== 'linux') return `${os.hostname()}/${process.platform}`;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${readlinkSync('/proc/self/ns/net')}`;
}

function lockedBy(folder: string, holder: string): DatabaseOpenError {
  return new DatabaseOpenError(
    'locked',
    `The database folder ${folder} is in use by ${holder}. One process at a time may open an embedded database; ` +
      'stop the other one, choose another folder, or use a PostgreSQL server for several processes.',
  );
}
