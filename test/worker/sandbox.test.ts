/** What a sandboxed child can reach. Needs bubblewrap (Debian: bubblewrap) and leave to make namespaces. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bubblewrapFailure, chooseSandbox, type Sandbox } from '../../src/worker/sandbox.ts';
import { clip, mp4Settings, slowSettings } from '../e2e/tiny-jobs.ts';
import { isRunning, openWorkbench, type Workbench } from './workbench.ts';

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
const failure = await bubblewrapFailure();
if (failure !== null) console.log(`sandbox.test.ts: skipped, bubblewrap does not work here: ${failure}`);

test('no sandbox is a plain child process that sees files', async () => {
  const sandbox = await chooseSandbox('none');
  expect(sandbox).toMatchObject({ kind: 'none', seesFiles: true });
  expect(sandbox.command(['--version'], os.tmpdir())).toEqual([process.execPath, '--version']);
});

test.runIf(failure !== null)(
  'bwrap demanded where it does not work is refused; auto goes without',
  async () => {
    await expect(chooseSandbox('bwrap')).rejects.toThrow('the bubblewrap sandbox does not work here');
    expect((await chooseSandbox('auto')).kind).toBe('none');
  },
);

describe.skipIf(failure !== null)('inside bubblewrap', () => {
  let bench: Workbench;
  let sandbox: Sandbox;

  beforeAll(async () => {
    bench = await openWorkbench('auto');
    sandbox = bench.engines.sandbox;
  }, 180_000);
  afterAll(() => bench?.[Symbol.asyncDispose]());

  /** What a script prints inside, or how it fails there. */
  const inside = async (script: string): Promise<string> => {
    const [command, ...rest] = sandbox.command(['-e', script], bench.scratchRoot);
    const { stdout } = await promisify(execFile)(command, rest, { timeout: 20_000 });
    return stdout.trim();
  };
  const readInside = (file: string): Promise<string> =>
    inside(
      `try { console.log(fs.readFileSync(${JSON.stringify(file)}, 'utf8')) } catch (error) { console.log(error.code) }`,
    );

  test('auto chooses it', () => {
    expect(sandbox).toMatchObject({ kind: 'bwrap', seesFiles: false });
  });

  test('a job runs to its end, and its child is gone', async () => {
    const started = bench.start(mp4Settings('s3://out/sandboxed'));
    const pid = await started.firstFrame;
    expect(await readFile(`/proc/${pid}/cmdline`, 'latin1')).toMatch(
      /node\0--no-warnings\0.*engine\/main\.js/,
    );
    expect(await started.outcome).toMatchObject({
      status: 'COMPLETE',
      outputGroups: [{ outputs: [{ video: { frames: clip.frames } }] }],
    });
    expect(bench.taken.at(-1)?.peakMemoryBytes()).toBeGreaterThan(30 * 1024 * 1024);
    expect(isRunning(pid)).toBe(false);
    expect(bench.scratch()).toEqual([]);
  });

  test('a job that needs scratch for its passes runs, and its death by signal is told', async () => {
    const started = bench.start(slowSettings('s3://out/passes'));
    process.kill(await started.firstFrame, 'SIGSEGV');
    expect(await started.outcome).toMatchObject({
      fault: { code: 1999, mediaFact: 'the engine process ended by signal SIGSEGV' },
    });
  });

  test('a canceled job leaves no process of the sandbox', async () => {
    const started = bench.start(slowSettings('s3://out/canceled'));
    const pid = await started.firstFrame;
    started.cancel();
    expect(await started.outcome).toEqual({ status: 'CANCELED' });
    expect(isRunning(pid)).toBe(false);
  });

  test('files outside do not exist, in the data folder of the deployment least of all', async () => {
    await writeFile(path.join(bench.data, 'secret'), 'secret');
    expect(await readInside(path.join(bench.data, 'secret'))).toBe('ENOENT');
    expect(await readInside(path.join(bench.data, 'buckets/media/clip.mp4'))).toBe('ENOENT');
    expect(await readInside('/etc/passwd')).toBe('ENOENT');
    expect(await readInside(path.join(packageRoot, 'README.md'))).toBe('ENOENT');
  });

  test('program files can be read and not changed', async () => {
    const file = path.join(packageRoot, 'dist/engine/main.js');
    expect(await readInside(file)).toContain('ready');
    const change = `try { fs.appendFileSync(${JSON.stringify(file)}, ' '); console.log('changed') } catch (error) { console.log(error.code) }`;
    expect(await inside(change)).toBe('EROFS');
  });

  test('scratch is shared with the worker', async () => {
    await mkdir(path.join(bench.scratchRoot, 'place'));
    await inside(
      `fs.writeFileSync(${JSON.stringify(path.join(bench.scratchRoot, 'place/note'))}, 'written inside')`,
    );
    expect(await readFile(path.join(bench.scratchRoot, 'place/note'), 'utf8')).toBe('written inside');
    await promisify(execFile)('rm', ['-r', path.join(bench.scratchRoot, 'place')]);
  });

  test('there is no network, not even this machine', async () => {
    const server = createServer((_request, response) => response.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const script = `fetch('http://127.0.0.1:${port}').then((r) => r.text()).then(console.log, (error) => console.log(error.cause.code))`;
    expect(await inside(script)).toMatch(/^(ECONNREFUSED|ENETUNREACH)$/);
    expect(await inside('console.log(Object.keys(os.networkInterfaces()).join())')).toMatch(/^(lo)?$/);
    await new Promise((resolve) => server.close(resolve));
  });

  test('other processes are neither seen nor reached', async () => {
    expect(
      await inside(
        `try { process.kill(${process.pid}, 0); console.log('reached') } catch (error) { console.log(error.code) }`,
      ),
    ).toBe('ESRCH');
    expect(
      await inside("console.log(fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length)"),
    ).toMatch(/^[12]$/);
  });

  test('no environment of the worker gets in', async () => {
    const started = bench.start(slowSettings('s3://out/environment'));
    const pid = await started.firstFrame;
    const names = (await readFile(`/proc/${pid}/environ`, 'latin1'))
      .split('\0')
      .map((entry) => entry.split('=')[0]);
    expect(names.filter(Boolean).sort()).toEqual([
      'NODE_CHANNEL_FD',
      'NODE_CHANNEL_SERIALIZATION_MODE',
      'PATH',
      'PWD',
      'UV_THREADPOOL_SIZE',
    ]);
    started.cancel();
    await started.outcome;
  });
});
