/** CMAF_GROUP outputs: fragmented MP4 track files under HLS playlists and an MPD (spec packaging.md 2–6). */

import type { CmfcSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { planAdditionalManifests } from './additional-manifests.ts';
import { declareCodecForms } from './codec-forms.ts';
import { refuseData } from './dash-group.ts';
import { readCmafEncryption } from './encryption.ts';
import { readEvents } from './event-messages.ts';
import { planFragmentedGroup } from './fragmented-group.ts';
import type { PlaylistRole } from './fragmented-output.ts';
import type { CmafOutputGroup } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import { readMpdRules } from './mpd-rules.ts';
import {
  type AudioGroupSetting,
  audioOutputIndexes,
  groupIdsOf,
  withKnownAudioGroups,
} from './rendition-sets.ts';
import { readCmafSegments } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Plans a CMAF group; outputs that cannot be planned are left out, with findings. */
export function planCmafGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): CmafOutputGroup {
  const settings = group.child('outputGroupSettings').child('cmafGroupSettings');
  const writesPlaylists = settings.read('writeHlsManifest') !== 'DISABLED';
  const writesMpd = settings.read('writeDashManifest') !== 'DISABLED';
  declareCodecForms(settings);
  const audioOutputs = audioOutputIndexes(group);
  const containerOf = (output: SettingsReader<Output>) =>
    output.child('containerSettings').child('cmfcSettings');
  const { base, plan } = planFragmentedGroup(
    group,
    groupIndex,
    settings,
    {
      container: 'CMFC',
      segment: readCmafSegments(group),
      writesPlaylists,
      writesMpd,
      isEncrypted: settings.child('encryption').isPresent,
      roleOf(output, index) {
        const cmfc = containerOf(output);
        refuseData(cmfc);
        return { ...readRole(cmfc, output, audioOutputs.indexOf(index)), events: readEvents(cmfc, scope) };
      },
    },
    scope,
  );
  const outputs = group.children('outputs');
  const pointerOf = (outputIndex: number, key: AudioGroupSetting): string => {
    const output = outputs[outputIndex];
    return output === undefined ? '' : containerOf(output).at(key);
  };
  return {
    type: 'CMAF_GROUP',
    ...plan,
    encryption: readCmafEncryption(
      settings.child('encryption'),
      { writesPlaylists, writesMpd },
      scope.findings,
    ),
    outputs: withKnownAudioGroups(
      plan.outputs,
      ({ outputIndex }, key) => pointerOf(outputIndex, key),
      scope.findings,
    ),
    multivariant: { location: writesPlaylists ? `${base}.m3u8` : null },
    durationFormat: settings.read('manifestDurationFormat') ?? 'FLOATING_POINT',
    targetDurationMode: settings.read('targetDurationCompatibilityMode') ?? 'LEGACY',
    clientCacheDisabled: settings.read('clientCache') === 'DISABLED',
    includeResolution: settings.read('streamInfResolution') !== 'EXCLUDE',
    closedCaptionsNone: false,
    programDateTimePeriodSeconds: null,
    programDateTimeStartMs: null,
    gzipManifests: settings.read('manifestCompression') === 'GZIP',
    progressiveManifests: false,
    baseUrl: settings.read('baseUrl') ?? '',
    additionalManifests: planAdditionalManifests(
      settings.children('additionalManifests'),
      group,
      base,
      'm3u8',
      scope,
    ),
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
