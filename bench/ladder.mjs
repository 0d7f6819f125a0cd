/**
 * A three-rung H.264 ladder from 1080p: our engine against one `ffmpeg` command with three outputs, and against three
 * commands one after the other. Identical x264 options and threads. Paired runs, medians of the ratios.
 *
 *   node bench/ladder.mjs [--pairs 3] [--seconds 20] [--preset veryfast] [--threads 2] [--no-separate]
 *
 * OPENCONVERT_BENCH_FFMPEG         command, default `ffmpeg`; words are split at spaces
 * OPENCONVERT_BENCH_FOLDER         folder for source and outputs, default in the system's temporary folder
 * OPENCONVERT_BENCH_FFMPEG_FOLDER  the same folder as the command sees it (a command that runs in another root)
 *
 * Prints a table and, as the last line, JSON.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ffmpegArguments, rungs } from './ladder-settings.mjs';
import { measureCommand, median } from './measure-command.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    preset: { type: 'string', default: 'veryfast' },
    threads: { type: 'string', default: '2' },
    separate: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const pairs = Number(values.pairs);
const settings = { preset: values.preset, threads: Number(values.threads), seconds: Number(values.seconds) };
const folder = process.env.OPENCONVERT_BENCH_FOLDER ?? path.join(os.tmpdir(), 'openconvert-bench');
const seenFolder = process.env.OPENCONVERT_BENCH_FFMPEG_FOLDER ?? folder;
const [ffmpeg, ...ffmpegWords] = (process.env.OPENCONVERT_BENCH_FFMPEG ?? 'ffmpeg').split(' ');
const here = path.dirname(fileURLToPath(import.meta.url));

mkdirSync(folder, { recursive: true });
await makeSource();
const version = ffmpegVersion();
if (version === null) console.log(`no ffmpeg command (${ffmpeg}): only our side is measured`);

const samples = { ours: [], command: [], separate: [] };
for (let pair = 0; pair < pairs; pair += 1) {
  // Who goes first alternates, so that a drift of the machine meets both.
  const sides = pair % 2 === 0 ? ['ours', 'command'] : ['command', 'ours'];
  for (const side of values.separate ? [...sides, 'separate'] : sides) {
    if (side !== 'ours' && version === null) continue;
    samples[side].push(await measureSide(side));
    console.error(`${side} ${pair + 1}/${pairs}: ${JSON.stringify(samples[side].at(-1))}`);
  }
}
report();

async function makeSource() {
  const source = path.join(folder, 'source.mp4');
  const marker = path.join(folder, `source-${settings.seconds}s-crf20.made`);
  if (existsSync(source) && existsSync(marker)) return;
  const { createSample } = await import('../dist/engine/sample.js');
  const { quietLibraryLog } = await import('../dist/engine/library-log.js');
  quietLibraryLog();
  const { writeFileSync } = await import('node:fs');
  await createSample({
    path: source,
    durationSeconds: settings.seconds,
    startTimecode: null,
    rateFactor: 20,
  });
  writeFileSync(marker, '');
}

function ffmpegVersion() {
  const { stdout, status } = spawnSync(ffmpeg, [...ffmpegWords, '-version'], { encoding: 'utf8' });
  return status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
}

async function measureSide(side) {
  if (side === 'ours') {
    const measured = await measureCommand(
      process.execPath,
      [path.join(here, 'ladder-run.mjs'), folder, JSON.stringify(settings)],
      {
        UV_THREADPOOL_SIZE: '16',
      },
    );
    return figures(measured);
  }
  const inFolder = (name) => path.join(seenFolder, name);
  const command = (selected) =>
    measureCommand(ffmpeg, [...ffmpegWords, ...ffmpegArguments(selected, { ...settings, inFolder })]);
  if (side === 'command') return figures(await command(rungs));
  const runs = [];
  for (const rung of rungs) runs.push(await command([rung]));
  return figures({
    wallSeconds: runs.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    cpuSeconds: runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
  });
}

function figures({ wallSeconds, cpuSeconds, peakMiB }) {
  return { wallSeconds: Number(wallSeconds.toFixed(2)), cpuSeconds: Number(cpuSeconds.toFixed(2)), peakMiB };
}

function report() {
  const of = (side, key) =>
    samples[side].length === 0 ? null : median(samples[side].map((sample) => sample[key]));
  const ratio = (side, key) =>
    samples[side].length === 0
      ? null
      : Number(median(samples.ours.map((ours, pair) => ours[key] / samples[side][pair][key])).toFixed(3));
  const sides = {
    ours: 'openconvert',
    command: `ffmpeg ${version}, one command`,
    separate: `ffmpeg ${version}, three commands`,
  };
  console.log(
    `ladder 1080p/720p/360p, ${settings.seconds} s, x264 ${settings.preset}, ${settings.threads} threads each, ${pairs} pairs, ${os.cpus().length} cores`,
  );
  console.log(
    `${'side'.padEnd(34)}${'CPU s'.padStart(8)}${'wall s'.padStart(8)}${'RSS MiB'.padStart(9)}${'our CPU'.padStart(9)}${'our wall'.padStart(10)}`,
  );
  const rows = Object.entries(sides).filter(([side]) => samples[side].length > 0);
  for (const [side, name] of rows) {
    const ratios =
      side === 'ours' ? ['', ''] : [`× ${ratio(side, 'cpuSeconds')}`, `× ${ratio(side, 'wallSeconds')}`];
    console.log(
      `${name.padEnd(34)}${of(side, 'cpuSeconds').toFixed(2).padStart(8)}${of(side, 'wallSeconds').toFixed(2).padStart(8)}` +
        `${String(of(side, 'peakMiB')).padStart(9)}${ratios[0].padStart(9)}${ratios[1].padStart(10)}`,
    );
  }
  const summary = Object.fromEntries(
    rows.map(([side]) => [
      side,
      {
        ...Object.fromEntries(['cpuSeconds', 'wallSeconds', 'peakMiB'].map((key) => [key, of(side, key)])),
        ...(side === 'ours'
          ? {}
          : { ourCpuRatio: ratio(side, 'cpuSeconds'), ourWallRatio: ratio(side, 'wallSeconds') }),
      },
    ]),
  );
  console.log(
    JSON.stringify({
      bench: 'ladder',
      ffmpeg: version,
      ...settings,
      pairs,
      cores: os.cpus().length,
      ...summary,
      samples,
    }),
  );
}
