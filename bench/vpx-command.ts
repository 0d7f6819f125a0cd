/**
 * VP8 and VP9 against the two passes of an `ffmpeg` command, which hands statistics from one to the other as the library's
 * binding does not: the options, threads, rate and buffer of the plan, CPU time of both passes, and pictures at one rate.
 *
 *   npx tsx bench/vpx-command.ts [--seconds 6] [--pairs 3] [--only TEXT] [--filmed FILE…] [--clip NAME]
 *
 * Clips are 1280×720 of motion and cuts at 3 Mb/s; filmed ones are scaled to 640×360 and get 800 kb/s. The command and the
 * folder: see ffmpeg-command.ts.
 */
import { copyFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Output } from '../src/contract/types.generated.ts';
import type { VideoRendition } from '../src/plan/plan.ts';
import { openEngine } from './engine-bench.ts';
import { benchFolder, ffmpegVersion, measureFfmpeg, seenPath } from './ffmpeg-command.ts';
import { median } from './measure-command.ts';
import { similarityOf } from './plain-encode.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    pairs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    filmed: { type: 'string', multiple: true, default: [] },
    clip: { type: 'string', default: '' },
  },
});
const seconds = Number(values.seconds);
const framesPerSecond = 25;
const cuts = `testsrc2=s=1920x1080:r=25:d=${seconds},noise=alls=12:all_seed=5,crop=1280:720:x='mod(floor(t/1.6)*337+t*60\\,640)':y='mod(floor(t/1.6)*211+t*30\\,360)'`;
const filmed = (file: string): string =>
  `movie=${file}:loop=0,setpts=N/(25*TB),fps=25,trim=duration=${seconds},scale=640:360,setsar=1`;
const clips = [
  { name: 'cuts', description: cuts, bitrate: 3_000_000 },
  ...values.filmed.map((file) => ({
    name: path.basename(file),
    description: filmed(file),
    bitrate: 800_000,
  })),
].filter(({ name }) => name.includes(values.clip));

if (ffmpegVersion() === null) throw new Error('there is no ffmpeg command');
const source = path.join(benchFolder, 'vpx-source.mp4');
const bench = await openEngine();
try {
  console.log(
    '| encode | clip | rate, ours | command | SSIM, ours | command, at our rate | difference | CPU s, ours | command | ratio |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  for (const clip of clips) {
    await bench.makeClip('clip.mp4', clip.description, framesPerSecond);
    copyFileSync(bench.inputPath('clip.mp4'), source);
    for (const codec of ['VP8', 'VP9'] as const)
      for (const level of ['MULTI_PASS', 'MULTI_PASS_HQ'] as const)
        if (`${codec} ${level}`.includes(values.only)) await compare(codec, level, clip);
  }
} finally {
  bench.close();
}

async function compare(
  codec: 'VP8' | 'VP9',
  qualityTuningLevel: 'MULTI_PASS' | 'MULTI_PASS_HQ',
  { name, bitrate }: (typeof clips)[number],
): Promise<void> {
  const settings = { bitrate, qualityTuningLevel };
  const output: Output = {
    containerSettings: { container: 'WEBM' },
    videoDescription: {
      codecSettings: codec === 'VP8' ? { codec, vp8Settings: settings } : { codec, vp9Settings: settings },
    },
  };
  const plan = await bench.plan('clip.mp4', [output]);
  const [rendition] = plan.videoRenditions;
  if (rendition === undefined) throw new Error('no video');
  const made = path.join(benchFolder, 'vpx-command.webm');
  const taken: Record<'ours' | 'command', number[]> = { ours: [], command: [] };
  let ours = '';
  for (let pair = 0; pair < Number(values.pairs); pair += 1) {
    const sides = [
      async () => {
        const before = process.cpuUsage();
        [ours = ''] = await bench.run(plan);
        const { user, system } = process.cpuUsage(before);
        taken.ours.push((user + system) / 1_000_000);
      },
      async () => void taken.command.push(await runCommand(rendition, bitrate)),
    ];
    // Who goes first alternates, so that a drift of the machine meets both.
    for (const run of pair % 2 === 0 ? sides : sides.reverse()) await run();
  }
  const rateOf = (file: string): number => (statSync(file).size * 8) / seconds / bitrate;
  const rates = [rateOf(ours), rateOf(made)] as const;
  await runCommand(rendition, Math.round((bitrate * rates[0]) / rates[1]));
  const pictures = [similarityOf(source, ours), similarityOf(source, made)] as const;
  const ratios = taken.ours.map((cpu, pair) => cpu / (taken.command[pair] ?? Number.NaN));
  const cells = [
    `${codec} ${qualityTuningLevel}`,
    name,
    ...rates.map((rate) => `${(100 * rate).toFixed(1)} %`),
    ...pictures.map((picture) => picture.toFixed(4)),
    (pictures[0] - pictures[1]).toFixed(4),
    median(taken.ours).toFixed(1),
    median(taken.command).toFixed(1),
    median(ratios).toFixed(3),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** CPU seconds of both passes. Pictures ahead and alternate references, which two passes have, are the command's own. */
async function runCommand({ encoder }: VideoRendition, bitrateBps: number): Promise<number> {
  const { deadline, 'cpu-used': effort, 'row-mt': rowThreads } = encoder.options;
  const common = ['-hide_banner', '-loglevel', 'error', '-y', '-i', seenPath('vpx-source.mp4'), '-an'];
  const coding = [
    ...['-c:v', encoder.encoder, '-b:v', `${bitrateBps}`, '-g', `${encoder.gopSizeFrames}`],
    ...['-threads', `${encoder.threads}`, '-deadline', `${deadline}`, '-cpu-used', `${effort}`],
    ...(rowThreads === undefined ? [] : ['-row-mt', rowThreads]),
    ...['-auto-alt-ref', '1', '-lag-in-frames', '25', '-passlogfile', seenPath('vpx-pass')],
  ];
  const first = await measureFfmpeg([...common, ...coding, '-pass', '1', '-f', 'null', '-']);
  const second = await measureFfmpeg([...common, ...coding, '-pass', '2', seenPath('vpx-command.webm')]);
  return first.cpuSeconds + second.cpuSeconds;
}
