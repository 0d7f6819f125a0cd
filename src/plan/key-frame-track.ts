/** A track of key frames alone for fast playback in DASH (spec packaging.md 8.3). */
import type { DashIsoGroupSettings } from '../contract/types.generated.ts';
import { fragmentNames } from './fragment-names.ts';
import type { PlannedFragmentedOutput } from './fragmented-output.ts';
import type { KeyFrameTrack } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import { nameVariables } from './output-tracks.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The track of the group's first output with video, when the group asks for one. `base` is the group's name. */
export function planKeyFrameTrack(
  settings: SettingsReader<Pick<DashIsoGroupSettings, 'dashIFrameTrickPlayNameModifier'>>,
  leader: PlannedFragmentedOutput | null,
  base: string,
  writesMpd: boolean,
  scope: JobScope,
): KeyFrameTrack {
  const key = 'dashIFrameTrickPlayNameModifier';
  if (!writesMpd || leader?.video == null) {
    settings.withoutEffect(key, writesMpd ? 'the group has no video' : 'no MPD is written');
    return {};
  }
  const modifier = settings.read(key) ?? '';
  if (modifier === '') return {};
  const { output, video } = leader;
  const tracks = { video, videoRenditionId: output.videoRenditionId, audio: [], audioRenditionIds: [] };
  const { initLocation, segmentLocation } = fragmentNames(modifier, nameVariables(tracks, 'mpd', scope), {
    base,
    extension: output.segmentLocation.slice(output.segmentLocation.lastIndexOf('.') + 1),
    isSingleFile: output.initLocation === null,
  });
  // Event messages stand in the track itself.
  const { events: _events, ...own } = output;
  return {
    keyFrameTrack: {
      ...own,
      audioRenditionIds: [],
      playlistLocation: null,
      iFramePlaylistLocation: null,
      initLocation,
      segmentLocation,
      isKeyFramesOnly: true,
    },
  };
}
