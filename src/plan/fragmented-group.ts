/** What CMAF and DASH groups decide alike: segments, outputs, trick play (spec packaging.md 2, 3, 8). */
import type {
  CmafGroupSettings,
  DashIsoGroupSettings,
  Output,
  OutputGroup,
} from '../contract/types.generated.ts';
import { readDestinationBase } from './destination.ts';
import { type FragmentedRule, type PlaylistRole, planFragmentedOutput } from './fragmented-output.ts';
import type { DashOutputGroup } from './group-plan.ts';
import { planImageTracks } from './image-tracks.ts';
import type { JobScope } from './job-scope.ts';
import { planKeyFrameTrack } from './key-frame-track.ts';
import { planLedOutputs } from './led-outputs.ts';
import { readCompositionOffsets } from './mpd-rules.ts';
import { readObjectSettings } from './object-settings.ts';
import { checkReorderDelays } from './reorder-delay.ts';
import { agreedSegment } from './segment-agreement.ts';
import type { FragmentedSegmentRule } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readFragmentSplices } from './splice-source.ts';

/** What both groups have, by name and by value. */
export type FragmentedGroupSettings = Pick<
  CmafGroupSettings,
  keyof CmafGroupSettings & keyof DashIsoGroupSettings
>;

/** In what the two differ. */
export interface FragmentedGroupRule {
  readonly container: FragmentedRule['container'];
  readonly segment: FragmentedSegmentRule;
  readonly writesPlaylists: boolean;
  readonly writesMpd: boolean;
  readonly isEncrypted: boolean;
  /** How an output stands in playlists and what events it carries, read from its own container's block. */
  readonly roleOf: (output: SettingsReader<Output>, outputIndex: number) => PlaylistRole;
}

/** A group planned, but for what its own type says. `base` is its name without extension. */
export interface FragmentedGroupDraft {
  readonly base: string;
  readonly plan: Omit<DashOutputGroup, 'type' | 'encryption' | 'mpd'>;
}

/** Plans the group; outputs that cannot be planned are left out, with findings. */
export function planFragmentedGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  settings: SettingsReader<FragmentedGroupSettings>,
  { writesMpd, roleOf, ...ownRule }: FragmentedGroupRule,
  scope: JobScope,
): FragmentedGroupDraft {
  const isSingleFile = settings.read('segmentControl') === 'SINGLE_FILE';
  const base = readDestinationBase(settings, scope);
  const splices = readFragmentSplices(settings, group, scope);
  const rule: FragmentedRule = { ...ownRule, base, isSingleFile, splices };
  const planned = planLedOutputs(group.children('outputs'), (output, index, leadingVideoId) =>
    planFragmentedOutput(output, index, { ...rule, leadingVideoId }, roleOf(output, index), scope),
  );
  const segmentSeconds = agreedSegment(
    planned.flatMap((each) => each.segmentSeconds ?? []),
    ownRule.segment.seconds,
    settings.at('segmentLengthControl'),
    scope.findings,
  );
  const leader = planned.find(({ video }) => video !== null) ?? null;
  const { writesPlaylists, segment } = ownRule;
  const compositionOffsets = readCompositionOffsets(settings);
  if (writesPlaylists && compositionOffsets === 'shift') {
    checkReorderDelays(
      planned.flatMap(({ video }) => video?.rendition ?? []),
      settings.at('ptsOffsetHandlingForBFrames'),
      scope.findings,
    );
  }
  const images = planImageTracks(
    settings,
    { base, writesPlaylists, segmentSeconds, leader: leader?.video ?? null },
    scope,
  );
  return {
    base,
    plan: {
      groupIndex,
      pointer: group.pointer,
      ...(images.length === 0 ? {} : { images }),
      ...planKeyFrameTrack(settings, leader, base, writesMpd, scope),
      objectSettings: readObjectSettings(settings.child('destinationSettings')),
      outputs: planned.map(({ output }) => output),
      segmentSeconds,
      minFinalSegmentSeconds: settings.read('minFinalSegmentLength') ?? 0,
      segmentControl: isSingleFile ? 'SINGLE_FILE' : 'SEGMENTED_FILES',
      segmentLengthControl: segment.control,
      ...(splices === null ? {} : { splices }),
      fragmentSeconds: segment.fragment,
      compositionOffsets,
    },
  };
}
