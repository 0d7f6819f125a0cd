/** MPD settings of DASH and CMAF groups (spec packaging.md 2, 6). */
import type { CmafGroupSettings, DashIsoGroupSettings, OutputGroup } from '../contract/types.generated.ts';
import { planAdditionalManifests } from './additional-manifests.ts';
import type { FragmentationPlan, MpdRules } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What both groups say of their MPD, by name and by value. */
type MpdSettings = Pick<CmafGroupSettings, keyof CmafGroupSettings & keyof DashIsoGroupSettings>;

/** Reads the rules; `base` is the group's name without extension, null when no MPD is written. */
export function readMpdRules(
  settings: SettingsReader<MpdSettings>,
  group: SettingsReader<OutputGroup>,
  base: string | null,
  scope: JobScope,
): Omit<MpdRules, 'isHbbtv' | 'channelScheme'> {
  const profile = settings.read('mpdProfile') ?? 'MAIN_PROFILE';
  return {
    location: base === null ? null : `${base}.mpd`,
    additional:
      base === null
        ? []
        : planAdditionalManifests(settings.children('additionalManifests'), group, base, 'mpd', scope),
    profile,
    bandwidthType: settings.read('mpdManifestBandwidthType') ?? 'AVERAGE',
    minBufferMs: settings.read('minBufferTime') ?? null,
    hasTimelines: settings.read('writeSegmentTimelineInRepresentation') === 'ENABLED',
    style: settings.read('dashManifestStyle') ?? 'BASIC',
    groupsByCodec: (settings.read('dashAdaptationSetGrouping') ?? []).includes('CODEC'),
    baseUrl: settings.read('baseUrl') ?? '',
  };
}

/** How pictures that are shown later than decoded are written (spec packaging.md 6.4). */
export function readCompositionOffsets(
  settings: SettingsReader<MpdSettings>,
): FragmentationPlan['compositionOffsets'] {
  const handling = settings.read('ptsOffsetHandlingForBFrames') ?? 'ZERO_BASED';
  if (settings.read('videoCompositionOffsets') === 'SIGNED') {
    if (handling === 'MATCH_INITIAL_PTS')
      settings.withoutEffect(
        'ptsOffsetHandlingForBFrames',
        'with signed composition offsets the first presentation time is 0',
      );
    return 'signed';
  }
  return handling === 'MATCH_INITIAL_PTS' ? 'shift' : 'edit';
}
