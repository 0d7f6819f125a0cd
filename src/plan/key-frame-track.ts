/** A track of key frames alone for fast playback in DASH (spec packaging.md 8.3). */
import type { DashIsoGroupSettings } from '../contract/types.generated.ts';
import type { PlannedFragmentedOutput } from './fragmented-output.ts';
import type { KeyFrameTrack } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import { resolveIdentifiers } from './naming.ts';
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
  const stem = `${base}${resolveIdentifiers(modifier, 'nameModifier', nameVariables(tracks, 'mpd', scope))}`;
  const extension = output.segmentLocation.slice(output.segmentLocation.lastIndexOf('.'));
  const isSingleFile = output.initLocation === null;
  // Event messages stand in the track itself.
  const { events: _events, ...own } = output;
  return {
    keyFrameTrack: {
      ...own,
      audioRenditionIds: [],
      playlistLocation: null,
      iFramePlaylistLocation: null,
      initLocation: isSingleFile ? null : `${stem}init${extension}`,
      segmentLocation: isSingleFile ? `${stem}${extension}` : `${stem}_%09d${extension}`,
      isKeyFramesOnly: true,
    },
  };
}
