/**
 * The `ffmpeg` command that benches compare with:
 *
 * OPENCONVERT_BENCH_FFMPEG         command, default `ffmpeg`; words are split at spaces
 * OPENCONVERT_BENCH_FOLDER         folder for sources and outputs, default in the system's temporary folder
 * OPENCONVERT_BENCH_FFMPEG_FOLDER  the same folder as the command sees it (a command that runs in another root)
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type CommandFigures, measureCommand } from './measure-command.ts';

const [command, ...words] = (process.env.OPENCONVERT_BENCH_FFMPEG ?? 'ffmpeg').split(' ') as [
  string,
  ...string[],
];

/** Exists from here on. */
export const benchFolder =
  process.env.OPENCONVERT_BENCH_FOLDER ?? path.join(os.tmpdir(), 'openconvert-bench');
mkdirSync(benchFolder, { recursive: true });
const seenFolder = process.env.OPENCONVERT_BENCH_FFMPEG_FOLDER ?? benchFolder;

/** A file of the folder as the command sees it. */
export function seenPath(name: string): string {
  return path.join(seenFolder, name);
}

/** null: there is no such command. */
export function ffmpegVersion(): string | null {
  const { stdout, status } = spawnSync(command, [...words, '-version'], { encoding: 'utf8' });
  return status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
}

/** Throws when the command fails. */
export function measureFfmpeg(args: readonly string[]): Promise<CommandFigures> {
  return measureCommand(command, [...words, ...args]);
}
