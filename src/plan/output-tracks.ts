/** The tracks of an output: its video description, its audio descriptions, and what it may not have. */
import type { Output } from '../contract/types.generated.ts';
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
}

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
  const isStreaming = rule.container === 'M3U8';
  const audio = audioDescriptions.flatMap((settings) =>
    planAudioDescription(
      settings,
      scope.audio,
      { ordinal: scope.nextAudioOrdinal(), isRaw: rule.container === 'RAW', isStreaming },
      scope.heAac,
      scope.findings,
    ),
  );
  return {
    video,
    videoRenditionId: video === null ? null : scope.renditions.addVideo(video),
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
  if (scope.video === null) {
    // An input without video shows black in the service; here it is refused (spec inputs.md 12).
    scope.findings.incompatible(
      description.pointer,
      'the input has no video, and black video is not generated yet',
    );
    return null;
  }
  return planVideoDescription(description, scope.video, { ordinal, ...rule }, scope.findings);
}
