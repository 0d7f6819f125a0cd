/** DASH_ISO_GROUP outputs: fragmented MP4 and an MPD (spec packaging.md 2–6). */

import type { MpdSettings, OutputGroup } from '../contract/types.generated.ts';
import { readDashEncryption } from './encryption.ts';
import { readEvents } from './event-messages.ts';
import { planFragmentedGroup } from './fragmented-group.ts';
import type { PlaylistRole } from './fragmented-output.ts';
import type { DashOutputGroup } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import { readMpdRules } from './mpd-rules.ts';
import { readDashSegments } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';

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
  const { base, plan } = planFragmentedGroup(
    group,
    groupIndex,
    settings,
    {
      container: 'MPD',
      segment: readDashSegments(group),
      writesPlaylists: false,
      writesMpd: true,
      isEncrypted: settings.child('encryption').isPresent,
      roleOf(output) {
        const mpd = output.child('containerSettings').child('mpdSettings');
        readContainer(mpd);
        return { ...role, events: readEvents(mpd, scope) };
      },
    },
    scope,
  );
  return {
    type: 'DASH_ISO_GROUP',
    ...plan,
    encryption: readDashEncryption(settings.child('encryption'), scope.findings),
    mpd: {
      ...readMpdRules(settings, group, base, scope),
      isHbbtv: settings.read('hbbtvCompliance') === 'HBBTV_1_5',
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
