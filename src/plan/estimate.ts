/** Predicts what a plan costs (design 5): memory bounds the engine child, the rest is told by `check`. */
import { rationalToNumber } from '../exact-time.ts';
import { jobDurationUs } from './input-plan.ts';
import type { Estimate, JobPlan, VideoRendition } from './plan.ts';
import type { ReadInput } from './read-input.ts';
import type { VideoDraft } from './video-rendition.ts';

/** Libraries loaded, JavaScript heap, IO buffers (measured: 72 MB loaded, design D2). */
const baseBytes = 112 * 1024 * 1024;

/** Pictures between decoder and encoders: decoder references and reorder buffer, edges, scaler. */
const decodedPicturesHeld = 24;
const branchPicturesHeld = 10;

/**
 * x264 and x265 keep padded and half-size planes, motion vectors and costs beside each picture they look at, and three
 * pictures per thread. Measured on 150 frames of 1080p: x264 240 MB (veryfast, 1 thread), 452 MB (medium, 1), 561 MB
 * (medium, 4), 601 MB (slow, 2); x265 374 MB (superfast, 2), 502 MB (fast, 2), each with about 30 MB that do not grow.
 */
const encoderPictureFactor = { libx264: 2.8, libx265: 5.2, mjpeg: 1.5 } as const;
/**
 * SVT-AV1 starts some 43 threads whatever it is told, each with a stack of 8 MiB that it hardly touches, and takes 87 MB for pictures
 * of 320 x 180 (measured: eight encoders, 344 threads, 844 MB).
 */
const av1StackBytes = 48 * 8 * 1024 * 1024;
const av1FixedBytes = 96 * 1024 * 1024;
const picturesPerThread = 3;
const encoderFixedBytes = 16 * 1024 * 1024;

/** Encoded pixels per core and second, by preset, in millions (2020s x86 core; bench/ refines it). */
const megapixelsPerCoreSecond: Readonly<Record<string, number>> = {
  'libx264 veryfast': 130,
  'libx264 medium': 42,
  'libx264 slow': 24,
  'libx265 superfast': 45,
  'libx265 fast': 18,
  'libx265 slow': 4,
};

/** What the estimate needs of a plan that is otherwise ready. */
export type EstimatedPlan = Omit<JobPlan, 'estimate' | 'planVersion'>;

/** Predicts memory, scratch, wall time and size; what depends on an unknown length is null. */
export function estimatePlan(
  plan: EstimatedPlan,
  inputs: readonly ReadInput[],
  drafts: readonly VideoDraft[],
  cores: number,
): Estimate {
  const durationUs = jobDurationUs(inputs);
  const seconds = durationUs === null ? null : durationUs / 1_000_000;
  const outputBytes = seconds === null ? null : Math.round(seconds * bytesPerSecond(plan));
  const needsScratch = plan.outputGroups.some((group) => {
    if (group.type === 'FILE_GROUP') return group.outputs.some((output) => output.needsScratch);
    // An index in front of all fragments is written when they are done.
    return group.type !== 'HLS_GROUP' && group.segmentControl === 'SINGLE_FILE';
  });
  const statisticsBytes = plan.videoRenditions.some((video) => video.encoder.passes === 2)
    ? 64 * 1024 * 1024
    : 0;
  const av1Encoders = plan.videoRenditions.filter(isAv1).length;
  return {
    ...(av1Encoders === 0 ? {} : { stackBytes: av1Encoders * av1StackBytes }),
    memoryBytes: Math.round(
      baseBytes +
        // Inputs are read one after another.
        Math.max(0, ...inputs.map((input) => sourceBytes(plan, input))) +
        plan.videoRenditions.reduce((sum, video) => sum + renditionBytes(video, drafts), 0) +
        segmentBytes(plan, seconds),
    ),
    scratchBytes: (needsScratch ? (outputBytes ?? 0) : 0) + statisticsBytes,
    wallMs: seconds === null ? null : Math.round((1000 * seconds * coreSecondsPerSecond(plan)) / cores),
    outputBytes,
  };
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

function renditionBytes(video: VideoRendition, drafts: readonly VideoDraft[]): number {
  const held = drafts.find((draft) => draft.rendition.id === video.id)?.codingFramesHeld ?? 10;
  const factor = encoderPictureFactor[video.encoder.encoder as keyof typeof encoderPictureFactor] ?? 2;
  const picture = pictureBytes(video.widthPx, video.heightPx, video.pixelFormat);
  const pictures = branchPicturesHeld + factor * (held + picturesPerThread * video.encoder.threads);
  return (isAv1(video) ? av1FixedBytes : encoderFixedBytes) + picture * pictures;
}

/** A segment of fragmented MP4 is in memory until it is stored: one in the making, one on its way into the store. */
const segmentsHeld = 2;

function segmentBytes(
  { outputGroups, videoRenditions, audioRenditions }: EstimatedPlan,
  jobSeconds: number | null,
): number {
  const rates = new Map(
    [...videoRenditions, ...audioRenditions].map(({ id, encoder }) => [
      id,
      Math.max(encoder.maxBitrateBps, encoder.bitrateBps),
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

/** Containers add about 3 % (transport stream packets, indexes). */
function bytesPerSecond(plan: EstimatedPlan): number {
  const rates = new Map<string, number>();
  for (const video of plan.videoRenditions) rates.set(video.id, expectedVideoBps(video));
  for (const audio of plan.audioRenditions) rates.set(audio.id, audio.encoder.bitrateBps || 128_000);
  const outputs = plan.outputGroups.flatMap((group) =>
    group.outputs.flatMap((output) => [output.videoRenditionId ?? '', ...output.audioRenditionIds]),
  );
  return (outputs.reduce((sum, id) => sum + (rates.get(id) ?? 0), 0) / 8) * 1.03;
}

/** QVBR stays below its peak most of the time. */
function expectedVideoBps(video: VideoRendition): number {
  if (video.encoder.encoder === 'mjpeg')
    return video.widthPx * video.heightPx * rationalToNumber(video.frameRate) * 1.5;
  return video.encoder.bitrateBps || video.encoder.maxBitrateBps * 0.6;
}

function coreSecondsPerSecond(plan: EstimatedPlan): number {
  return plan.videoRenditions.reduce((sum, video) => {
    const pixels = video.widthPx * video.heightPx * rationalToNumber(video.frameRate);
    const speed = megapixelsPerCoreSecond[`${video.encoder.encoder} ${video.encoder.options.preset}`] ?? 200;
    const passes = video.encoder.passes - 1 + (video.encoder.averageAim?.looks ?? 1);
    return sum + (passes * pixels) / (speed * 1_000_000);
  }, 0.02);
}
