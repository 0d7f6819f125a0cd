/** HLS_GROUP outputs: transport stream segments and playlists (spec packaging.md 2–5, containers.md 8). */

import type { HlsGroupSettings, OutputGroup } from '../contract/types.generated.ts';
import { equalRational, type Rational } from '../exact-time.ts';
import { readProgramDateTime } from './hls-dates.ts';
import { planHlsOutput } from './hls-output.ts';
import { type HlsGroupRule, readHlsGroupRule } from './hls-rule.ts';
import type { JobScope } from './job-scope.ts';
import { resolveIdentifiers } from './naming.ts';
import { readObjectSettings } from './object-settings.ts';
import { nameVariables } from './output-tracks.ts';
import type { HlsOutput, HlsOutputGroup } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Plans an HLS group; outputs that cannot be planned are left out, with findings. */
export function planHlsGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): HlsOutputGroup {
  const settings = group.child('outputGroupSettings').child('hlsGroupSettings');
  declareWithoutEffect(settings);
  refuseFeatures(settings);
  const rule = readHlsGroupRule(settings, group, scope);
  const planned = group.children('outputs').map((output, index) => planHlsOutput(output, index, rule, scope));
  const outputs = withKnownAudioGroups(
    planned.flatMap((output) => output?.output ?? []),
    group,
    scope,
  );
  const segmentSeconds = commonSegment(
    planned.flatMap((output) => output?.segmentSeconds ?? []),
    rule,
    settings,
    scope,
  );
  return {
    type: 'HLS_GROUP',
    groupIndex,
    pointer: group.pointer,
    objectSettings: readObjectSettings(settings.child('destinationSettings'), scope.findings),
    outputs,
    multivariant: { location: rule.writesPlaylists ? `${rule.base}.m3u8` : null },
    segmentSeconds,
    minFinalSegmentSeconds: settings.read('minFinalSegmentLength') ?? 0,
    segmentControl: rule.isSingleFile ? 'SINGLE_FILE' : 'SEGMENTED_FILES',
    segmentLengthControl: rule.segment.control,
    durationFormat: settings.read('manifestDurationFormat') ?? 'FLOATING_POINT',
    targetDurationMode: settings.read('targetDurationCompatibilityMode') ?? 'LEGACY',
    clientCacheDisabled: settings.read('clientCache') === 'DISABLED',
    codecSpecification: settings.read('codecSpecification') ?? 'RFC_4281',
    includeResolution: settings.read('streamInfResolution') !== 'EXCLUDE',
    closedCaptionsNone: settings.read('captionLanguageSetting') === 'NONE',
    ...readProgramDateTime(settings, scope),
    gzipManifests: settings.read('manifestCompression') === 'GZIP',
    progressiveManifests: settings.read('progressiveWriteHlsManifest') !== 'DISABLED',
    baseUrl: settings.read('baseUrl') ?? '',
    additionalManifests: planAdditionalManifests(settings, group, rule, scope),
  };
}

/** All renditions cut at the same times (spec packaging.md 3.6): with GOP_MULTIPLE their groups must agree. */
function commonSegment(
  lengths: readonly Rational[],
  rule: HlsGroupRule,
  settings: SettingsReader<HlsGroupSettings>,
  scope: JobScope,
): Rational {
  const first = lengths[0];
  if (first === undefined) return rule.segment.seconds;
  if (lengths.some((length) => !equalRational(length, first))) {
    const written = [...new Set(lengths.map((length) => (length.num / length.den).toFixed(3)))].join(', ');
    scope.findings.incompatible(
      settings.at('segmentLengthControl'),
      `with GOP_MULTIPLE the outputs would cut at different times (${written} s): give them one GOP length`,
    );
  }
  return first;
}

/**
 * Only audio outputs of the group can be offered with a video. The console writes `program_audio` on every output,
 * also where the sound is in the video's own segments: such names stand for nothing.
 */
function withKnownAudioGroups(
  outputs: readonly HlsOutput[],
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): readonly HlsOutput[] {
  const known = new Set(outputs.flatMap((output) => output.audioGroupId ?? []));
  return outputs.map((output) => {
    const unknown = output.audioRenditionSets?.filter((id) => !known.has(id)) ?? [];
    if (unknown.length === 0) return output;
    const pointer = group
      .children('outputs')
      [output.outputIndex]?.child('outputSettings')
      .child('hlsSettings')
      .at('audioRenditionSets');
    scope.findings.notice(
      'no-effect',
      pointer ?? output.pointer,
      `no audio output of the group has the audioGroupId ${unknown.join(', ')}`,
    );
    const kept = output.audioRenditionSets?.filter((id) => known.has(id)) ?? [];
    return { ...output, audioRenditionSets: kept.length === 0 ? null : kept };
  });
}

/** Further multivariant playlists over some of the outputs (spec packaging.md 7). */
function planAdditionalManifests(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  rule: HlsGroupRule,
  scope: JobScope,
): HlsOutputGroup['additionalManifests'] {
  const modifiers = group.children('outputs').map((output) => output.read('nameModifier') ?? '');
  return settings.children('additionalManifests').map((manifest) => {
    const modifier = manifest.require('manifestNameModifier') ?? '';
    const outputIndexes = (manifest.read('selectedOutputs') ?? []).map((name) => modifiers.indexOf(name));
    const variables = nameVariables(null, 'm3u8', scope);
    return {
      location: `${rule.base}${resolveIdentifiers(modifier, 'nameModifier', variables)}.m3u8`,
      outputIndexes,
    };
  });
}

function declareWithoutEffect(settings: SettingsReader<HlsGroupSettings>): void {
  const captions = 'no output of this release carries captions';
  settings.postponed('captionLanguageMappings', captions);
  settings.postponed('captionSegmentLengthControl', captions, ['LARGE_SEGMENTS']);
  settings.postponed('adMarkers', 'markers come from SCTE-35 messages, which no output carries');
  settings.postponed('minSegmentLength', 'it shapes segments near ad avails, and there are none', [0]);
  const id3 = 'timed metadata is written with timedMetadata PASSTHROUGH only';
  settings.postponed('timedMetadataId3Frame', id3, ['PRIV', 'NONE']);
  settings.postponed('timedMetadataId3Period', id3, [10]);
}

function refuseFeatures(settings: SettingsReader<HlsGroupSettings>): void {
  settings.accept(
    'segmentLengthControl',
    ['EXACT', 'GOP_MULTIPLE'],
    'segments are not matched to audio frames',
  );
  settings.accept('captionLanguageSetting', ['OMIT', 'NONE'], 'no output of this release carries captions');
  if (settings.accept('imageBasedTrickPlay', ['NONE'], 'image playlists are not written yet')) {
    settings.postponed('imageBasedTrickPlaySettings', 'imageBasedTrickPlay is NONE');
    settings.postponed('imageBasedTrickPlayVariants', 'imageBasedTrickPlay is NONE');
  }
}
