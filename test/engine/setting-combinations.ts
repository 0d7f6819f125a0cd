/**
 * Combinations of encoder settings at random, from a seed to a finished file that is read back. A combination that the
 * planner accepts must run: what fails in the encoder or the muxer should have been refused by name before.
 */
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';
import { validateRelations } from '../../src/contract/relations.ts';
import type { ContainerType, JobSettings, Output } from '../../src/contract/types.generated.ts';
import { validateRequest } from '../../src/contract/validate.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { probeFile } from '../probe/objects.ts';
import { type ClipRecipe, makeClip } from '../probe/tiny-media.ts';
import { pick, type Random, randomBlock, seeded } from './random-settings.ts';
import { type SourceName, type Subject, sources, subjects } from './setting-subjects.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** What became of one seed. */
export interface Trial {
  /** `refused`: the planner said no. `fine`: it ran, and the file is what was asked for. */
  readonly outcome: 'refused' | 'fine' | 'failed';
  /** Why it failed or was refused. */
  readonly reason: string;
  /** The output, so that anyone can repeat it. */
  readonly output: Output;
  readonly source: SourceName;
}

export interface Combinations {
  /** Plans and runs the combination of a seed. */
  attempt(subject: string, seed: number): Promise<Trial>;
  close(): void;
}

/** Makes the sources as they are wanted. The caller closes. */
export function openCombinations(): Combinations {
  const workshop = openWorkshop();
  const facts = new Map<SourceName, Promise<InputFacts>>();
  const probed = (source: SourceName): Promise<InputFacts> => {
    const known = facts.get(source) ?? probeSource(workshop, source);
    facts.set(source, known);
    return known;
  };
  return {
    async attempt(name, seed) {
      const subject = subjects[name];
      if (subject === undefined) throw new Error(`no subject ${name}`);
      const random = seeded(seed);
      const source = pick(random, subject.sources);
      const drawn = drawOutput(random, subject);
      const { plan, output, reason } = planMended(drawn, await probed(source), source, `${name}-${seed}`);
      if (plan === null) return { outcome: 'refused', reason, output, source };
      const failure = await runAndRead(workshop, plan, output, source);
      return { outcome: failure === null ? 'fine' : 'failed', reason: failure ?? '', output, source };
    },
    close: () => workshop.close(),
  };
}

async function probeSource(workshop: Workshop, name: SourceName): Promise<InputFacts> {
  const recipe: ClipRecipe = sources[name];
  makeClip(workshop.inputPath(`${name}.mov`), recipe);
  return { ...(await probeFile(workshop.inputPath(`${name}.mov`))), location: `s3://inputs/${name}.mov` };
}

function drawOutput(random: Random, subject: Subject): Output {
  const container: ContainerType = pick(random, subject.containers);
  const share = pick(random, [0.15, 0.35, 0.6]);
  const codecSettings = {
    codec: subject.codec,
    [subject.block]: {
      ...subject.draw(random),
      ...randomBlock(random, subject.structure, share, subject.without),
    },
  };
  const description = subject.describe(random);
  const isSound = subject.kind === 'audio';
  return {
    containerSettings: { container },
    ...(isSound
      ? { audioDescriptions: [{ ...description, codecSettings }] }
      : { videoDescription: { ...description, codecSettings } }),
  } as Output;
}

interface PlannedTrial {
  readonly plan: JobPlan | null;
  readonly output: Output;
  readonly reason: string;
}

/** Members that an error names are taken away until the rest is legal, or nothing is left to take. */
function planMended(drawn: Output, facts: InputFacts, source: SourceName, name: string): PlannedTrial {
  const output = structuredClone(drawn);
  for (let round = 0; ; round += 1) {
    const settings = settingsOf(output, source, name);
    const invalid = [...validateRequest('JobSettings', settings), ...validateRelations(settings)];
    const result =
      invalid.length > 0
        ? null
        : planJob({
            settings,
            facts: [facts],
            capacity: { cores: 2, memoryBytes: 4_000_000_000 },
            job: { startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
          });
    const errors =
      invalid.length > 0 ? invalid : (result?.findings ?? []).filter(({ severity }) => severity === 'error');
    if (result !== null && result.plan !== null && errors.length === 0)
      return { plan: result.plan, output, reason: '' };
    const reason = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n');
    if (round === 12 || !errors.some(({ pointer }) => take(output, pointer)))
      return { plan: null, output, reason };
  }
}

/** Takes the member away that a pointer names; false when it is not one of the drawn ones. */
function take(output: Output, pointer: string): boolean {
  const steps = pointer.split('/').slice(5);
  if (steps.length < 3) return false;
  let holder: unknown = output;
  for (const step of steps.slice(0, -1)) holder = (holder as Record<string, unknown> | undefined)?.[step];
  const last = steps.at(-1) ?? '';
  if (typeof holder !== 'object' || holder === null || !(last in holder) || last === 'codec') return false;
  if (last === 'codecSettings' || last.endsWith('Settings')) return false;
  if (Array.isArray(holder)) return take(output, pointer.slice(0, pointer.lastIndexOf('/')));
  return delete (holder as Record<string, unknown>)[last];
}

function settingsOf(output: Output, source: SourceName, name: string): JobSettings {
  const isCapture = output.videoDescription?.codecSettings?.codec === 'FRAME_CAPTURE';
  return {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: [
      {
        fileInput: `s3://inputs/${source}.mov`,
        timecodeSource: 'ZEROBASED',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
      },
    ],
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/${name}` },
        },
        outputs: isCapture ? [{ ...output, nameModifier: '-pictures' }, besideCaptures] : [output],
      },
    ],
  };
}

/** Captures alone are no job. */
const besideCaptures: Output = {
  nameModifier: '-film',
  containerSettings: { container: 'MP4' },
  videoDescription: {
    width: 64,
    height: 64,
    codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'CBR', bitrate: 100_000 } },
  },
};

/** Null when the files are what was asked for. */
async function runAndRead(
  workshop: Workshop,
  plan: JobPlan,
  output: Output,
  source: SourceName,
): Promise<string | null> {
  try {
    const { groups } = await workshop.run(plan, { byPath: true });
    const made = groups[0]?.outputs[0];
    const paths = (made?.locations ?? []).map((location) =>
      workshop.outputPath(location.replace('s3://outputs/', '')),
    );
    if (made === undefined || paths.length === 0) return 'no file was made';
    return output.videoDescription === undefined
      ? soundDefect(plan, paths)
      : pictureDefect(plan, output, source, paths);
  } catch (error) {
    const { message, detail, stack } = error as { message: string; detail?: string; stack: string };
    return `${message}\n${detail ?? stack}`;
  }
}

function pictureDefect(
  plan: JobPlan,
  output: Output,
  source: SourceName,
  paths: readonly string[],
): string | null {
  const { videoDescription: video } = output;
  const codec = video?.codecSettings?.codec;
  const { frames: clipFrames, frameRate, size } = sources[source].video as NonNullable<ClipRecipe['video']>;
  const rendition = plan.videoRenditions[0];
  if (rendition === undefined) return 'no rendition';
  const read = paths.map((path) => readBack(path, AVMEDIA_TYPE_VIDEO));
  const broken = read.find(({ defect }) => defect !== null);
  if (broken !== undefined) return broken.defect;
  const [width, height] = [video?.width ?? size?.widthPx, video?.height ?? size?.heightPx];
  if (read.some((one) => one.width !== rendition.widthPx || one.height !== rendition.heightPx))
    return `${read[0]?.width}x${read[0]?.height} instead of ${rendition.widthPx}x${rendition.heightPx}`;
  const followsSize = video?.width === undefined || video.height === undefined;
  if (!followsSize && (rendition.widthPx !== width || rendition.heightPx !== height))
    return `planned ${rendition.widthPx}x${rendition.heightPx} instead of ${width}x${height}`;
  const frames = read.reduce((sum, one) => sum + one.frames, 0);
  if (codec === 'FRAME_CAPTURE') return frames >= 1 ? null : 'no captures';
  const block = Object.entries(video?.codecSettings ?? {}).find(([name]) => name.endsWith('Settings'))?.[1] as
    | { readonly slowPal?: string; readonly telecine?: string }
    | undefined;
  if (block?.telecine === 'SOFT') return frames >= 1 ? null : 'no frames';
  const seconds = (clipFrames * frameRate[1]) / frameRate[0];
  const rate = rendition.frameRate.num / rendition.frameRate.den;
  const least = block?.slowPal === 'ENABLED' ? Math.min(clipFrames, seconds * rate) : seconds * rate;
  const most = block?.slowPal === 'ENABLED' ? Math.max(clipFrames, seconds * rate) : seconds * rate;
  return frames < least - 1 || frames > most + 1 ? `${frames} frames instead of ${least.toFixed(2)}` : null;
}

function soundDefect(plan: JobPlan, paths: readonly string[]): string | null {
  const rendition = plan.audioRenditions[0];
  if (rendition === undefined) return 'no rendition';
  const read = readBack(paths[0] ?? '', AVMEDIA_TYPE_AUDIO);
  if (read.defect !== null) return read.defect;
  // The decoder of Opus gives 48 kHz whatever was encoded.
  const seconds = read.frames / read.sampleRateHz;
  return Math.abs(seconds - soundSeconds) > 0.08
    ? `${seconds.toFixed(3)} s instead of ${soundSeconds}`
    : null;
}

/** Length of the sound of all sources that sound codecs are tried on. */
export const soundSeconds = 0.6;

interface ReadBack {
  /** Pictures, or samples of a channel. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly sampleRateHz: number;
  readonly defect: string | null;
}

function readBack(path: string, kind: typeof AVMEDIA_TYPE_VIDEO | typeof AVMEDIA_TYPE_AUDIO): ReadBack {
  const seen = { frames: 0, width: 0, height: 0, sampleRateHz: 0, defect: null as string | null };
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    return { ...seen, defect: `${path} does not open` };
  const stream = context.streams.find(({ codecpar }) => codecpar.codecType === kind);
  const codec = stream === undefined ? null : Codec.findDecoder(stream.codecpar.codecId);
  if (stream === undefined || codec === null) {
    context.closeInputSync();
    return { ...seen, defect: `${path} has no track that decodes` };
  }
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  if (decoder.open2Sync(codec, null) < 0) seen.defect = `the decoder of ${codec.name} does not open`;
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  const drain = (): void => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      seen.frames += kind === AVMEDIA_TYPE_VIDEO ? 1 : frame.nbSamples;
      if (kind === AVMEDIA_TYPE_VIDEO) Object.assign(seen, { width: frame.width, height: frame.height });
      else seen.sampleRateHz = frame.sampleRate;
      frame.unref();
    }
  };
  while (seen.defect === null && context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      if (decoder.sendPacketSync(packet) < 0) seen.defect = `a packet of ${codec.name} does not decode`;
      drain();
    }
    packet.unref();
  }
  if (seen.defect === null) {
    decoder.sendPacketSync(null);
    drain();
  }
  decoder.freeContext();
  packet.free();
  frame.free();
  context.closeInputSync();
  return seen;
}
