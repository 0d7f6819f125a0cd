/** DASH_ISO_GROUP outputs: fragmented MP4 and an MPD (spec packaging.md 2–6). */

import { defaultFragmentSeconds, defaultSegmentSeconds } from '../contract/segment-defaults.table.ts';
import type { MpdSettings, OutputGroup } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { readDestinationBase } from './destination.ts';
import { readDashEncryption } from './encryption.ts';
import { readEvents } from './event-messages.ts';
import { type FragmentedRule, type PlaylistRole, planFragmentedOutput } from './fragmented-output.ts';
import type { DashOutputGroup } from './group-plan.ts';
import { planImageTracks } from './image-tracks.ts';
import type { JobScope } from './job-scope.ts';
import { planKeyFrameTrack } from './key-frame-track.ts';
import { planLedOutputs } from './led-outputs.ts';
import { readCompositionOffsets, readMpdRules } from './mpd-rules.ts';
import { readObjectSettings } from './object-settings.ts';
import { agreedSegment } from './segment-agreement.ts';
import { readSegmentRule } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readFragmentSplices } from './splice-source.ts';

/** Playlists are not written: nothing asks what the output is in them. */
const role: Omit<PlaylistRole, 'events'> = {
  audioTrackType: null,
  audioGroupId: null,
  audioRenditionSets: null,
  describesVideo: false,
  hasIFrames: false,
};

/** Plans a DASH group; outputs that cannot be planned are left out, with findings. */
export function planDashGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): DashOutputGroup {
  const settings = group.child('outputGroupSettings').child('dashIsoGroupSettings');
  const fragmentSeconds = rational(settings.read('fragmentLength') ?? defaultFragmentSeconds);
  const segment = readSegmentRule(settings, defaultSegmentSeconds.dash, fragmentSeconds, group);
  const isSingleFile = settings.read('segmentControl') === 'SINGLE_FILE';
  const base = readDestinationBase(settings, scope);
  const isEncrypted = settings.child('encryption').isPresent;
  const rule: FragmentedRule = {
    container: 'MPD',
    base,
    segment,
    isSingleFile,
    writesPlaylists: false,
    isEncrypted,
    splices: readFragmentSplices(settings, group, scope),
  };
  const planned = planLedOutputs(group.children('outputs'), (output, index, leadingVideoId) => {
    const mpd = output.child('containerSettings').child('mpdSettings');
    readContainer(mpd);
    const events = readEvents(mpd, scope);
    return planFragmentedOutput(output, index, { ...rule, leadingVideoId }, { ...role, events }, scope);
  });
  const segmentSeconds = agreedSegment(
    planned.flatMap((each) => each.segmentSeconds ?? []),
    segment.seconds,
    settings.at('segmentLengthControl'),
    scope.findings,
  );
  const leader = planned.find(({ video }) => video !== null) ?? null;
  const images = planImageTracks(
    settings,
    { base, writesPlaylists: false, segmentSeconds, leader: leader?.video ?? null },
    scope,
  );
  const isHbbtv = settings.read('hbbtvCompliance') === 'HBBTV_1_5';
  return {
    type: 'DASH_ISO_GROUP',
    groupIndex,
    pointer: group.pointer,
    encryption: readDashEncryption(settings.child('encryption'), scope.findings),
    ...(images.length === 0 ? {} : { images }),
    ...planKeyFrameTrack(settings, leader, base, true, scope),
    objectSettings: readObjectSettings(settings.child('destinationSettings'), scope.findings),
    outputs: planned.map(({ output }) => output),
    segmentSeconds,
    minFinalSegmentSeconds: settings.read('minFinalSegmentLength') ?? 0,
    segmentControl: isSingleFile ? 'SINGLE_FILE' : 'SEGMENTED_FILES',
    segmentLengthControl: segment.control,
    ...(rule.splices === null ? {} : { splices: rule.splices }),
    fragmentSeconds,
    compositionOffsets: readCompositionOffsets(settings),
    mpd: {
      ...readMpdRules(settings, group, base, scope),
      isHbbtv,
      channelScheme:
        settings.read('audioChannelConfigSchemeIdUri') === 'DOLBY_CHANNEL_CONFIGURATION' ? 'DOLBY' : 'MPEG',
    },
  };
}

/** Members of `mpdSettings` and `cmfcSettings` that ask for data this release does not carry. */
export function readContainer(settings: SettingsReader<MpdSettings>): void {
  const captions = 'no output of this release carries captions';
  settings.postponed('accessibilityCaptionHints', captions, ['EXCLUDE']);
  settings.postponed('captionContainerType', captions, ['RAW']);
  refuseData(settings);
}

/** Settings of lengths and signatures, which both fragmented containers have. */
export function refuseData(
  settings: SettingsReader<Omit<MpdSettings, 'accessibilityCaptionHints' | 'captionContainerType'>>,
): void {
  settings.accept('c2paManifest', ['EXCLUDE'], 'C2PA manifests are not signed');
  settings.postponed('certificateSecret', 'it signs C2PA manifests, which are excluded');
  settings.postponed('signingKmsKey', 'it signs C2PA manifests, which are excluded');
}
