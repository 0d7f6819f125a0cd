/** The library's own command: `ffmpeg` with the plan's preset, rate, buffer, group and passes, and its choice of all else. */
import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { VideoRendition } from '../src/plan/plan.ts';
import { benchFolder, measureFfmpeg, seenPath } from './ffmpeg-command.ts';
import { effortOf, hasStatistics, muxerOf, passOptions } from './plain-encode.ts';

const sourceName = 'plain-source.mp4';

/** Encodes a clip by the command. Returns CPU seconds of all passes, with the starts of the command. */
export async function encodeByCommand(
  source: string,
  target: string,
  { encoder, pixelFormat }: Pick<VideoRendition, 'encoder' | 'pixelFormat'>,
): Promise<number> {
  copyFileSync(source, path.join(benchFolder, sourceName));
  // The command hands the statistics of FFmpeg's own encoders on as well.
  const passes = hasStatistics(encoder) || encoder.encoder === 'mpeg2video' ? encoder.passes : 1;
  let cpuSeconds = 0;
  for (let pass = 1; pass <= passes; pass += 1) {
    const { options, words } = ofPass(encoder, passes === 1 ? null : pass, seenPath(path.basename(target)));
    const figures = await measureFfmpeg([
      ...['-hide_banner', '-loglevel', 'error', '-y', '-i', seenPath(sourceName), '-an'],
      ...['-c:v', encoder.encoder, '-pix_fmt', pixelFormat, '-threads', `${encoder.threads}`],
      ...(encoder.bitrateBps > 0 ? ['-b:v', `${encoder.bitrateBps}`] : []),
      ...(encoder.maxBitrateBps > 0 ? ['-maxrate', `${encoder.maxBitrateBps}`] : []),
      ...(encoder.bufferSizeBits > 0 ? ['-bufsize', `${encoder.bufferSizeBits}`] : []),
      ...['-g', `${encoder.gopSizeFrames ?? 250}`],
      ...(encoder.encoder === 'mpeg2video' ? ['-bf', `${encoder.maxBFrames ?? 2}`] : []),
      ...Object.entries(options).flatMap(([name, value]) => [`-${name}:v`, value]),
      ...words,
      ...['-fps_mode', 'passthrough', '-f', muxerOf(target), seenPath(path.basename(target))],
    ]);
    cpuSeconds += figures.cpuSeconds;
  }
  fetchMade(target);
  return cpuSeconds;
}

/** To the command `-stats` is an option of its own, and its passes have one that names the file. */
function ofPass(
  encoder: VideoRendition['encoder'],
  pass: number | null,
  target: string,
): { readonly options: Record<string, string>; readonly words: readonly string[] } {
  const { stats, flags, ...options } = { ...effortOf(encoder), ...passOptions(encoder, pass, target) };
  if (stats !== undefined) return { options, words: ['-pass', `${pass}`, '-passlogfile', stats] };
  return { options: flags === undefined ? options : { ...options, flags }, words: [] };
}

/** What the command has made, beside the other side's files. */
function fetchMade(target: string): void {
  const [folder, name] = [path.dirname(target), path.basename(target)];
  const [begin = '', end = ''] = name.split(/%\d+d/);
  for (const made of readdirSync(benchFolder).filter((file) => file.startsWith(begin) && file.endsWith(end)))
    copyFileSync(path.join(benchFolder, made), path.join(folder, made));
}
