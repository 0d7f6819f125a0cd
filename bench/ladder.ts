/**
 * A three-rung H.264 ladder from 1080p: our engine against one `ffmpeg` command with three outputs, and against three
 * commands one after the other. Identical x264 options and threads. Paired runs, medians of the ratios.
 *
 *   npx tsx bench/ladder.ts [--pairs 3] [--seconds 20] [--preset veryfast] [--threads 2] [--no-separate]
 *
 * The command and the folder: see ffmpeg-command.ts.
 *
 * Prints a table and, as the last line, JSON.
 */
import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quietLibraryLog } from '../src/engine/library-log.ts';
import { createSample } from '../src/engine/sample.ts';
import { benchFolder, ffmpegVersion, measureFfmpeg, seenPath } from './ffmpeg-command.ts';
import { ffmpegArguments, ladderPlan, type Rung, rungs } from './ladder-settings.ts';
import { type CommandFigures, measureCommand, median } from './measure-command.ts';

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
const here = path.dirname(fileURLToPath(import.meta.url));

type Side = 'ours' | 'command' | 'separate';

const planPath = path.join(benchFolder, 'plan.json');
writeFileSync(planPath, JSON.stringify(ladderPlan(settings)));
await makeSource();
const version = ffmpegVersion();
if (version === null) console.log(`no ffmpeg command: only our side is measured`);

const samples: Record<Side, CommandFigures[]> = { ours: [], command: [], separate: [] };
for (let pair = 0; pair < pairs; pair += 1) {
  // Who goes first alternates, so that a drift of the machine meets both.
  const sides: readonly Side[] = pair % 2 === 0 ? ['ours', 'command'] : ['command', 'ours'];
  for (const side of values.separate ? [...sides, 'separate' as const] : sides) {
    if (side !== 'ours' && version === null) continue;
    samples[side].push(await measureSide(side));
    console.error(`${side} ${pair + 1}/${pairs}: ${JSON.stringify(samples[side].at(-1))}`);
  }
}
report();

async function makeSource(): Promise<void> {
  const source = path.join(benchFolder, 'source.mp4');
  const marker = path.join(benchFolder, `source-${settings.seconds}s-crf20.made`);
  if (existsSync(source) && existsSync(marker)) return;
  quietLibraryLog();
  await createSample({
    path: source,
    durationSeconds: settings.seconds,
    startTimecode: null,
    rateFactor: 20,
  });
  writeFileSync(marker, '');
}

async function measureSide(side: Side): Promise<CommandFigures> {
  if (side === 'ours') {
    const measured = await measureCommand(
      process.execPath,
      [path.join(here, 'ladder-run.mjs'), benchFolder, planPath],
      {
        UV_THREADPOOL_SIZE: '16',
      },
    );
    return figures(measured);
  }
  const command = (selected: readonly Rung[]) =>
    measureFfmpeg(ffmpegArguments(selected, { ...settings, inFolder: seenPath }));
  if (side === 'command') return figures(await command(rungs));
  const runs: CommandFigures[] = [];
  for (const rung of rungs) runs.push(await command([rung]));
  return figures({
    wallSeconds: runs.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    cpuSeconds: runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
  });
}

function figures({ wallSeconds, cpuSeconds, peakMiB }: CommandFigures): CommandFigures {
  return { wallSeconds: Number(wallSeconds.toFixed(2)), cpuSeconds: Number(cpuSeconds.toFixed(2)), peakMiB };
}

function report(): void {
  const of = (side: Side, key: keyof CommandFigures): number =>
    median(samples[side].map((sample) => sample[key]));
  const ratio = (side: Side, key: keyof CommandFigures): number =>
    Number(
      median(
        samples.ours.map((ours, pair) => ours[key] / (samples[side][pair]?.[key] ?? Number.NaN)),
      ).toFixed(3),
    );
  const sides: Record<Side, string> = {
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
  const rows = (Object.entries(sides) as [Side, string][]).filter(([side]) => samples[side].length > 0);
  for (const [side, name] of rows) {
    const ratios =
      side === 'ours'
        ? (['', ''] as const)
        : ([`× ${ratio(side, 'cpuSeconds')}`, `× ${ratio(side, 'wallSeconds')}`] as const);
    console.log(
      `${name.padEnd(34)}${of(side, 'cpuSeconds').toFixed(2).padStart(8)}${of(side, 'wallSeconds').toFixed(2).padStart(8)}` +
        `${String(of(side, 'peakMiB')).padStart(9)}${ratios[0].padStart(9)}${ratios[1].padStart(10)}`,
    );
  }
  const summary = Object.fromEntries(
    rows.map(([side]) => [
      side,
      {
        ...Object.fromEntries(
          (['cpuSeconds', 'wallSeconds', 'peakMiB'] as const).map((key) => [key, of(side, key)]),
        ),
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
