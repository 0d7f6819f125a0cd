/** Which audio a video output is offered with (spec packaging.md 4.5). */
import type { OutputGroup } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { PlaylistMember } from './group-plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The group ids in a comma list. */
export function groupIdsOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

/** Settings of an output that a finding about audio groups can point at. */
export type AudioGroupSetting = 'audioRenditionSets' | 'audioTrackType';

/**
 * Only audio outputs of the group can be offered with a video. The console writes `program_audio` on every output,
 * also where the sound is in the video's own segments: such names stand for nothing. Of several defaults
 * of one group the first is the one (RFC 8216 4.3.4.1.1). `pointerOf` is the setting of an output, for the notice.
 */
export function withKnownAudioGroups<Member extends PlaylistMember>(
  outputs: readonly Member[],
  pointerOf: (output: Member, key: AudioGroupSetting) => string,
  findings: FindingLog,
): readonly Member[] {
  noteFurtherDefaults(outputs, pointerOf, findings);
  const known = new Set(outputs.flatMap((output) => output.audioGroupId ?? []));
  return outputs.map((output) => {
    const unknown = output.audioRenditionSets?.filter((id) => !known.has(id)) ?? [];
    if (unknown.length === 0) return output;
    findings.notice(
      'no-effect',
      pointerOf(output, 'audioRenditionSets'),
      `no audio output of the group has the audioGroupId ${unknown.join(', ')}`,
    );
    const kept = output.audioRenditionSets?.filter((id) => known.has(id)) ?? [];
    return { ...output, audioRenditionSets: kept.length === 0 ? null : kept };
  });
}

function noteFurtherDefaults<Member extends PlaylistMember>(
  outputs: readonly Member[],
  pointerOf: (output: Member, key: AudioGroupSetting) => string,
  findings: FindingLog,
): void {
  const withDefault = new Set<string>();
  for (const output of outputs) {
    const { audioGroupId, audioTrackType } = output;
    if (audioGroupId === null || audioTrackType !== 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT') continue;
    if (withDefault.has(audioGroupId))
      findings.notice(
        'substituted',
        pointerOf(output, 'audioTrackType'),
        `the audio group ${audioGroupId} has its default already: this one is ALTERNATE_AUDIO_AUTO_SELECT`,
      );
    withDefault.add(audioGroupId);
  }
}

/** Indexes of the outputs without video: their places number the audio groups that have no name. */
export function audioOutputIndexes(group: SettingsReader<OutputGroup>): readonly number[] {
  return group
    .children('outputs')
    .flatMap((output, index) =>
      output.has('videoDescription') || !output.has('audioDescriptions') ? [] : [index],
    );
}
