/** The tracks of an output: its video description, its audio descriptions, and what it may not have. */
import type { AudioDescription, Output, VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import { atSpeed } from './audio-speed.ts';
import type { SegmentRule } from './gop.ts';
import type { InputTimeline } from './input-timeline.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import type { NameVariables } from './naming.ts';
import { planJoinedAudio, withOtherVideo } from './other-inputs.ts';
import type { OriginalVideo } from './passthrough.ts';
import type { VideoRendition } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoPlace } from './video-encode.ts';
import { planVideoDescription } from './video-rendition.ts';
import type { VideoSource } from './video-source.ts';

/** What the container and the group decide about tracks. */
export interface TrackRule {
  readonly container: VideoPlace['container'];
  readonly segment: SegmentRule | null;
  /** `audioDuration` MATCH_VIDEO_DURATION of the container; absent: the sound keeps its length. */
  readonly matchesVideo?: boolean;
  /** Video rendition whose end sound without video of its own matches. */
  readonly leadingVideoId?: string | null;
}

const streamingContainers: readonly TrackRule['container'][] = ['CMFC', 'ISMV', 'M3U8', 'MPD'];

/** Plans the tracks; missing ones have a finding. */
export function planOutputTracks(
  output: SettingsReader<Output>,
  rule: TrackRule,
  scope: JobScope,
): OutputTracks {
  const description = output.child('videoDescription');
  const audioDescriptions = output.children('audioDescriptions');
  output.refuse('preset', 'presets are merged before planning, and no preset of this name was found');
  const video = description.isPresent ? planVideo(output, rule, scope) : null;
  const isStreaming = streamingContainers.includes(rule.container);
  const videoRenditionId = video === null ? null : scope.renditions.addVideo(video);
  const endsWithVideo = rule.matchesVideo === true ? (videoRenditionId ?? rule.leadingVideoId ?? null) : null;
  const audio = audioDescriptions.flatMap((settings) => {
    const place = {
      ordinal: scope.nextAudioOrdinal(),
      container: rule.container,
      isStreaming,
      endsWithVideo,
      isWhole: scope.inputs.length === 1 && scope.followed.timeline.clips === null,
    };
    const drafts = planJoinedAudio(settings, place, scope);
    // What is refused as a whole is not refused a second time in its parts.
    if (drafts.length === 0) scope.refuseBelow(settings.pointer);
    if (video?.control !== undefined && drafts.some(({ rendition }) => rendition.encoder.encoder === 'copy'))
      scope.findings.incompatible(
        settings.at('codecSettings'),
        'sound that passes through follows no durationControl',
      );
    return drafts.map((draft) => {
      const played = atSpeed(draft, settings, video);
      if (draft.selected.passesData && played !== draft)
        scope.findings.incompatible(
          settings.at('audioSourceName'),
          'data that passes through (smpte337Passthrough) cannot be played faster or slower',
        );
      return video?.control === undefined
        ? played
        : withExactLength(played, video.control.frames, video.rendition.frameRate);
    });
  });
  if (!description.isPresent && audio.length === 0)
    for (const settings of audioDescriptions) refuseNoTrack(settings, scope);
  return {
    video,
    videoRenditionId,
    audio,
    audioRenditionIds: audio.map((draft) => scope.renditions.addAudio(draft)),
  };
}

/** An output of sound alone whose dynamic selector finds none would be a file of nothing. */
function refuseNoTrack(settings: SettingsReader<AudioDescription>, { audio, findings }: JobScope): void {
  const name = settings.read('audioSourceName') ?? '';
  if (!audio.dynamicNames.has(name) || audio.byName.get(name)?.length !== 0) return;
  findings.incompatible(
    settings.at('audioSourceName'),
    `"${name}" finds no audio track in the first input, and the output has neither pictures nor other sound`,
  );
}

/** Sound as long as some pictures. */
function withExactLength(draft: AudioDraft, frames: number, { num, den }: Rational): AudioDraft {
  const exactSamples = Math.round((frames * den * draft.rendition.sampleRateHz) / num);
  return { ...draft, rendition: { ...draft.rendition, exactSamples } };
}

/** What the identifiers in the names of an output stand for. */
export function nameVariables(
  tracks: OutputTracks | null,
  extension: string,
  scope: JobScope,
): NameVariables {
  const video = tracks?.video ?? null;
  return {
    startTimeMs: scope.startTimeMs,
    firstInputName: scope.firstInputName,
    widthPx: video?.rendition.widthPx ?? 0,
    heightPx: video?.rendition.heightPx ?? 0,
    frameRate: video?.rendition.frameRate ?? null,
    videoBitrateBps: video === null || hasNoRate(video.rendition) ? 0 : video.nominalBitrateBps,
    audioBitrateBps: (tracks?.audio ?? []).reduce((sum, draft) => sum + draft.nominalBitrateBps, 0),
    extension,
  };
}

/** Codecs whose pictures take what they take: names show no rate for them (spec naming.md 5). */
const codecsWithoutRate: readonly string[] = ['PRORES', 'GIF', 'UNCOMPRESSED'];

function hasNoRate({ encoder }: VideoRendition): boolean {
  return codecsWithoutRate.includes(encoder.codec);
}

function planVideo(output: SettingsReader<Output>, rule: TrackRule, scope: JobScope): OutputTracks['video'] {
  const description = output.child('videoDescription');
  const ordinal = scope.nextVideoOrdinal();
  const { durationUs, luts } = scope;
  const sharedPeriod = scope.sharedPeriods.get(description.pointer);
  const segment =
    rule.segment === null || sharedPeriod === undefined ? rule.segment : { ...rule.segment, sharedPeriod };
  const { startTimecode } = scope.timeline;
  const place = { ordinal, ...rule, segment, durationUs, startTimecode, luts };
  if (scope.video === null || (scope.video.isGenerated && !isSelfContained(description, ordinal, scope))) {
    scope.refuseBelow(description.pointer);
    return null;
  }
  const original = originalOf(scope);
  const draft = planVideoDescription(
    description,
    scope.video,
    { ...place, ...(original === null ? {} : { original }) },
    scope.findings,
  );
  if (draft !== null) return withOtherVideo(draft, description, place, scope);
  scope.refuseBelow(description.pointer);
  return null;
}

/** What the job leaves of the followed input as it is. */
function originalOf({ inputs, followed, video }: JobScope): OriginalVideo | null {
  if (video === null) return null;
  return {
    isSingle: inputs.length === 1 && video.isGenerated === undefined && video.padsBlack === undefined,
    clips: followed.timeline.clips?.length ?? 0,
    pictureSeconds: pictureSeconds(video, followed.timeline),
    isChanged: video.filters.length > 0 || followed.extras.filters.length > 0 || video.position !== null,
    demuxer: followed.facts.demuxer,
  };
}

/** What the pictures of the input's first clip last; sound beside them may be longer. */
export function pictureSeconds(
  { track, followedRate }: VideoSource,
  { clips, rate }: InputTimeline,
): number | null {
  const { frameCount, durationTicks, timeBase } = track;
  const whole =
    frameCount !== null && followedRate !== null && !track.isVariableFrameRate
      ? frameCount / rationalToNumber(followedRate)
      : durationTicks === null
        ? null
        : (durationTicks * timeBase.num) / timeBase.den;
  const clip = clips?.[0];
  if (clip === undefined) return whole;
  const { firstFrame, lastFrame } = clip;
  if (lastFrame !== null) return (lastFrame + 1 - firstFrame) / rationalToNumber(rate);
  return whole === null ? null : whole - firstFrame / rationalToNumber(rate);
}

/** Made pictures have no size and rate to follow: the output says both (spec inputs.md 12). */
function isSelfContained(
  description: SettingsReader<VideoDescription>,
  video: number,
  scope: JobScope,
): boolean {
  const { findings } = scope;
  // The program or PID that the job chose has no video: that is the reason, and it was given (1020).
  if (findings.hasErrors && findings.findings.some((finding) => 'code' in finding && finding.code === 1020))
    return false;
  const isSized = description.read('width') !== undefined && description.read('height') !== undefined;
  if (!isSized) findings.jobError(1040, 'no-resolution', { video }, description.pointer);
  const isRated = hasOwnRate(description);
  if (!isRated) findings.jobError(1040, 'no-framerate', { video }, description.pointer);
  return isSized && isRated;
}

/** Codec blocks that follow the source unless told otherwise. */
const followingBlocks = [
  'av1Settings',
  'avcIntraSettings',
  'h264Settings',
  'h265Settings',
  'mpeg2Settings',
  'proresSettings',
  'uncompressedSettings',
  'vc3Settings',
  'vp8Settings',
  'vp9Settings',
  'xavcSettings',
] as const;

/** Frame capture has a rate of its own; other codecs when they specify it. */
function hasOwnRate(description: SettingsReader<VideoDescription>): boolean {
  const codec = description.child('codecSettings');
  const blocks = followingBlocks.map((key) => codec.child(key));
  const present = blocks.filter((block) => block.isPresent);
  return (
    codec.child('frameCaptureSettings').isPresent ||
    present.some(
      (block) =>
        (block as SettingsReader<{ framerateControl?: string }>).read('framerateControl') === 'SPECIFIED',
    )
  );
}
