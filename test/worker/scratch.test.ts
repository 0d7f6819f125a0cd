/** Scratch folders and what is left of them when their process was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createScratchFolder, removeAbandonedScratch } from '../../src/worker/scratch.ts';
import { temporaryFolder } from '../e2e/openconvert-process.ts';

test('folders of dead processes are removed; folders in use, of other machines and of others stay', async () => {
  await using folder = await temporaryFolder();
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  const own = await createScratchFolder(folder.path, 'attempt');
  const abandoned = path.join(folder.path, `attempt-${child.pid}@${os.hostname()}-a1B2c3`);
  const elsewhere = path.join(folder.path, `attempt-${child.pid}@another-machine-a1B2c3`);
  const foreign = path.join(folder.path, 'holiday');
  for (const one of [abandoned, elsewhere, foreign]) await mkdir(one);
  await writeFile(path.join(abandoned, 'movie.mp4'), 'half a movie');
  expect(await removeAbandonedScratch(folder.path)).toBe(1);
  expect((await readdir(folder.path)).sort()).toEqual(
    [own, elsewhere, foreign].map((one) => path.basename(one)).sort(),
  );
});
