/**
 * The picture and the CPU time of our encodes against the same library driven plainly: one decoder, one encoder with the
 * preset, rate, buffer and group of the plan and nothing else, in this process too. Pictures are compared at one rate: a
 * library that misses its target is asked for what ours came to, and one that is given a quality for that or a little more.
 *
 * `--parameters` changes our side's x264 or x265 parameters, to see what a choice of the planner costs and gains.
 * `--only` takes the cases of that name, or those whose names have it. `--skip-pictures` measures CPU time alone.
 * `--command` has the plain side encoded by an `ffmpeg` command (see ffmpeg-command.ts), whose start counts too; `--passes 2`
 * gives the other side two passes where the plan has one. `--filmed` takes these files instead of the clip, at 25 pictures a
 * second in half of the size each way, with that share of the rates (a quarter).
 *
 *   npx tsx bench/quality.ts [--seconds 10] [--pairs 5] [--only TEXT] [--parameters b-adapt=1:sao=1] [--command] [--passes 2]
 *                            [--skip-pictures] [--filmed FILE… [--share 0.25]]
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { JobPlan, VideoRendition } from '../src/plan/plan.ts';
import { openEngine } from './engine-bench.ts';
import { median } from './measure-command.ts';
import { encodeByCommand } from './plain-command.ts';
import { encodePlainly, similarityOf } from './plain-encode.ts';
import { type ClipSize, type QualityCase, qualityCases } from './quality-cases.table.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    pairs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    parameters: { type: 'string', default: '' },
    command: { type: 'boolean', default: false },
    passes: { type: 'string', default: '' },
    'skip-pictures': { type: 'boolean', default: false },
    filmed: { type: 'string', multiple: true, default: [] },
    share: { type: 'string', default: '0.25' },
  },
});

/** A rate is met within this, or after so many further encodes; between the last two it is interpolated. */
const rateTolerance = 0.002;
const mostEncodes = 3;

/** Where the encoder has no rate of its own, shares are those of this one. */
const nominalBps = 100_000_000;
/** Containers of the plain side, which writes no MXF. */
const plainContainers: Partial<Record<string, string>> = { MXF: 'mov', RAW: 'h264' };

const bench = await openEngine();
const clips = new Set<string>();
try {
  console.log(
    '| encode | clip | rate, ours | plain | SSIM, ours | plain, at our rate | difference | CPU s, ours | plain | ratio |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  const exact = qualityCases.filter(({ name }) => name === values.only);
  const matching = qualityCases.filter(({ name }) => name.includes(values.only));
  for (const one of exact.length > 0 ? exact : matching) {
    if (values.filmed.length === 0) await tell(one, 'cuts', await cutsOf(one.size));
    for (const file of values.filmed)
      await tell(withShare(one, Number(values.share)), path.basename(file), await filmedClip(file, one.size));
  }
} finally {
  bench.close();
}

async function tell(one: QualityCase, name: string, clip: string): Promise<void> {
  const cells = await measure(one, clip);
  console.log(`| ${one.name} | ${name} | ${cells.join(' | ')} |`);
}

/** The other side's encode. Returns its CPU seconds. */
function encodeOtherwise(...[source, target, rendition]: Parameters<typeof encodePlainly>): Promise<number> {
  return values.command
    ? encodeByCommand(source, target, rendition)
    : cpuSecondsOf(() => encodePlainly(source, target, rendition));
}

/** A filmed clip, in half of a size each way. */
async function filmedClip(file: string, [width, height]: ClipSize): Promise<string> {
  const key = `filmed-${path.parse(file).name}-${height}.mp4`;
  const description = `movie=${file}:loop=0,setpts=N/(25*TB),fps=25,trim=duration=${values.seconds},scale=${width / 2}:${height / 2},setsar=1`;
  if (!clips.has(key)) await bench.makeClip(key, description, 25);
  clips.add(key);
  return key;
}

/** The case with such a share of its rates. */
function withShare(one: QualityCase, share: number): QualityCase {
  const text = JSON.stringify(one.settings, (name, value) =>
    /bitrate$/i.test(name) ? Math.round(share * value) : value,
  );
  return { ...one, settings: JSON.parse(text) as QualityCase['settings'] };
}

/** Motion and cuts: the picture wanders over one of half as much again each way. */
async function cutsOf([width, height]: ClipSize): Promise<string> {
  const key = `clip-${height}.mp4`;
  const [x, y] = [width / 2, height / 2];
  const description = `testsrc2=s=${width + x}x${height + y}:r=25:d=${values.seconds},noise=alls=12:all_seed=5,crop=${width}:${height}:x='mod(floor(t/1.6)*337+t*60\\,${x})':y='mod(floor(t/1.6)*211+t*30\\,${y})'`;
  if (!clips.has(key)) await bench.makeClip(key, description, 25);
  clips.add(key);
  return key;
}

async function measure({ settings, container }: QualityCase, clip: string): Promise<readonly string[]> {
  const source = bench.inputPath(clip);
  const isCapture = settings.codec === 'FRAME_CAPTURE';
  const suffix = plainContainers[container] ?? container.toLowerCase();
  const plan = withParameters(
    await bench.plan(clip, [
      { containerSettings: { container }, videoDescription: { codecSettings: settings } },
    ]),
    values.parameters,
  );
  const [rendition] = plan.videoRenditions;
  if (rendition === undefined) throw new Error('no video');
  const plainRendition = withPasses(rendition, values.passes);
  const plainPath = bench.inputPath(isCapture ? 'plain.%05d.jpg' : `plain.${suffix}`);
  let made = '';
  const taken: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
  const sides = [
    async () => {
      const run = async () => {
        [made = ''] = await bench.run(plan);
      };
      taken.ours.push(await cpuSecondsOf(run));
    },
    async () => {
      taken.plain.push(await encodeOtherwise(source, plainPath, plainRendition));
    },
  ];
  for (let pair = 0; pair < Number(values.pairs); pair += 1) {
    // Who goes first alternates, so that a drift of the machine meets both.
    for (const run of pair % 2 === 0 ? sides : sides.toReversed()) await run();
  }
  const ratios = taken.ours.map((cpu, pair) => cpu / (taken.plain[pair] ?? Number.NaN));
  const cpu = [median(taken.ours), median(taken.plain)].map((seconds) => seconds.toFixed(2));
  if (values['skip-pictures']) return ['', '', '', '', '', ...cpu, median(ratios).toFixed(3)];
  const ours = isCapture ? joinPictures(made, 'captured') : made;
  const theirs = isCapture ? joinPictures(plainPath, 'plain') : plainPath;
  const rates = [rateOf(ours, rendition), rateOf(theirs, rendition)] as const;
  const own = similarityOf(source, ours);
  const plain = await similarityAt(rates[0], source, theirs, plainRendition);
  return [
    ...rates.map((rate) => `${(100 * rate).toFixed(1)} %`),
    own.toFixed(4),
    plain.toFixed(4),
    (own - plain).toFixed(4),
    ...cpu,
    median(ratios).toFixed(3),
  ];
}

/** An encode of the plain side. */
interface Rated {
  readonly rate: number;
  readonly similarity: number;
}

/** How like the source the plain side's pictures are at a rate of which its encode has been near. */
async function similarityAt(
  wanted: number,
  source: string,
  plainPath: string,
  rendition: VideoRendition,
): Promise<number> {
  const { encoder } = rendition;
  const look = (file: string): Rated => ({
    rate: rateOf(file, rendition),
    similarity: similarityOf(source, file),
  });
  let last = look(plainPath);
  let before = last;
  // Pictures of a class, and of one quantizer, have no rate to be asked for.
  const isFixed =
    encoder.options['crf'] === undefined && (encoder.bitrateBps === 0 || encoder.codec === 'VC3');
  if (isFixed) return last.similarity;
  let plan = encoder;
  for (let more = 0; more < mostEncodes && Math.abs(wanted / last.rate - 1) > rateTolerance; more += 1) {
    plan = askedFor(plan, wanted / last.rate);
    const rated = plainPath.replace('plain.', 'rated.');
    await encodeOtherwise(source, rated, { ...rendition, encoder: plan });
    before = last;
    last = look(rated);
  }
  if (before.rate === last.rate) return last.similarity;
  const share = Math.log(wanted / before.rate) / Math.log(last.rate / before.rate);
  return before.similarity + share * (last.similarity - before.similarity);
}

/** The encode asked for a multiple of its rate. */
function askedFor(encoder: VideoRendition['encoder'], times: number): VideoRendition['encoder'] {
  const quality = encoder.options['crf'];
  if (quality !== undefined) {
    // Six steps are half of the rate, about; whole ones are what all encoders know.
    const steps = -6 * Math.log2(times);
    const crf = Number(quality) + Math.sign(steps) * Math.max(1, Math.round(Math.abs(steps)));
    return { ...encoder, options: { ...encoder.options, crf: `${crf}` } };
  }
  const bitrateBps = Math.round(encoder.bitrateBps * times);
  // A constant rate is its own maximum.
  const isConstant = encoder.maxBitrateBps === encoder.bitrateBps;
  return { ...encoder, bitrateBps, ...(isConstant ? { maxBitrateBps: bitrateBps } : {}) };
}

/** A file's rate as a share of what the encoder is asked for. */
function rateOf(file: string, { encoder }: VideoRendition): number {
  const askedBps = encoder.bitrateBps || encoder.maxBitrateBps || nominalBps;
  return (8 * statSync(file).size) / Number(values.seconds) / askedBps;
}

/** Captured pictures, one behind the other; `one` is the name of any of them, or has their counter. */
function joinPictures(one: string, name: string): string {
  const folder = path.dirname(one);
  const begin = path.basename(one).replace(/(?:\d+|%\d+d)\.\w+$/, '');
  const pictures = readdirSync(folder).filter((file) => file.startsWith(begin));
  const joined = bench.inputPath(`${name}.mjpeg`);
  writeFileSync(joined, Buffer.concat(pictures.sort().map((file) => readFileSync(path.join(folder, file)))));
  return joined;
}

/** Of a parameter that comes twice the encoders take the later one. */
function withParameters(plan: JobPlan, parameters: string): JobPlan {
  if (parameters === '') return plan;
  const videoRenditions = plan.videoRenditions.map((video) => {
    const options = Object.fromEntries(
      Object.entries(video.encoder.options).map(([name, value]) => [
        name,
        /^x26[45]-params$/.test(name) ? `${value}:${parameters}` : value,
      ]),
    );
    return { ...video, encoder: { ...video.encoder, options } };
  });
  return { ...plan, videoRenditions };
}

function withPasses(rendition: VideoRendition, passes: string): VideoRendition {
  if (passes === '') return rendition;
  return { ...rendition, encoder: { ...rendition.encoder, passes: passes === '2' ? 2 : 1 } };
}

async function cpuSecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}
