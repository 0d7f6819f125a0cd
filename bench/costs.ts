/**
 * What runs of all encoders take beside what their plans say they would (`estimate`): CPU seconds by the pixels of a pass,
 * memory, bytes. Each case is a process of its own; the source is 8-bit H.264 of motion and cuts, with stereo AAC left out.
 *
 * The table of src/plan/estimate.table.ts is read from the column `Mpx a core second`: decoding, which `reading alone`
 * measures, is taken off.
 *
 * `--reading` measures the decoding of what the cases make instead.
 *
 *   npx tsx bench/costs.ts [--seconds 3] [--size 1280x720] [--cores 2] [--only TEXT] [--reading]
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { captureLibraryLog } from '../src/engine/library-log.ts';
import { rationalToNumber } from '../src/exact-time.ts';
import type { JobPlan } from '../src/plan/plan.ts';
import { costCases } from './cost-cases.table.ts';
import { encodeClip, openEngine } from './engine-bench.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1280x720' },
    cores: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    /** Measures the decoding of what the cases make. */
    reading: { type: 'boolean', default: false },
    /** Of the process that runs one case. */
    case: { type: 'string' },
    clip: { type: 'string', default: '' },
    keep: { type: 'string', default: '' },
  },
});

interface CaseFigures {
  readonly encoder: string;
  readonly threads: number;
  readonly megapixels: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Beyond what the process had before the run. */
  readonly grownMiB: number;
  readonly bytes: number;
  readonly estimate: JobPlan['estimate'];
}

const framesPerSecond = 25;
if (values.case === undefined) await compareAll();
else process.stdout.write(JSON.stringify(await runCase(values.case, values.clip)));

async function compareAll(): Promise<void> {
  captureLibraryLog();
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-costs-'));
  try {
    const clip = path.join(folder, 'clip.mp4');
    const [width = 0, height = 0] = values.size.split('x').map(Number);
    const moving = `testsrc2=s=${width * 1.5}x${height * 1.5}:r=${framesPerSecond}:d=${values.seconds},noise=alls=12:all_seed=5`;
    const window = `crop=${width}:${height}:x='mod(floor(t/1.6)*337+t*60\\,${width / 2})':y='mod(floor(t/1.6)*211+t*30\\,${height / 2})'`;
    await encodeClip(clip, `${moving},${window}`, framesPerSecond);
    console.log(
      '| case | encoder | threads | CPU s | predicted | Mpx a core second | CPU ÷ wall | grown MiB | predicted MiB | bytes | predicted |\n|---|---|---|---|---|---|---|---|---|---|---|',
    );
    const reading = await measure('reading alone', clip);
    report('reading alone', reading, 0);
    for (const { name } of costCases) {
      if (name === 'reading alone' || !name.includes(values.only)) continue;
      const kept = path.join(folder, 'made');
      const figures = await measure(name, clip, kept);
      if (values.reading) report(`reading ${name}`, await measure('reading alone', kept), 0);
      else report(name, figures, reading.cpuSeconds);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(name: string, clip: string, keep = ''): Promise<CaseFigures> {
  const args = [...process.execArgv, process.argv[1] ?? '', '--case', name, '--clip', clip, '--keep', keep];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--cores', values.cores]);
  return JSON.parse(stdout) as CaseFigures;
}

function report(name: string, figures: CaseFigures, readingSeconds: number): void {
  const { encoder, threads, megapixels, cpuSeconds, wallSeconds, grownMiB, bytes, estimate } = figures;
  const predictedSeconds = ((estimate.wallMs ?? 0) * Number(values.cores)) / 1000;
  const cells = [
    name,
    encoder,
    threads,
    cpuSeconds.toFixed(2),
    predictedSeconds.toFixed(2),
    (megapixels / (cpuSeconds - readingSeconds)).toFixed(1),
    (cpuSeconds / wallSeconds).toFixed(2),
    grownMiB.toFixed(0),
    (estimate.memoryBytes / 2 ** 20).toFixed(0),
    bytes,
    estimate.outputBytes,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function runCase(name: string, clip: string): Promise<CaseFigures> {
  const known = costCases.find((one) => one.name === name);
  if (known === undefined) throw new Error(name);
  const bench = await openEngine(Number(values.cores));
  try {
    copyFileSync(clip, bench.inputPath('clip.mp4'));
    const plan = await bench.plan('clip.mp4', [known.output]);
    const [video] = plan.videoRenditions;
    if (video === undefined) throw new Error('no video');
    const { encoder, options, threads, passes, gopSizeFrames } = video.encoder;
    const effort = options['preset'] ?? options['cpu-used'] ?? options['mbd'] ?? '';
    const startedAt = performance.now();
    const before = process.cpuUsage();
    const residentBytes = process.memoryUsage.rss();
    const files = await bench.run(plan);
    const { user, system } = process.cpuUsage(before);
    if (values.keep !== '') copyFileSync(files[0] ?? '', values.keep);
    const seconds = (plan.inputs[0]?.durationUs ?? 0) / 1_000_000;
    // What is read alone is read at the rate of the clip.
    const codedRate = Math.max(framesPerSecond, rationalToNumber(video.frameRate));
    return {
      encoder: `${encoder} ${effort}${gopSizeFrames === 1 ? ' intra' : ''} ×${passes} (${video.pixelFormat})`,
      threads,
      megapixels: (video.widthPx * video.heightPx * seconds * codedRate) / 1_000_000,
      cpuSeconds: (user + system) / 1_000_000,
      wallSeconds: (performance.now() - startedAt) / 1000,
      grownMiB: process.resourceUsage().maxRSS / 1024 - residentBytes / 2 ** 20,
      bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
      estimate: plan.estimate,
    };
  } finally {
    bench.close();
  }
}
