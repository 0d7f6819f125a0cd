/** The input part of a plan: tracks, shared filters, origin and length (spec inputs.md 20; design 5). */
import { equalRational, type Rational, rational, rescaleTicks } from '../exact-time.ts';
import type { InputFacts } from './facts.ts';
import { keepFields } from './field-steps.ts';
import { constantRateStep, followableFrameRate, highestRate } from './frame-rate.ts';
import type { JobScope } from './job-scope.ts';
import { sharedColorSteps } from './other-inputs.ts';
import type { PlannedInput, PlannedVideoSource } from './plan.ts';
import type { ReadInput } from './read-input.ts';
import type { VideoSource } from './video-source.ts';

const microseconds = rational(1, 1_000_000);

/** Plans one input of a job, after all renditions are known. */
export function planInput(input: ReadInput, scope: JobScope, decoderThreads: number): PlannedInput {
  const { facts, location, extras, index, timeline } = input;
  const lengthUs = inputDurationUs(facts);
  const data = scope.signals.tracksReadOf(index);
  return {
    inputIndex: index,
    location,
    demuxer: facts.demuxer,
    demuxerOptions: extras.demuxerOptions,
    video: planVideoSource(input, scope, decoderThreads, lengthUs),
    audio: scope.renditions.audioSourcesOf(index),
    ...(data.length === 0 ? {} : { data }),
    originUs: originUs(input, scope),
    durationUs: plannedDurationUs(input),
    ...(timeline.clips === null ? {} : { clips: timeline.clips }),
    ...(input.decryption === null ? {} : { decryption: input.decryption }),
    ...(input.variants === null ? {} : { variants: input.variants }),
    ...(facts.discontinuities === undefined ? {} : { discontinuities: facts.discontinuities }),
    ...(facts.composition === undefined ? {} : { composition: facts.composition }),
    ...(input.supplements.length === 0 ? {} : { supplements: input.supplements }),
  };
}

function planVideoSource(
  input: ReadInput,
  scope: JobScope,
  decoderThreads: number,
  durationUs: number | null,
): PlannedVideoSource | null {
  const { video, extras, timeline } = input;
  if (video === null || scope.renditions.videos.length === 0) return null;
  // Clips and joints are counted in the input's own frames: rates are converted behind them.
  const isWhole = scope.inputs.length === 1 && timeline.clips === null;
  const frameRate = (isWhole ? sharedRate(scope) : ownRate(video, scope)) ?? rational(25);
  const { isGenerated, padsBlack } = video;
  const { track } = video;
  const steps = [...extras.filters, ...video.filters, ...sharedColorSteps(input, scope)];
  return {
    streamIndex: track.streamIndex,
    decoderThreads,
    sharedFilters: [
      ...keepFields(steps, { hasFields: track.scan !== 'progressive', track }),
      constantRateStep(frameRate),
    ],
    frameRate,
    frameCount: clippedFrames(input) ?? expectedFrames(input, frameRate, durationUs),
    ...(isGenerated === undefined ? {} : { generated: generatedPicture(input, video) }),
    ...(padsBlack === undefined ? {} : { padsBlack }),
  };
}

function generatedPicture(
  { imageLocation }: ReadInput,
  { track: { widthPx, heightPx } }: VideoSource,
): NonNullable<PlannedVideoSource['generated']> {
  return { widthPx, heightPx, imageLocation };
}

function ownRate(video: VideoSource, scope: JobScope): Rational | null {
  // Black that nothing is followed for comes at the rate that the outputs want.
  if (video.isGenerated && video.followedRate === null) return sharedRate(scope);
  return followableFrameRate(video.track) ?? scope.video?.followedRate ?? null;
}

/** Frames of all clips; null without clips, or when one of them runs to an end that is not known. */
function clippedFrames({ timeline }: ReadInput): number | null {
  const counts = timeline.clips?.map(({ firstFrame, lastFrame }) =>
    lastFrame === null ? null : lastFrame + 1 - firstFrame,
  );
  if (counts === undefined || counts.some((count) => count === null)) return null;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/**
 * One conversion for all when every rendition wants the same rate by repeating and dropping, of pictures as they come; else
 * the source's own rate, made constant, from which each branch converts and captures are taken.
 */
function sharedRate(scope: JobScope): Rational | null {
  const drafts = scope.renditions.videos.filter((draft) => !draft.isFrameCapture);
  const followed = scope.video?.followedRate ?? null;
  const rates = drafts.map((draft) => draft.rate.frameRate);
  const first = rates[0];
  const isCommon = first !== undefined && rates.every((rate) => equalRational(rate, first));
  const needsOwnRate = drafts.some(
    (draft) =>
      draft.preparation !== null ||
      (draft.rate.conversion !== 'repeat' &&
        followed !== null &&
        !equalRational(draft.rate.frameRate, followed)),
  );
  const isCaptured = drafts.length < scope.renditions.videos.length;
  const isOtherRate = followed !== null && first !== undefined && !equalRational(first, followed);
  if (isCommon && !needsOwnRate && !(isCaptured && isOtherRate)) return first;
  return followed ?? highestRate(rates);
}

function expectedFrames({ video }: ReadInput, frameRate: Rational, durationUs: number | null): number | null {
  if (video === null) return null;
  const { track } = video;
  const own = followableFrameRate(track);
  const isUnchanged = own !== null && equalRational(frameRate, own);
  if (track.frameCount !== null && isUnchanged && !track.isVariableFrameRate) return track.frameCount;
  const lengthUs =
    track.durationTicks === null
      ? durationUs
      : Number(rescaleTicks(BigInt(track.durationTicks), track.timeBase, microseconds));
  return lengthUs === null ? null : Math.round((lengthUs / 1_000_000) * (frameRate.num / frameRate.den));
}

/** Time 0 of an input is its first video frame, or the first sound where there is no video. */
function originUs({ index, facts, video }: ReadInput, { renditions }: JobScope): number {
  const audioIndexes = new Set(renditions.audioSourcesOf(index).flatMap((source) => source.streamIndexes));
  const audio = facts.audioTracks.filter((track) => audioIndexes.has(track.streamIndex));
  const hasVideo = video !== null && renditions.videos.length > 0;
  // Black fills what the sound is ahead; made pictures begin with whatever there is.
  const anchors =
    !hasVideo || video.isGenerated ? audio : video.padsBlack ? [video.track, ...audio] : [video.track];
  const starts = anchors.flatMap(({ startTicks, timeBase }) =>
    startTicks === null ? [] : [Number(rescaleTicks(BigInt(startTicks), timeBase, microseconds))],
  );
  return starts.length === 0 ? facts.startUs : Math.min(...starts);
}

/** What an input takes on the output timeline; null when a clip runs to an end that is not known. */
export function plannedDurationUs({ facts, timeline }: ReadInput): number | null {
  const whole = inputDurationUs(facts);
  if (timeline.clips === null) return whole;
  return timeline.clips.reduce<number | null>((sum, { firstFrame, lastFrame, frameRate }) => {
    const toUs = (frames: number): number => Math.round((frames * frameRate.den * 1_000_000) / frameRate.num);
    const end = lastFrame === null ? whole : toUs(lastFrame + 1);
    return sum === null || end === null ? null : sum + Math.max(0, end - toUs(firstFrame));
  }, 0);
}

/** What all inputs take together. */
export function jobDurationUs(inputs: readonly ReadInput[]): number | null {
  return inputs.reduce<number | null>((sum, input) => {
    const own = plannedDurationUs(input);
    return sum === null || own === null ? null : sum + own;
  }, 0);
}

/** Length of an input: what the container says, else its longest track; null when neither tells. */
export function inputDurationUs(facts: InputFacts): number | null {
  const tracks = [...facts.videoTracks.filter((track) => !track.isAttachedPicture), ...facts.audioTracks];
  const lengths = tracks.flatMap(({ durationTicks, timeBase }) =>
    durationTicks === null ? [] : [Number(rescaleTicks(BigInt(durationTicks), timeBase, microseconds))],
  );
  return facts.durationUs ?? (lengths.length === 0 ? null : Math.max(...lengths));
}
