/** `openconvert doctor`: what this machine offers, what is missing, what it means. Exit code 1 when jobs cannot run. */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LibraryDescription } from '../engine/describe.ts';
import { bubblewrapFailure } from '../worker/sandbox.ts';
import { exitCodes } from './options.ts';

const describeEntry = fileURLToPath(new URL('../../dist/engine/describe.js', import.meta.url));
const lowSpaceBytes = 2 * 1024 ** 3;
const requiredEncoders = ['libx264', 'libx265', 'aac'];

interface Diagnosis {
  readonly level: 'ok' | 'note' | 'problem';
  readonly subject: string;
  readonly text: string;
}

/** Prints the diagnosis. Returns the exit code. */
export async function doctorCommand(options: {
  data: string;
  scratch?: string;
  json: boolean;
}): Promise<number> {
  const dataFolder = path.resolve(options.data);
  const diagnoses = [
    ...machine(),
    ...(await libraries()),
    ...(await isolation()),
    ...(await folder('data folder', dataFolder)),
    ...(await folder('scratch folder', options.scratch ?? path.join(dataFolder, 'scratch'))),
  ];
  if (options.json) process.stdout.write(`${JSON.stringify(diagnoses, null, 2)}\n`);
  else
    for (const { level, subject, text } of diagnoses)
      process.stdout.write(`${level.padEnd(8)}${subject.padEnd(16)}${text}\n`);
  return diagnoses.some(({ level }) => level === 'problem') ? exitCodes.failed : exitCodes.done;
}

function machine(): Diagnosis[] {
  const gibibytes = (os.totalmem() / 1024 ** 3).toFixed(1);
  return [
    { level: 'ok', subject: 'node', text: `${process.versions.node} on ${os.platform()} ${os.arch()}` },
    { level: 'ok', subject: 'machine', text: `${os.availableParallelism()} cores, ${gibibytes} GiB memory` },
  ];
}

async function libraries(): Promise<Diagnosis[]> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [describeEntry], { timeout: 20_000 });
    const { version, license, encoders } = JSON.parse(stdout) as LibraryDescription;
    const missing = requiredEncoders.filter((name) => !encoders[name]);
    return [
      { level: 'ok', subject: 'libraries', text: `FFmpeg libraries ${version}` },
      {
        level: 'note',
        subject: 'licence',
        text: `the libraries are under the ${license}; shipped together with them, openconvert is too (NOTICE)`,
      },
      missing.length === 0
        ? {
            level: 'ok',
            subject: 'encoders',
            text: Object.keys(encoders)
              .filter((name) => encoders[name])
              .join(', '),
          }
        : { level: 'problem', subject: 'encoders', text: `missing in this build: ${missing.join(', ')}` },
    ];
  } catch (error) {
    return [
      { level: 'problem', subject: 'libraries', text: `cannot be loaded: ${(error as Error).message}` },
    ];
  }
}

async function isolation(): Promise<Diagnosis[]> {
  const failure = await bubblewrapFailure();
  const prlimit = await promisify(execFile)('prlimit', ['--version'], { timeout: 5000 }).then(
    () => true,
    () => false,
  );
  return [
    failure === null
      ? {
          level: 'ok',
          subject: 'sandbox',
          text: 'bubblewrap works: engines run without network and file system',
        }
      : { level: 'note', subject: 'sandbox', text: `engines run as plain child processes (${failure})` },
    prlimit
      ? { level: 'ok', subject: 'memory limit', text: 'prlimit is present: engines have a hard limit' }
      : {
          level: 'note',
          subject: 'memory limit',
          text: 'prlimit is missing: engine memory is watched, not limited by the kernel',
        },
  ];
}

async function folder(subject: string, location: string): Promise<Diagnosis[]> {
  try {
    await mkdir(location, { recursive: true });
    await access(location, constants.W_OK);
    const { bavail, bsize } = await statfs(location);
    const freeBytes = bavail * bsize;
    const text = `${location}, ${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
    return [{ level: freeBytes < lowSpaceBytes ? 'note' : 'ok', subject, text }];
  } catch (error) {
    return [{ level: 'problem', subject, text: `${location}: ${(error as Error).message}` }];
  }
}
