/** Predicts what a plan costs (design 5): memory bounds the engine child, the rest is told by `check`. */
import { rationalToNumber } from '../exact-time.ts';
import { pictureHoldUs } from '../signals/signal-timeline.ts';
import {
  type EstimatedDrafts,
  type ExpectedObject,
  type ExpectedRates,
  expectedObjects,
  expectedRates,
} from './estimate-bytes.ts';
import { expectedWallMs } from './estimate-time.ts';
import { jobDurationUs } from './input-plan.ts';
import type { Estimate, JobPlan, VideoRendition } from './plan.ts';
import type { ReadInput } from './read-input.ts';
import type { VideoDraft } from './video-rendition.ts';

const mebibyte = 1024 * 1024;

/** Libraries loaded, JavaScript heap, IO buffers (measured: 72 MB loaded, design D2). */
const baseBytes = 112 * mebibyte;

/** Pictures between decoder and encoders: decoder references and reorder buffer, edges, scaler. */
const decodedPicturesHeld = 24;
const branchPicturesHeld = 10;

/** What an encoder keeps beside the pictures that wait for it. */
interface EncoderMemory {
  /** Pictures' worth of memory for each that it holds. */
  readonly pictureFactor: number;
  readonly picturesPerThread: number;
  readonly fixedBytes: number;
}

const usualMemory: EncoderMemory = { pictureFactor: 2, picturesPerThread: 3, fixedBytes: 16 * mebibyte };

/**
 * x264 and x265 keep padded and half-size planes, motion vectors and costs beside each picture they look at, and three
 * pictures per thread. Measured on 150 frames of 1080p: x264 240 MB (veryfast, 1 thread), 452 MB (medium, 1), 561 MB
 * (medium, 4), 601 MB (slow, 2); x265 374 MB (superfast, 2), 502 MB (fast, 2), each with about 30 MB that do not grow.
 * The engine with x264 veryfast, 3 threads, 125 frames of 720p: 271 MiB.
 *
 * Of SVT-AV1 `codingFramesHeld` counts everything (`heldPictures` in av1.ts). The engine's highest resident MiB with 3 threads over
 * 90 to 125 frames, beside what is estimated: QVBR 320×180 150 (193), 1280×720 336 (408), 1920×1080 539 (695), and 541 (624) of a
 * source of 320×180; CBR 1280×720 219 (269), 1920×1080 325 (384). With 12 threads the encoder took no more than with 3.
 */
const encoderMemory: Readonly<Record<string, EncoderMemory>> = {
  libx264: { ...usualMemory, pictureFactor: 3 },
  libx265: { ...usualMemory, pictureFactor: 5.2 },
  mjpeg: { ...usualMemory, pictureFactor: 1.5 },
  // Every picture on its own: 2160p in 10 bits of 4:2:2 took 695 MiB with 3 threads (876).
  'libx264 intra': { ...usualMemory, pictureFactor: 1.6, picturesPerThread: 2 },
  libsvtav1: { pictureFactor: 1, picturesPerThread: 0, fixedBytes: 70 * mebibyte },
};
/**
 * SVT-AV1 starts some 43 threads whatever it is told, 58 where it models grain, each with a stack of 8 MiB that it hardly
 * touches (measured: eight encoders of 320 × 180 with 344 threads, 844 MB in all).
 */
const av1StackBytes = 60 * 8 * mebibyte;

/** What the estimate needs of a plan that is otherwise ready. */
export type EstimatedPlan = Omit<JobPlan, 'estimate' | 'planVersion'>;

/** Predicts memory, scratch, wall time and size; what depends on an unknown length is null. */
export function estimatePlan(
  plan: EstimatedPlan,
  inputs: readonly ReadInput[],
  drafts: EstimatedDrafts,
  cores: number,
): Estimate {
  const durationUs = jobDurationUs(inputs);
  const seconds = durationUs === null ? null : durationUs / 1_000_000;
  const rates = expectedRates(plan, drafts, inputs);
  const objects = seconds === null ? null : expectedObjects(plan, rates, seconds);
  const outputBytes = objects === null ? null : sumOf(objects);
  const statisticsBytes = plan.videoRenditions.some((video) => video.encoder.passes === 2)
    ? 64 * mebibyte
    : 0;
  const av1Encoders = plan.videoRenditions.filter(isAv1).length;
  return {
    ...(av1Encoders === 0 ? {} : { stackBytes: av1Encoders * av1StackBytes }),
    memoryBytes: Math.round(
      baseBytes +
        // Inputs are read one after another.
        Math.max(
          0,
          ...inputs.map(
            (input) => sourceBytes(plan, input) + motionBytes(plan, input) + waitingBytes(plan, input),
          ),
        ) +
        plan.videoRenditions.reduce((sum, video) => sum + renditionBytes(video, drafts.videos), 0) +
        plan.videoRenditions.reduce((sum, video) => sum + lookedBytes(video, seconds), 0) +
        segmentBytes(plan, rates, seconds),
    ),
    scratchBytes: sumOf(objects?.filter(({ needsScratch }) => needsScratch)) + statisticsBytes,
    wallMs:
      seconds === null
        ? null
        : expectedWallMs(plan, inputs, { jobSeconds: seconds, outputBytes: outputBytes ?? 0 }, cores),
    outputBytes,
  };
}

function sumOf(objects: readonly ExpectedObject[] = []): number {
  return Math.round(objects.reduce((sum, { bytes }) => sum + bytes, 0));
}

function isAv1({ encoder }: VideoRendition): boolean {
  return encoder.encoder === 'libsvtav1';
}

function sourceBytes(plan: EstimatedPlan, { index, video: source }: ReadInput): number {
  if (source === null) return 0;
  const threads = plan.inputs[index]?.video?.decoderThreads ?? 1;
  return (
    (decodedPicturesHeld + threads) *
    pictureBytes(source.track.widthPx, source.track.heightPx, source.track.pixelFormat)
  );
}

/** Of a track that does not tell its rate: what contributions to broadcasts have. */
const untoldBps = 50_000_000;

/** Coded pictures wait for the signals of their time where those of the input are taken along. */
function waitingBytes({ inputs, signals }: EstimatedPlan, { index, video }: ReadInput): number {
  if (signals === undefined || video === null || (inputs[index]?.data ?? []).length === 0) return 0;
  return ((video.track.bitrateBps ?? untoldBps) * pictureHoldUs) / 8_000_000;
}

/**
 * The search for motion between pictures keeps 292 bytes of every pixel (vectors, weights and references of 32 predictions;
 * FFmpeg `vf_minterpolate.c`), and a few pictures. The engine with it and x264 veryfast, 15 pictures: 822 MiB at 1080p, 225 with
 * blending.
 */
const motionBytesPerPixel = 320;

function motionBytes({ videoRenditions }: EstimatedPlan, { index, video }: ReadInput): number {
  if (video === null) return 0;
  const { widthPx, heightPx } = video.track;
  const searching = videoRenditions.filter(({ inputIndex, filters, otherInputs }) => {
    const own = otherInputs?.find((other) => other.inputIndex === index)?.filters;
    return (own ?? (inputIndex === index ? filters : [])).some(({ name }) => name === 'minterpolate');
  });
  return searching.length * widthPx * heightPx * motionBytesPerPixel;
}

function renditionBytes(video: VideoRendition, drafts: readonly VideoDraft[]): number {
  const { encoder } = video;
  // Packets that go out as they came in.
  if (encoder.encoder === 'copy') return 0;
  const held = drafts.find((draft) => draft.rendition.id === video.id)?.codingFramesHeld ?? 10;
  const name = encoder.gopSizeFrames === 1 ? `${encoder.encoder} intra` : encoder.encoder;
  const memory = encoderMemory[name] ?? encoderMemory[encoder.encoder] ?? usualMemory;
  const { pictureFactor, picturesPerThread, fixedBytes } = memory;
  const picture = pictureBytes(video.widthPx, video.heightPx, video.pixelFormat);
  const pictures = branchPicturesHeld + pictureFactor * (held + picturesPerThread * encoder.threads);
  return fixedBytes + picture * pictures;
}

/** What a look finds of each picture, and what is expected of it by that: numbers, in lists that double while they grow. */
const lookedBytesPerPicture = 2 * 16;
/** Complexity, kind and place of each, and what is planned by them: numbers in seven lists. */
const allocatedBytesPerPicture = 7 * 16;

function lookedBytes({ encoder, frameRate }: VideoRendition, jobSeconds: number | null): number {
  const ofQuantizers = encoder.quantizers === undefined ? 0 : lookedBytesPerPicture;
  const ofAllocation = encoder.allocation === undefined ? 0 : allocatedBytesPerPicture;
  return Math.ceil((jobSeconds ?? 0) * rationalToNumber(frameRate)) * (ofQuantizers + ofAllocation);
}

/** A segment of fragmented MP4 is in memory until it is stored: one in the making, one on its way into the store. */
const segmentsHeld = 2;

function segmentBytes(
  { outputGroups, videoRenditions, audioRenditions }: EstimatedPlan,
  expected: ExpectedRates,
  jobSeconds: number | null,
): number {
  const rates = new Map(
    [...videoRenditions, ...audioRenditions].map(({ id, encoder }) => [
      id,
      Math.max(encoder.maxBitrateBps, expected.get(id) ?? 0),
    ]),
  );
  return outputGroups.reduce((sum, group) => {
    if (group.type === 'FILE_GROUP' || group.type === 'HLS_GROUP') return sum;
    const ids = group.outputs.flatMap(({ videoRenditionId, audioRenditionIds }) => [
      videoRenditionId ?? '',
      ...audioRenditionIds,
    ]);
    const bytesPerSecond = ids.reduce((bits, id) => bits + (rates.get(id) ?? 0), 0) / 8;
    return (
      sum +
      segmentsHeld * bytesPerSecond * Math.min(rationalToNumber(group.segmentSeconds), jobSeconds ?? Infinity)
    );
  }, 0);
}

/** Bytes of a picture from the size and the pixel format's name; formats not told apart count as 4:4:4. */
function pictureBytes(widthPx: number, heightPx: number, pixelFormat: string): number {
  const samples = /420|nv12/.test(pixelFormat)
    ? 1.5
    : /422/.test(pixelFormat)
      ? 2
      : /rgba|argb|bgra|444.*a/.test(pixelFormat)
        ? 4
        : 3;
  const bytes = /(9|10|12|14|16)(le|be)$|48|64/.test(pixelFormat) ? 2 : 1;
  return widthPx * heightPx * samples * bytes;
}
