/** Divides the cores among what runs at the same time (design 5): one decoder and all encoders. */
import { rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan, VideoRendition } from './plan.ts';
import type { VideoSource } from './video-source.ts';

/** Threads of everything that runs at the same time. */
export interface ThreadBudget {
  readonly decoderThreads: number;
  /** By rendition id. */
  readonly encoderThreads: ReadonlyMap<string, number>;
}

/**
 * Encoders overlap with each other, the decoder and the scaler, so a core and a half of threads per core keeps the
 * cores busy without the waste of more (x264's own rule for a single encode). Threads are shared out by the pixels
 * a rendition codes in a second, at least one each: on two cores a 1080p–720p–360p ladder gets 2, 1 and 1.
 */
const threadsPerCore = 1.5;

/** Frame threads beyond this cost memory and quality without speed (x264 gives up on more at 1080p). */
const mostEncoderThreads = 16;
const mostDecoderThreads = 8;
/** With one thread the encoder of MPEG-2 begins with too small a buffer for stuffing: a still 352×288 at 20 Mb/s fails. */
const leastStuffingThreads = 2;

/** Shares out `cores`; every encoder and the decoder get at least one thread. */
export function planThreads(
  source: VideoSource | null,
  videos: readonly VideoRendition[],
  cores: number,
): ThreadBudget {
  const loads = videos.map(codingLoad);
  const total = loads.reduce((sum, load) => sum + load, 0);
  const budget = cores * threadsPerCore;
  const encoderThreads = new Map(
    videos.map((video, index) => {
      const share = total === 0 ? 0 : (loads[index] ?? 0) / total;
      return [video.id, clamp(Math.round(budget * share), 1, mostEncoderThreads)];
    }),
  );
  return { decoderThreads: decoderThreads(source, total, cores), encoderThreads };
}

/** Sets the threads of a rendition in the encoder's own terms. */
export function withThreads(video: VideoRendition, budget: ThreadBudget): VideoRendition {
  const threads = budget.encoderThreads.get(video.id) ?? 1;
  const { encoder } = video;
  if (encoder.encoder === 'libx264') return { ...video, encoder: withRowTolerance({ ...encoder, threads }) };
  if (encoder.encoder === 'mpeg2video' && encoder.options['minrate'] !== undefined)
    return { ...video, encoder: { ...encoder, threads: Math.max(leastStuffingThreads, threads) } };
  if (encoder.encoder !== 'libx265') return { ...video, encoder: { ...encoder, threads } };
  // x265 counts workers in a pool, which wait for one another: more of them than cores cost CPU time and save none.
  // Its frame threads follow from the context's thread count.
  const workers = Math.max(1, Math.round(threads / threadsPerCore));
  const parameters = `${encoder.options['x265-params'] ?? ''}:pools=${workers}`;
  const frameThreads = Math.max(1, Math.min(4, Math.floor(threads / 2)));
  return {
    ...video,
    encoder: {
      ...encoder,
      threads: frameThreads,
      options: { ...encoder.options, 'x265-params': parameters },
    },
  };
}

/**
 * x264 lets rows of a picture take more than was planned for it, by a tolerance that it divides by its threads
 * (`ratecontrol.c`, `x264_ratecontrol_mb`). Another condition keeps the buffer, and pictures of new scenes starve, the more
 * so the more cores a machine has. Where a buffer bounds a quality or a constant rate (which alone tells of a buffer), the
 * tolerance is multiplied by the threads again: six seconds of cuts that a maximum bounds have SSIM 0.907 with three threads,
 * 0.926 with one. In other modes the tolerance is that of the average, and two passes of a constant rate (XAVC) need none.
 */
function withRowTolerance(encoder: EncoderPlan): EncoderPlan {
  const { options, threads, gopSizeFrames, passes } = encoder;
  const parameters = options['x264-params'] ?? '';
  const isBounded = options['crf'] !== undefined || parameters.includes('nal-hrd=');
  if (threads === 1 || gopSizeFrames === 1 || passes === 2 || !isBounded) return encoder;
  return { ...encoder, options: { ...options, 'x264-params': `${parameters}:ratetol=${threads}` } };
}

/** Decoding is light beside encoding as much as it decodes: one thread keeps up, more would only take turns. */
function decoderThreads(source: VideoSource | null, encodedLoad: number, cores: number): number {
  if (source === null) return 1;
  const rate = source.followedRate === null ? 25 : rationalToNumber(source.followedRate);
  const decodedLoad = source.track.widthPx * source.track.heightPx * rate;
  const isEncodingBound = encodedLoad * 2 >= decodedLoad;
  return clamp(isEncodingBound ? Math.floor(cores / 2) : cores, 1, mostDecoderThreads);
}

/** Pixels coded in a second. */
function codingLoad(video: VideoRendition): number {
  return video.widthPx * video.heightPx * rationalToNumber(video.frameRate);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
