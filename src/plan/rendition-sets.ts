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

/**
 * Only audio outputs of the group can be offered with a video. The console writes `program_audio` on every output,
 * also where the sound is in the video's own segments: such names stand for nothing. `pointerOf` is the setting of an
 * output, for the notice.
 */
export function withKnownAudioGroups<Member extends PlaylistMember>(
  outputs: readonly Member[],
  pointerOf: (output: Member) => string,
  findings: FindingLog,
): readonly Member[] {
  const known = new Set(outputs.flatMap((output) => output.audioGroupId ?? []));
  return outputs.map((output) => {
    const unknown = output.audioRenditionSets?.filter((id) => !known.has(id)) ?? [];
    if (unknown.length === 0) return output;
    findings.notice(
      'no-effect',
      pointerOf(output),
      `no audio output of the group has the audioGroupId ${unknown.join(', ')}`,
    );
    const kept = output.audioRenditionSets?.filter((id) => known.has(id)) ?? [];
    return { ...output, audioRenditionSets: kept.length === 0 ? null : kept };
  });
}

/** Indexes of the outputs without video: their places number the audio groups that have no name. */
export function audioOutputIndexes(group: SettingsReader<OutputGroup>): readonly number[] {
  return group
    .children('outputs')
    .flatMap((output, index) =>
      output.has('videoDescription') || !output.has('audioDescriptions') ? [] : [index],
    );
}
