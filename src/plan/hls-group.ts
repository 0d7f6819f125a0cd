/** HLS_GROUP outputs: transport stream segments and playlists (spec packaging.md 2–5, containers.md 8). */

import type { HlsGroupSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { equalRational, type Rational, rational } from '../exact-time.ts';
import { readDestinationBase } from './destination.ts';
import type { SegmentRule } from './gop.ts';
import { readProgramDateTime } from './hls-dates.ts';
import { planHlsOutput } from './hls-output.ts';
import type { JobScope } from './job-scope.ts';
import { resolveIdentifiers } from './naming.ts';
import { readObjectSettings } from './object-settings.ts';
import { nameVariables } from './output-tracks.ts';
import type { HlsOutput, HlsOutputGroup } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the outputs of a group take from it. */
export interface HlsGroupRule {
  readonly base: string;
  readonly segment: SegmentRule;
  readonly isSingleFile: boolean;
  readonly writesPlaylists: boolean;
  readonly usesSubdirectories: boolean;
  /** Folder of the segments below that of the stream, with its slash; '' for none. */
  readonly segmentFolder: string;
  readonly timedId3Header: boolean;
  readonly timestampDeltaMs: number;
  /** Audio group ids that some video output names in `audioRenditionSets`. */
  readonly namedAudioGroups: ReadonlySet<string>;
  /** Indexes of the outputs without video: their places number the audio groups that have no name. */
  readonly audioOutputs: readonly number[];
}

const defaultSegmentSeconds = 10;

/** Plans an HLS group; outputs that cannot be planned are left out, with findings. */
export function planHlsGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): HlsOutputGroup {
  const settings = group.child('outputGroupSettings').child('hlsGroupSettings');
  declareWithoutEffect(settings);
  refuseFeatures(settings);
  const rule = readRule(settings, group, scope);
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

function readRule(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): HlsGroupRule {
  const control = settings.read('segmentLengthControl') === 'GOP_MULTIPLE' ? 'GOP_MULTIPLE' : 'EXACT';
  const usesSubdirectories = settings.read('directoryStructure') === 'SUBDIRECTORY_PER_STREAM';
  const seconds = settings.read('segmentLength') ?? defaultSegmentSeconds;
  return {
    base: readDestinationBase(settings, scope),
    segment: { seconds: rational(seconds), control },
    isSingleFile: settings.read('segmentControl') === 'SINGLE_FILE',
    writesPlaylists: settings.read('outputSelection') !== 'SEGMENTS_ONLY',
    usesSubdirectories,
    segmentFolder: readSegmentFolder(settings, usesSubdirectories, seconds, scope),
    timedId3Header: settings.read('audioOnlyHeader') !== 'EXCLUDE',
    timestampDeltaMs: settings.read('timestampDeltaMilliseconds') ?? 0,
    audioOutputs: group
      .children('outputs')
      .flatMap((output, index) => (output.has('videoDescription') ? [] : [index])),
    namedAudioGroups: new Set(group.children('outputs').flatMap(renditionSets)),
  };
}

/** Numbered folders of so many segments each (spec packaging.md 5.4): one is enough when all segments fit in it. */
function readSegmentFolder(
  settings: SettingsReader<HlsGroupSettings>,
  usesSubdirectories: boolean,
  seconds: number,
  scope: JobScope,
): string {
  if (!usesSubdirectories) {
    settings.withoutEffect(
      'segmentsPerSubdirectory',
      'it acts with directoryStructure SUBDIRECTORY_PER_STREAM only',
    );
    return '';
  }
  const most = settings.read('segmentsPerSubdirectory');
  if (most === undefined) return '';
  const expected =
    scope.durationUs === null
      ? Number.POSITIVE_INFINITY
      : Math.ceil(scope.durationUs / 1_000_000 / seconds) + 1;
  if (expected > most)
    settings.refuse(
      'segmentsPerSubdirectory',
      'the segments of a stream stay in one folder, which must have room for all',
    );
  return '00000/';
}

/** The group ids a video output asks for, in a comma list. */
export function renditionSets(output: SettingsReader<Output>): readonly string[] {
  const written = output.child('outputSettings').child('hlsSettings').read('audioRenditionSets') ?? '';
  return written
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
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
