import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { embeddedPostgresMajor } from '../../src/database/embedded/postgres-parameters.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { expireLeases } from '../../src/database/statements/leases.ts';
import { reportingAt, startOfTimeMs } from './jobs.ts';

const never = new AbortController().signal;
const program = fileURLToPath(new URL('./submit-until-killed.mjs', import.meta.url));

describe('the folder of an embedded database', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-folder-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** A second process on the folder; its lines say what it has acknowledged. */
  const startSubmitter = (): { child: ChildProcess; lines: Interface } => {
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    if (child.stdout === null) throw new Error('the submitter was started without a pipe');
    return { child, lines: createInterface(child.stdout) };
  };

  test('is locked while open: a second open names the pid, and close frees it', async () => {
    const first = await openDatabase({ dataFolder: folder }, never);
    await expect(openDatabase({ dataFolder: folder }, never)).rejects.toMatchObject({
      why: 'locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await first.close();
    const again = await openDatabase({ dataFolder: folder }, never);
    await again.close();
    expect(existsSync(path.join(folder, 'lock.json'))).toBe(false);
  });

  test('of another process is refused with that process’s pid until it dies, then opens at once', async () => {
    const { child, lines } = startSubmitter();
    await once(lines, 'line');
    await expect(openDatabase({ dataFolder: folder }, never)).rejects.toMatchObject({
      why: 'locked',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await openDatabase({ dataFolder: folder }, never);
    await database.close();
  });

  test('kill -9 in the middle of everything loses no acknowledged job, and its leases are free at once', async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 4; kill += 1) {
      const { child, lines } = startSubmitter();
      let left = 40;
      for await (const line of lines) {
        acknowledged.push(line);
        left -= 1;
        // More submits and claims are under way at this moment; what it still acknowledges counts too.
        if (left === 0) child.kill('SIGKILL');
      }
      const database = await openDatabase({ dataFolder: folder }, never);
      const stored = new Set(
        (await database.sql.selectFrom('job').select('id').execute()).map(({ id }) => id),
      );
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      const { rows: torn } = await sql`
        SELECT job.id FROM job
          LEFT JOIN job_document ON job_document.job_id = job.id LEFT JOIN task ON task.job_id = job.id
        WHERE job_document.job_id IS NULL OR task.id IS NULL
          OR (job.status = 'SUBMITTED') = EXISTS (SELECT FROM event WHERE event.job_id = job.id)
      `.execute(database.sql);
      expect(torn).toEqual([]);
      const running = await database.sql
        .selectFrom('task')
        .select('id')
        .where('state', '=', 'RUNNING')
        .execute();
      const lost = { errorCode: 1999, errorMessage: 'Unknown error' } as const;
      expect(await expireLeases(database.sql, lost, reportingAt(startOfTimeMs))).toBe(
        Math.min(50, running.length),
      );
      await database.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(160);
  });

  test('with a fresh heartbeat from out of reach waits to see whether it still beats', async () => {
    const heartbeat = (beatAtMs: number) =>
      writeFileSync(
        path.join(folder, 'lock.json'),
        JSON.stringify({ pid: 4711, host: 'elsewhere', reach: 'another-boot/another-net', beatAtMs }),
      );
    heartbeat(1);
    let beats = 1;
    const beating = setInterval(() => {
      beats += 1;
      heartbeat(beats);
    }, 50);
    await expect(openDatabase({ dataFolder: folder }, never)).rejects.toMatchObject({
      why: 'locked',
      message: expect.stringContaining('process 4711 on elsewhere'),
    });
    clearInterval(beating);
  });

  test('waiting for a heartbeat ends with the signal', async () => {
    writeFileSync(
      path.join(folder, 'lock.json'),
      JSON.stringify({ pid: 4711, host: 'elsewhere', reach: 'another-boot/another-net', beatAtMs: 1 }),
    );
    await expect(openDatabase({ dataFolder: folder }, AbortSignal.timeout(20))).rejects.toThrow(/abort/i);
  });

  test('written by another PostgreSQL major is refused with both majors named', async () => {
    const data = path.join(folder, 'postgres');
    mkdirSync(data);
    writeFileSync(path.join(data, 'PG_VERSION'), '17\n');
    await expect(openDatabase({ dataFolder: folder }, never)).rejects.toMatchObject({
      why: 'other-major',
      message: expect.stringMatching(/PostgreSQL 17.*PostgreSQL 18.*dump/s),
    });
  });

  test('left half made by a process that was killed at its first start is made anew', async () => {
    mkdirSync(path.join(folder, 'postgres', 'base'), { recursive: true });
    writeFileSync(path.join(folder, 'postgres', 'PG_VERSION'), `${embeddedPostgresMajor}\n`);
    writeFileSync(path.join(folder, 'initialising'), '');
    const database = await openDatabase({ dataFolder: folder }, never);
    expect(await database.sql.selectFrom('queue').select('name').execute()).toEqual([{ name: 'Default' }]);
    await database.close();
    expect(existsSync(path.join(folder, 'initialising'))).toBe(false);
  });

  test('with damaged data is an error, leaves the data as they are and the folder free', async () => {
    const data = path.join(folder, 'postgres');
    mkdirSync(data);
    writeFileSync(path.join(data, 'PG_VERSION'), `${embeddedPostgresMajor}\n`);
    await expect(openDatabase({ dataFolder: folder }, never)).rejects.toThrow(/embedded database/);
    expect(existsSync(path.join(data, 'PG_VERSION'))).toBe(true);
    expect(existsSync(path.join(folder, 'lock.json'))).toBe(false);
  });

  test('records the major that this engine really is', async () => {
    const database = await openDatabase({ dataFolder: folder }, never);
    const { rows } = await sql<{
      version: string;
    }>`SELECT current_setting('server_version_num') AS version`.execute(database.sql);
    await database.close();
    expect(Math.floor(Number(rows[0]?.version) / 10_000)).toBe(embeddedPostgresMajor);
    expect(readFileSync(path.join(folder, 'postgres', 'PG_VERSION'), 'utf8').trim()).toBe(
      String(embeddedPostgresMajor),
    );
  });

  test('an aborted start leaves the folder free', async () => {
    const stopping = new AbortController();
    const opening = openDatabase({ dataFolder: folder }, stopping.signal);
    stopping.abort();
    await expect(opening).rejects.toThrow(/abort/i);
    const database = await openDatabase({ dataFolder: folder }, never);
    await database.close();
  });
});
