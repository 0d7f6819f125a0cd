/** The tracks of an output: its video description, its audio descriptions, and what it may not have. */
import type { Output, VideoDescription } from '../contract/types.generated.ts';
import { planAudioDescription } from './audio-rendition.ts';
import type { SegmentRule } from './gop.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import type { NameVariables } from './naming.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoPlace } from './video-encode.ts';
import { planVideoDescription } from './video-rendition.ts';

/** What the container and the group decide about tracks. */
export interface TrackRule {
  readonly container: VideoPlace['container'];
  readonly segment: SegmentRule | null;
  /** `audioDuration` MATCH_VIDEO_DURATION of the container; absent: the sound keeps its length. */
  readonly matchesVideo?: boolean;
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
  const endsWithVideo = rule.matchesVideo === true ? videoRenditionId : null;
  const audio = audioDescriptions.flatMap((settings) => {
    const place = {
      ordinal: scope.nextAudioOrdinal(),
      container: rule.container,
      isStreaming,
      endsWithVideo,
    };
    const drafts = planAudioDescription(settings, scope.audio, place, scope.heAac, scope.findings);
    // What is refused as a whole is not refused a second time in its parts.
    if (drafts.length === 0) scope.refuseBelow(settings.pointer);
    return drafts;
  });
  return {
    video,
    videoRenditionId,
    audio,
    audioRenditionIds: audio.map((draft) => scope.renditions.addAudio(draft)),
  };
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
    videoBitrateBps: video?.nominalBitrateBps ?? 0,
    audioBitrateBps: (tracks?.audio ?? []).reduce((sum, draft) => sum + draft.nominalBitrateBps, 0),
    extension,
  };
}

function planVideo(output: SettingsReader<Output>, rule: TrackRule, scope: JobScope): OutputTracks['video'] {
  const description = output.child('videoDescription');
  const ordinal = scope.nextVideoOrdinal();
  const draft =
    scope.video === null
      ? refuseBlackVideo(description, ordinal, scope)
      : planVideoDescription(description, scope.video, { ordinal, ...rule }, scope.findings);
  if (draft === null) scope.refuseBelow(description.pointer);
  return draft;
}

/** An input without video shows black in the service, when the output says its size and rate (spec inputs.md 12). */
function refuseBlackVideo(
  description: SettingsReader<VideoDescription>,
  video: number,
  scope: JobScope,
): null {
  const codec = description.child('codecSettings');
  const rates = [
    codec.child('h264Settings').read('framerateControl'),
    codec.child('h265Settings').read('framerateControl'),
  ];
  const { findings } = scope;
  // The program or PID that the job chose has no video: that is the reason, and it was given (1020).
  if (findings.hasErrors && findings.findings.some((finding) => 'code' in finding && finding.code === 1020))
    return null;
  if (description.read('width') === undefined && description.read('height') === undefined) {
    findings.jobError(1040, 'no-resolution', { video }, description.pointer);
  } else if (!rates.includes('SPECIFIED')) {
    findings.jobError(1040, 'no-framerate', { video }, description.pointer);
  } else {
    findings.incompatible(
      description.pointer,
      'the input has no video, and black video is not generated yet',
    );
  }
  return null;
}
