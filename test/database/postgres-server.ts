/**
 * A real PostgreSQL server for tests: started in a temporary folder on a Unix socket, ended by its own pid.
 * `OPENCONVERT_TEST_POSTGRES_URL` names a running one instead; its user must be allowed to create databases.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

/** A server to make databases on. */
export interface PostgresServer {
  /** A new empty database; its URL. */
  createDatabase(): Promise<string>;
  /** Kills all sessions of a database but one's own, as a restart or a network failure would. */
  endSessions(url: string): Promise<void>;
  stop(): Promise<void>;
}

/** Why no server can be had here, with the way to get one; null when one can. */
export function missingServerReason(): string | null {
  if (process.env['OPENCONVERT_TEST_POSTGRES_URL'] !== undefined) return null;
  if (findBinaries() === null) {
    return (
      'no PostgreSQL server (15 or newer) on PATH or under /usr/lib/postgresql: install one ' +
      '(Debian: apt-get install postgresql) or set OPENCONVERT_TEST_POSTGRES_URL'
    );
  }
  if (process.getuid?.() === 0 && postgresUser() === null) {
    return 'PostgreSQL refuses to run as root and there is no user "postgres": add one, or run the tests as a user';
  }
  return null;
}

/** Starts a server, or connects to the given one. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const given = process.env['OPENCONVERT_TEST_POSTGRES_URL'];
  if (given !== undefined)
    return serverAt(
      (name) => withDatabase(given, name),
      async () => {},
    );
  const binaries = findBinaries();
  if (binaries === null) throw new Error(missingServerReason() ?? 'no PostgreSQL server');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-postgres-'));
  const user = process.getuid?.() === 0 ? postgresUser() : null;
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  execFileSync(path.join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    stdio: 'ignore',
    ...user,
  });
  const settings = [
    `unix_socket_directories=${folder}`,
    'listen_addresses=',
    'fsync=off',
    'max_connections=60',
  ];
  const server = spawn(
    path.join(binaries, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { stdio: ['ignore', 'ignore', 'pipe'], ...user },
  );
  await readyToAccept(server);
  const stop = async () => {
    server.kill('SIGINT');
    if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  return serverAt((name) => `postgres://postgres@${encodeURIComponent(folder)}/${name}`, stop);
}

/** The server says when it is ready; its output is read on so that it never blocks. */
function readyToAccept(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${said.join('\n')}`)));
    if (server.stderr === null) throw new Error('postgres was started without a pipe');
    createInterface(server.stderr).on('line', (line) => {
      said.push(line);
      if (line.includes('database system is ready to accept connections')) resolve();
    });
  });
}

function serverAt(urlOf: (database: string) => string, stop: () => Promise<void>): PostgresServer {
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: urlOf('postgres') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const names: string[] = [];
  return {
    async createDatabase() {
      const name = `openconvert_test_${process.pid}_${Date.now()}_${names.length}`;
      names.push(name);
      await administer(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async endSessions(url) {
      const name = new URL(url).pathname.slice(1);
      await administer(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    },
    async stop() {
      // A given server outlives the tests.
      for (const name of names) await administer(`DROP DATABASE ${name} WITH (FORCE)`);
      await stop();
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function findBinaries(): string | null {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter);
  const packaged = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .filter((major) => Number(major) >= 15)
        .map((major) => `/usr/lib/postgresql/${major}/bin`)
    : [];
  const has = (folder: string) => ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name)));
  return [...packaged, ...onPath].find(has) ?? null;
}

function postgresUser(): { readonly uid: number; readonly gid: number } | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}
