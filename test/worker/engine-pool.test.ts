/** How many children wait and work, with real children. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEnginePool, type EnginePool } from '../../src/worker/engine-pool.ts';
import { chooseSandbox } from '../../src/worker/sandbox.ts';
import { temporaryFolder } from '../e2e/openconvert-process.ts';
import { isRunning } from './workbench.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let pool: EnginePool;

const openPool = async (spares: number): Promise<EnginePool> =>
  createEnginePool({ sandbox: await chooseSandbox('none'), scratchRoot: folder.path, spares });

/** Engines started by this process, oldest first. */
function engineChildren(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1')
    .trim()
    .split(' ');
  return children
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('engine/main.js'))
    .map(Number);
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await pool.close();
  await folder[Symbol.asyncDispose]();
});

describe('a pool that is kept warm', () => {
  test('has one loaded child per free slot, and starts none beside a working one', async () => {
    pool = await openPool(0);
    pool.keepWarm(2);
    expect(pool.counts()).toEqual({ waiting: 2, working: 0 });
    const first = pool.take();
    const second = pool.take();
    expect(pool.counts()).toEqual({ waiting: 0, working: 2 });
    const [firstPid, secondPid] = await Promise.all([first.ready(), second.ready()]);
    expect(firstPid).not.toBe(secondPid);
    await pool.release(first);
    expect(isRunning(firstPid)).toBe(false);
    expect(isRunning(secondPid)).toBe(true);
    expect(pool.counts()).toEqual({ waiting: 1, working: 1 });
    await pool.release(second);
    expect(pool.counts()).toEqual({ waiting: 2, working: 0 });
  });

  test('never hands out the child of an earlier attempt', async () => {
    pool = await openPool(0);
    pool.keepWarm(1);
    const first = pool.take();
    const firstPid = await first.ready();
    await pool.release(first);
    const second = pool.take();
    expect(second).not.toBe(first);
    expect(await second.ready()).not.toBe(firstPid);
  });

  test('hands out no spare that died while it waited', async () => {
    pool = await openPool(3);
    const [deadPid] = engineChildren();
    expect(engineChildren()).toHaveLength(3);
    process.kill(deadPid ?? 0, 'SIGKILL');
    // A process is gone when this one has been told of its end.
    await vi.waitFor(() => expect(() => process.kill(deadPid ?? 0, 0)).toThrow('ESRCH'), { timeout: 20_000 });
    expect(await pool.take().ready()).not.toBe(deadPid);
    expect(await pool.take().ready()).not.toBe(deadPid);
    expect(pool.counts()).toEqual({ waiting: 0, working: 2 });
  });
});

describe('a pool for one job', () => {
  test('starts its child at once and no other afterwards', async () => {
    pool = await openPool(1);
    expect(pool.counts()).toEqual({ waiting: 1, working: 0 });
    const engine = pool.take();
    await pool.release(engine);
    expect(pool.counts()).toEqual({ waiting: 0, working: 0 });
  });
});

test('a closed pool has ended all children and hands out none', async () => {
  pool = await openPool(2);
  const engine = pool.take();
  const pid = await engine.ready();
  await pool.close();
  await pool.close();
  expect(isRunning(pid)).toBe(false);
  expect(() => pool.take()).toThrow('the engine pool is closed');
});
