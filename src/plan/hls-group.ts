/** HLS_GROUP outputs: transport stream segments and playlists (spec packaging.md 2–5, containers.md 8). */

import type { HlsGroupSettings, OutputGroup } from '../contract/types.generated.ts';
import { planAdditionalManifests } from './additional-manifests.ts';
import { declareCodecForms } from './codec-forms.ts';
import { readHlsEncryption } from './encryption.ts';
import type { HlsOutput, HlsOutputGroup } from './group-plan.ts';
import { readProgramDateTime } from './hls-dates.ts';
import { planHlsOutput } from './hls-output.ts';
import { type HlsGroupRule, readHlsGroupRule } from './hls-rule.ts';
import { planImageTracks } from './image-tracks.ts';
import type { JobScope } from './job-scope.ts';
import { planLedOutputs } from './led-outputs.ts';
import { readObjectSettings } from './object-settings.ts';
import { withKnownAudioGroups } from './rendition-sets.ts';
import { agreedSegment } from './segment-agreement.ts';
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
  declareCodecForms(settings);
  const planned = planLedOutputs(group.children('outputs'), (output, index, leadingVideoId) =>
    planHlsOutput(output, index, { ...rule, leadingVideoId }, scope),
  );
  const members = group.children('outputs');
  const outputs = withKnownAudioGroups(
    planned.map(({ output }) => output),
    ({ outputIndex, pointer }, key) =>
      members[outputIndex]?.child('outputSettings').child('hlsSettings').at(key) ?? pointer,
    scope.findings,
  );
  const segmentSeconds = agreedSegment(
    planned.flatMap((output) => output.segmentSeconds ?? []),
    rule.segment.seconds,
    settings.at('segmentLengthControl'),
    scope.findings,
  );
  const images = planImageTracks(
    settings,
    {
      base: rule.base,
      writesPlaylists: rule.writesPlaylists,
      segmentSeconds,
      leader: planned.find(({ video }) => video !== null)?.video ?? null,
    },
    scope,
  );
  return {
    type: 'HLS_GROUP',
    groupIndex,
    pointer: group.pointer,
    encryption: readHlsEncryption(settings.child('encryption'), scope.findings),
    ...(images.length === 0 ? {} : { images }),
    objectSettings: readObjectSettings(settings.child('destinationSettings')),
    outputs,
    multivariant: { location: rule.writesPlaylists ? `${rule.base}.m3u8` : null },
    segmentSeconds,
    minFinalSegmentSeconds: settings.read('minFinalSegmentLength') ?? 0,
    segmentControl: rule.isSingleFile ? 'SINGLE_FILE' : 'SEGMENTED_FILES',
    segmentLengthControl: rule.segment.control,
    ...(rule.splices === null ? {} : { splices: rule.splices }),
    ...readMarkers(settings, outputs, scope),
    durationFormat: settings.read('manifestDurationFormat') ?? 'FLOATING_POINT',
    targetDurationMode: settings.read('targetDurationCompatibilityMode') ?? 'LEGACY',
    clientCacheDisabled: settings.read('clientCache') === 'DISABLED',
    includeResolution: settings.read('streamInfResolution') !== 'EXCLUDE',
    closedCaptionsNone: settings.read('captionLanguageSetting') === 'NONE',
    ...readProgramDateTime(settings, scope),
    gzipManifests: settings.read('manifestCompression') === 'GZIP',
    progressiveManifests: settings.read('progressiveWriteHlsManifest') !== 'DISABLED',
    baseUrl: settings.read('baseUrl') ?? '',
    additionalManifests: readAdditionalManifests(settings, group, rule, scope),
  };
}

/** They name the playlists of outputs, which are not there with SEGMENTS_ONLY. */
function readAdditionalManifests(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  { base, writesPlaylists }: HlsGroupRule,
  scope: JobScope,
): HlsOutputGroup['additionalManifests'] {
  if (!writesPlaylists) {
    settings.withoutEffect('additionalManifests', 'outputSelection SEGMENTS_ONLY writes no playlists');
    return [];
  }
  return planAdditionalManifests(settings.children('additionalManifests'), group, base, 'm3u8', scope);
}

/** Lines at splice points (spec packaging.md 9); none where no playlist marks them. */
function readMarkers(
  settings: SettingsReader<HlsGroupSettings>,
  outputs: readonly HlsOutput[],
  { signals }: JobScope,
): Pick<HlsOutputGroup, 'markers'> {
  if (!outputs.some(({ marksAvails }) => marksAvails === true)) {
    settings.withoutEffect('adMarkers', 'no output has scte35Source PASSTHROUGH and messages to pass');
    return {};
  }
  const wanted = settings.read('adMarkers') ?? [];
  const markers = {
    isElemental: wanted.includes('ELEMENTAL'),
    isScte35Enhanced: wanted.includes('ELEMENTAL_SCTE35'),
    conditions: signals.esam?.conditions ?? [],
  };
  return wanted.length === 0 && markers.conditions.length === 0 ? {} : { markers };
}

function declareWithoutEffect(settings: SettingsReader<HlsGroupSettings>): void {
  const captions = 'no output of this release carries captions';
  settings.postponed('captionLanguageMappings', captions);
  settings.postponed('captionSegmentLengthControl', captions, ['LARGE_SEGMENTS']);
}

function refuseFeatures(settings: SettingsReader<HlsGroupSettings>): void {
  settings.accept('captionLanguageSetting', ['OMIT', 'NONE'], 'no output of this release carries captions');
}
