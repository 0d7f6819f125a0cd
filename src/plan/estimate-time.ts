/** How long a plan takes: the CPU time of decoding and encoding, pass by pass, shared out over the cores. */
import { rationalToNumber } from '../exact-time.ts';
import {
  decodedMegabits,
  decodedMegapixels,
  encodedMegapixels,
  encodersOnOneCore,
  fixedMs,
  fullChromaFactors,
  lookShares,
  soundShare,
  tenBitFactors,
  unknownSpeeds,
  writtenMegabytes,
} from './estimate.table.ts';
import { videoSeconds } from './estimate-bytes.ts';
import { plannedDurationUs } from './input-plan.ts';
import type { EncoderPlan, JobPlan, VideoRendition } from './plan.ts';
import type { ReadInput } from './read-input.ts';

/** Milliseconds of a run of `jobSeconds` that writes `outputBytes`, on so many cores. */
export function expectedWallMs(
  { videoRenditions, audioRenditions }: Pick<JobPlan, 'videoRenditions' | 'audioRenditions'>,
  inputs: readonly ReadInput[],
  { jobSeconds, outputBytes }: { readonly jobSeconds: number; readonly outputBytes: number },
  cores: number,
): number {
  const decoded = videoRenditions.filter(({ encoder }) => encoder.encoder !== 'copy');
  const passes = Math.max(1, ...decoded.map(({ encoder }) => looksOf(encoder) + 1));
  const decoding = decoded.length === 0 ? 0 : passes * decodingSeconds(inputs);
  const encoding = decoded.map((video) => encodingSeconds(video, jobSeconds));
  const writing = outputBytes / 1_000_000 / writtenMegabytes;
  const sound = soundShare * jobSeconds * audioRenditions.length;
  const all = encoding.reduce((sum, seconds) => sum + seconds, decoding + sound + writing);
  const serial = encoding.filter((_, index) => encodersOnOneCore.has(decoded[index]?.encoder.encoder ?? ''));
  return Math.round(fixedMs + 1000 * Math.max(all / cores, ...serial));
}

/** Passes in front of the one that is kept. */
function looksOf({ passes, averageAim }: EncoderPlan): number {
  return passes === 1 ? 0 : (averageAim?.looks ?? 1);
}

/** Time of one, of the pass that is kept. One that finds what a rate control makes of the pictures is like it. */
function lookShare(encoder: EncoderPlan): number {
  if (encoder.averageAim !== undefined) return 1;
  return lookShares[effortKey(encoder)] ?? lookShares[encoder.encoder] ?? 1;
}

function decodingSeconds(inputs: readonly ReadInput[]): number {
  return inputs.reduce((sum, input) => {
    const { video } = input;
    if (video === null || video.isGenerated === true) return sum;
    const { widthPx, heightPx, codec, frameRate, bitrateBps } = video.track;
    const seconds = (plannedDurationUs(input) ?? 0) / 1_000_000;
    const megapixels = (widthPx * heightPx * seconds * rationalToNumber(frameRate ?? usualRate)) / 1_000_000;
    const megabits = (seconds * (bitrateBps ?? 0)) / 1_000_000;
    return (
      sum +
      megapixels / (decodedMegapixels[codec] ?? unknownSpeeds.decoded) +
      megabits / (decodedMegabits[codec] ?? Number.POSITIVE_INFINITY)
    );
  }, 0);
}

const usualRate = { num: 25, den: 1 };

function encodingSeconds(video: VideoRendition, jobSeconds: number): number {
  const { encoder, widthPx, heightPx, frameRate, pixelFormat } = video;
  const frames = videoSeconds(video, jobSeconds) * rationalToNumber(frameRate);
  const megapixels = (widthPx * heightPx * frames) / 1_000_000;
  const factor = sampleFactor(encoder, pixelFormat);
  const passes = 1 + looksOf(encoder) * lookShare(encoder);
  return (passes * factor * megapixels) / (encodedMegapixels[effortKey(encoder)] ?? unknownSpeeds.encoded);
}

/** Rows of the intra classes are of their own samples. */
function sampleFactor({ encoder, options }: EncoderPlan, pixelFormat: string): number {
  if (options['avcintra-class'] !== undefined) return 1;
  const depth = /1[0-9](le|be)$/.test(pixelFormat) ? (tenBitFactors[encoder] ?? 1) : 1;
  return /422|444/.test(pixelFormat) ? depth * (fullChromaFactors[encoder] ?? 1) : depth;
}

/** By what the table of speeds knows an encoder: its name with what says how much it does. */
export function effortKey({ encoder, options }: EncoderPlan): string {
  const intraClass = options['avcintra-class'];
  const effort = [
    ...(intraClass === undefined ? [] : [`class ${intraClass}`]),
    options['preset'] ??
      options['cpu-used'] ??
      options['mbd'] ??
      (encoder === 'prores_ks' ? options['profile'] : undefined),
  ];
  return [encoder, ...effort.filter((one) => one !== undefined)].join(' ');
}
