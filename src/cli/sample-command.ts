/** `openconvert sample FILE`: a test clip made with our own engine, in a child of its own (design D2). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes, UsageError } from './options.ts';

const sampleEntry = fileURLToPath(new URL('../../dist/engine/sample-main.js', import.meta.url));

/** Makes the clip. Returns the exit code. */
export async function sampleCommand(
  file: string,
  options: { seconds: string; size: string; rate: string },
): Promise<number> {
  const seconds = Number(options.seconds);
  const size = /^(\d+)x(\d+)$/.exec(options.size);
  const rate = /^(\d+)(?:\/(\d+))?$/.exec(options.rate);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600)
    throw new UsageError('--seconds takes a number from 1 to 3600');
  if (size === null) throw new UsageError(`--size takes WxH, not '${options.size}'`);
  if (rate === null) throw new UsageError(`--rate takes N/D, not '${options.rate}'`);
  const request = {
    path: path.resolve(file),
    durationSeconds: seconds,
    widthPx: Number(size[1]),
    heightPx: Number(size[2]),
    frameRate: { num: Number(rate[1]), den: Number(rate[2] ?? 1) },
  };
  const child = spawn(process.execPath, [sampleEntry, JSON.stringify(request)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) return exitCodes.failed;
  process.stdout.write(`${file}\n`);
  return exitCodes.done;
}
