/** The input part of a plan: tracks, shared filters, origin and length (spec inputs.md 20; design 5). */
import { equalRational, type Rational, rational, rescaleTicks } from '../exact-time.ts';
import type { InputFacts } from './facts.ts';
import { constantRateStep, highestRate } from './frame-rate.ts';
import type { InputExtras } from './input-settings.ts';
import type { JobScope } from './job-scope.ts';
import type { PlannedInput, PlannedVideoSource } from './plan.ts';

const microseconds = rational(1, 1_000_000);

/** Plans the one input of a job, after all renditions are known. */
export function planInput(
  source: { readonly facts: InputFacts; readonly location: string; readonly extras: InputExtras },
  scope: JobScope,
  decoderThreads: number,
): PlannedInput {
  const { facts, location, extras } = source;
  const durationUs = inputDurationUs(facts);
  return {
    inputIndex: 0,
    location,
    demuxer: facts.demuxer,
    demuxerOptions: extras.demuxerOptions,
    video: planVideoSource(scope, extras, decoderThreads, durationUs),
    audio: scope.renditions.audioSources,
    originUs: originUs(facts, scope),
    durationUs,
  };
}

function planVideoSource(
  scope: JobScope,
  extras: InputExtras,
  decoderThreads: number,
  durationUs: number | null,
): PlannedVideoSource | null {
  const { video } = scope;
  if (video === null || scope.renditions.videos.length === 0) return null;
  const frameRate = sharedRate(scope) ?? rational(25);
  return {
    streamIndex: video.track.streamIndex,
    decoderThreads,
    sharedFilters: [...extras.filters, ...video.filters, constantRateStep(frameRate)],
    frameRate,
    frameCount: expectedFrames(scope, frameRate, durationUs),
  };
}

/**
 * One conversion for all when every rendition wants the same rate by repeating and dropping, of pictures as they come;
 * else the source's own rate, made constant, from which each branch converts.
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
  if (isCommon && !needsOwnRate) return first;
  return followed ?? highestRate(rates);
}

function expectedFrames(scope: JobScope, frameRate: Rational, durationUs: number | null): number | null {
  const track = scope.video?.track;
  if (track === undefined) return null;
  const isUnchanged = scope.video?.followedRate != null && equalRational(frameRate, scope.video.followedRate);
  if (track.frameCount !== null && isUnchanged && !track.isVariableFrameRate) return track.frameCount;
  const lengthUs =
    track.durationTicks === null
      ? durationUs
      : Number(rescaleTicks(BigInt(track.durationTicks), track.timeBase, microseconds));
  return lengthUs === null ? null : Math.round((lengthUs / 1_000_000) * (frameRate.num / frameRate.den));
}

/** Output time 0 is the first video frame, or the first sound where there is no video. */
function originUs(facts: InputFacts, scope: JobScope): number {
  const audioIndexes = new Set(scope.renditions.audioSources.flatMap((source) => source.streamIndexes));
  const audio = facts.audioTracks.filter((track) => audioIndexes.has(track.streamIndex));
  const anchors = scope.video !== null && scope.renditions.videos.length > 0 ? [scope.video.track] : audio;
  const starts = anchors.flatMap(({ startTicks, timeBase }) =>
    startTicks === null ? [] : [Number(rescaleTicks(BigInt(startTicks), timeBase, microseconds))],
  );
  return starts.length === 0 ? facts.startUs : Math.min(...starts);
}

/** Length of an input: what the container says, else its longest track; null when neither tells. */
export function inputDurationUs(facts: InputFacts): number | null {
  const tracks = [...facts.videoTracks.filter((track) => !track.isAttachedPicture), ...facts.audioTracks];
  const lengths = tracks.flatMap(({ durationTicks, timeBase }) =>
    durationTicks === null ? [] : [Number(rescaleTicks(BigInt(durationTicks), timeBase, microseconds))],
  );
  return facts.durationUs ?? (lengths.length === 0 ? null : Math.max(...lengths));
}
