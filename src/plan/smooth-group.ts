/** MS_SMOOTH_GROUP outputs: PIFF files and their two manifests (spec packaging.md 2, 3, 11). */

import type { MsSmoothGroupSettings, OutputGroup } from '../contract/types.generated.ts';
import { equalRational } from '../exact-time.ts';
import { planAdditionalManifests } from './additional-manifests.ts';
import { readDestinationBase } from './destination.ts';
import { readSmoothEncryption } from './encryption.ts';
import { type FragmentedRule, type PlaylistRole, planFragmentedOutput } from './fragmented-output.ts';
import type { FragmentedOutput, SmoothOutputGroup } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import { readObjectSettings } from './object-settings.ts';
import { agreedSegment } from './segment-agreement.ts';
import { readSmoothSegments } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import { spliceConditions } from './splice-source.ts';

/** There are no playlists: nothing asks what the output is in them. */
const role: PlaylistRole = {
  audioTrackType: null,
  audioGroupId: null,
  audioRenditionSets: null,
  describesVideo: false,
  hasIFrames: false,
  events: null,
};

/** Plans a Smooth group; outputs that cannot be planned are left out, with findings. */
export function planSmoothGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): SmoothOutputGroup {
  const settings = group.child('outputGroupSettings').child('msSmoothGroupSettings');
  const base = readDestinationBase(settings, scope);
  const segment = readSmoothSegments(group);
  const rule: FragmentedRule = {
    container: 'ISMV',
    base,
    segment,
    isSingleFile: true,
    writesPlaylists: false,
    isEncrypted: settings.child('encryption').isPresent,
    // Pictures have key frames at the points of an ESAM document; fragments keep their cadence.
    splices: spliceConditions(group, 0, scope),
  };
  const planned = group
    .children('outputs')
    .flatMap((output, index) => planFragmentedOutput(output, index, rule, role, scope) ?? []);
  const outputs = planned.map(({ output }) => output);
  const seconds = agreedSegment(
    planned.flatMap(({ segmentSeconds }) => segmentSeconds ?? []),
    segment.seconds,
    settings.at('fragmentLengthControl'),
    scope.findings,
  );
  if (!equalRational(seconds, segment.seconds))
    scope.findings.notice(
      'substituted',
      settings.at('fragmentLength'),
      `with GOP_MULTIPLE fragments last whole groups of pictures: ${(seconds.num / seconds.den).toFixed(3)} s`,
    );
  return {
    type: 'MS_SMOOTH_GROUP',
    groupIndex,
    pointer: group.pointer,
    encryption: readSmoothEncryption(settings.child('encryption'), scope.findings),
    objectSettings: readObjectSettings(settings.child('destinationSettings')),
    outputs:
      settings.read('audioDeduplication') === 'COMBINE_DUPLICATE_STREAMS' ? combined(outputs) : outputs,
    // Smooth Streaming knows fragments alone: each is a segment, and all stand in one file.
    segmentSeconds: seconds,
    fragmentSeconds: seconds,
    minFinalSegmentSeconds: 0,
    segmentControl: 'SINGLE_FILE',
    segmentLengthControl: segment.control,
    // Players of PIFF know unsigned offsets and no edit lists: presentations begin as late as the pictures do.
    compositionOffsets: 'shift',
    smooth: readManifests(settings, group, base, scope),
  };
}

/** Equal sounds are one stream: it stays where it comes first, and in files that would be empty without it. */
function combined(outputs: readonly FragmentedOutput[]): readonly FragmentedOutput[] {
  const carried = new Set<string>();
  return outputs.map((output) => {
    const others = output.audioRenditionIds.filter((id) => !carried.has(id));
    const isLeft = output.videoRenditionId !== null || others.length > 0;
    for (const id of output.audioRenditionIds) carried.add(id);
    return isLeft ? { ...output, audioRenditionIds: others } : output;
  });
}

function readManifests(
  settings: SettingsReader<MsSmoothGroupSettings>,
  group: SettingsReader<OutputGroup>,
  base: string,
  scope: JobScope,
): SmoothOutputGroup['smooth'] {
  const additional = planAdditionalManifests(
    settings.children('additionalManifests'),
    group,
    base,
    'ism',
    scope,
  );
  return {
    location: `${base}.ism`,
    clientLocation: clientOf(`${base}.ism`),
    additional: additional.map((manifest) => ({ ...manifest, clientLocation: clientOf(manifest.location) })),
    encoding: settings.read('manifestEncoding') === 'UTF16' ? 'UTF-16' : 'UTF-8',
  };
}

function clientOf(serverLocation: string): string {
  return `${serverLocation}c`;
}
