/** CMAF_GROUP outputs: fragmented MP4 track files under HLS playlists and an MPD (spec packaging.md 2–6). */

import { defaultFragmentSeconds, defaultSegmentSeconds } from '../contract/segment-defaults.table.ts';
import type { CmfcSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { planAdditionalManifests } from './additional-manifests.ts';
import { refuseData } from './dash-group.ts';
import { readDestinationBase } from './destination.ts';
import { readCmafEncryption } from './encryption.ts';
import { readEvents } from './event-messages.ts';
import { type FragmentedRule, type PlaylistRole, planFragmentedOutput } from './fragmented-output.ts';
import type { CmafOutputGroup } from './group-plan.ts';
import { planImageTracks } from './image-tracks.ts';
import type { JobScope } from './job-scope.ts';
import { planKeyFrameTrack } from './key-frame-track.ts';
import { planLedOutputs } from './led-outputs.ts';
import { readCompositionOffsets, readMpdRules } from './mpd-rules.ts';
import { readObjectSettings } from './object-settings.ts';
import { audioOutputIndexes, groupIdsOf, withKnownAudioGroups } from './rendition-sets.ts';
import { agreedSegment } from './segment-agreement.ts';
import { readSegmentRule } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readFragmentSplices } from './splice-source.ts';

/** Plans a CMAF group; outputs that cannot be planned are left out, with findings. */
export function planCmafGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): CmafOutputGroup {
  const settings = group.child('outputGroupSettings').child('cmafGroupSettings');
  const fragmentSeconds = rational(settings.read('fragmentLength') ?? defaultFragmentSeconds);
  const segment = readSegmentRule(settings, defaultSegmentSeconds.cmaf, fragmentSeconds, group);
  const isSingleFile = settings.read('segmentControl') === 'SINGLE_FILE';
  const writesPlaylists = settings.read('writeHlsManifest') !== 'DISABLED';
  const writesMpd = settings.read('writeDashManifest') !== 'DISABLED';
  const base = readDestinationBase(settings, scope);
  const isEncrypted = settings.child('encryption').isPresent;
  const rule: FragmentedRule = {
    container: 'CMFC',
    base,
    segment,
    isSingleFile,
    writesPlaylists,
    isEncrypted,
    splices: readFragmentSplices(settings, group, scope),
  };
  const outputs = group.children('outputs');
  const audioOutputs = audioOutputIndexes(group);
  const planned = planLedOutputs(outputs, (output, index, leadingVideoId) => {
    const cmfc = output.child('containerSettings').child('cmfcSettings');
    refuseData(cmfc);
    const role = { ...readRole(cmfc, output, audioOutputs.indexOf(index)), events: readEvents(cmfc, scope) };
    return planFragmentedOutput(output, index, { ...rule, leadingVideoId }, role, scope);
  });
  const additional = settings.children('additionalManifests');
  const pointerOf = (outputIndex: number): string =>
    outputs[outputIndex]?.child('containerSettings').child('cmfcSettings').at('audioRenditionSets') ?? '';
  const segmentSeconds = agreedSegment(
    planned.flatMap((each) => each.segmentSeconds ?? []),
    segment.seconds,
    settings.at('segmentLengthControl'),
    scope.findings,
  );
  const leader = planned.find(({ video }) => video !== null) ?? null;
  const images = planImageTracks(
    settings,
    { base, writesPlaylists, segmentSeconds, leader: leader?.video ?? null },
    scope,
  );
  return {
    type: 'CMAF_GROUP',
    groupIndex,
    pointer: group.pointer,
    encryption: readCmafEncryption(settings.child('encryption'), scope.findings),
    ...(images.length === 0 ? {} : { images }),
    ...planKeyFrameTrack(settings, leader, base, writesMpd, scope),
    objectSettings: readObjectSettings(settings.child('destinationSettings'), scope.findings),
    outputs: withKnownAudioGroups(
      planned.map(({ output }) => output),
      ({ outputIndex }) => pointerOf(outputIndex),
      scope.findings,
    ),
    segmentSeconds,
    minFinalSegmentSeconds: settings.read('minFinalSegmentLength') ?? 0,
    segmentControl: isSingleFile ? 'SINGLE_FILE' : 'SEGMENTED_FILES',
    segmentLengthControl: segment.control,
    ...(rule.splices === null ? {} : { splices: rule.splices }),
    fragmentSeconds,
    compositionOffsets: readCompositionOffsets(settings),
    multivariant: { location: writesPlaylists ? `${base}.m3u8` : null },
    durationFormat: settings.read('manifestDurationFormat') ?? 'FLOATING_POINT',
    targetDurationMode: settings.read('targetDurationCompatibilityMode') ?? 'LEGACY',
    clientCacheDisabled: settings.read('clientCache') === 'DISABLED',
    codecSpecification: settings.read('codecSpecification') ?? 'RFC_4281',
    includeResolution: settings.read('streamInfResolution') !== 'EXCLUDE',
    closedCaptionsNone: false,
    programDateTimePeriodSeconds: null,
    programDateTimeStartMs: null,
    gzipManifests: settings.read('manifestCompression') === 'GZIP',
    progressiveManifests: false,
    baseUrl: settings.read('baseUrl') ?? '',
    additionalManifests: planAdditionalManifests(additional, group, base, 'm3u8', scope),
    mpd: {
      ...readMpdRules(settings, group, writesMpd ? base : null, scope),
      isHbbtv: false,
      channelScheme: 'MPEG',
    },
  };
}

/** How the output stands in the playlists (spec packaging.md 4.5). `audioPlace` counts outputs of sound alone, from 0. */
function readRole(
  cmfc: SettingsReader<CmfcSettings>,
  output: SettingsReader<Output>,
  audioPlace: number,
): Omit<PlaylistRole, 'events'> {
  if (output.has('videoDescription')) {
    cmfc.withoutEffect('audioGroupId', 'it names the group of an output without video');
    cmfc.withoutEffect('audioTrackType', 'it describes an output without video');
    cmfc.withoutEffect('descriptiveVideoServiceFlag', 'it describes an output without video', ['DONT_FLAG']);
    const sets = groupIdsOf(cmfc.read('audioRenditionSets'));
    return {
      audioTrackType: null,
      audioGroupId: null,
      audioRenditionSets: sets.length === 0 ? null : sets,
      describesVideo: false,
      hasIFrames: cmfc.read('iFrameOnlyManifest') === 'INCLUDE',
    };
  }
  cmfc.withoutEffect('audioRenditionSets', 'it chooses the audio of an output with video');
  cmfc.withoutEffect('iFrameOnlyManifest', 'the output has no video', ['EXCLUDE']);
  return {
    // The contract asks for it where there are several; one alone is the default.
    audioTrackType: cmfc.read('audioTrackType') ?? 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
    audioGroupId: cmfc.read('audioGroupId') ?? `program_audio_${Math.max(0, audioPlace)}`,
    audioRenditionSets: null,
    describesVideo: cmfc.read('descriptiveVideoServiceFlag') === 'FLAG',
    hasIFrames: false,
  };
}
