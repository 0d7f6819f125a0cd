/** Lengths of segments and fragments (spec packaging.md 3), before key frames are planned for them. */
import { defaultFragmentSeconds, defaultSegmentSeconds } from '../contract/segment-defaults.table.ts';
import type {
  CmafGroupSettings,
  DashIsoGroupSettings,
  HlsGroupSettings,
  OutputGroup,
} from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { SegmentRule } from './gop.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the groups with segments have in common. */
type SegmentedGroupSettings = Pick<
  HlsGroupSettings & CmafGroupSettings & DashIsoGroupSettings,
  'segmentLength' | 'segmentLengthControl'
>;

/** Where an output group is cut; null for File groups, whose outputs decide for themselves. */
export function readGroupSegments(group: SettingsReader<OutputGroup>): SegmentRule | null {
  switch (group.child('outputGroupSettings').read('type')) {
    case 'HLS_GROUP_SETTINGS':
      return readHlsSegments(group);
    case 'CMAF_GROUP_SETTINGS':
      return readCmafSegments(group);
    case 'DASH_ISO_GROUP_SETTINGS':
      return readDashSegments(group);
    case 'MS_SMOOTH_GROUP_SETTINGS':
      return readSmoothSegments(group);
    default:
      return null;
  }
}

/** Segments of an HLS group. */
export function readHlsSegments(group: SettingsReader<OutputGroup>): SegmentRule {
  const settings = group.child('outputGroupSettings').child('hlsGroupSettings');
  return readSegmentRule(settings, defaultSegmentSeconds.hls, null, group);
}

/** Segments that have fragments in them. */
export type FragmentedSegmentRule = SegmentRule & { readonly fragment: Rational };

/** Segments of a CMAF group. */
export function readCmafSegments(group: SettingsReader<OutputGroup>): FragmentedSegmentRule {
  const settings = group.child('outputGroupSettings').child('cmafGroupSettings');
  return readFragmentedRule(settings, defaultSegmentSeconds.cmaf, group);
}

/** Segments of a DASH group. */
export function readDashSegments(group: SettingsReader<OutputGroup>): FragmentedSegmentRule {
  const settings = group.child('outputGroupSettings').child('dashIsoGroupSettings');
  return readFragmentedRule(settings, defaultSegmentSeconds.dash, group);
}

/** Smooth Streaming knows fragments alone: each is a segment. */
export function readSmoothSegments(group: SettingsReader<OutputGroup>): SegmentRule {
  const settings = group.child('outputGroupSettings').child('msSmoothGroupSettings');
  const control = settings.read('fragmentLengthControl') ?? 'EXACT';
  return { seconds: readFragmentLength(settings), control, fragment: null };
}

type FragmentLengthSettings = Pick<CmafGroupSettings, 'fragmentLength'>;

function readFragmentedRule(
  settings: SettingsReader<SegmentedGroupSettings & FragmentLengthSettings>,
  defaultSeconds: number,
  group: SettingsReader<OutputGroup>,
): FragmentedSegmentRule {
  const fragment = readFragmentLength(settings);
  return {
    ...readSegmentRule(settings, defaultSeconds, fragment, group),
    fragment,
    isFragmentGiven: settings.has('fragmentLength'),
  };
}

function readFragmentLength(settings: SettingsReader<FragmentLengthSettings>): Rational {
  return rational(settings.read('fragmentLength') ?? defaultFragmentSeconds);
}

/** Reads length and control; `fragment` is the length of fragments inside segments, null without fragments. */
function readSegmentRule(
  settings: SettingsReader<SegmentedGroupSettings>,
  defaultSeconds: number,
  fragment: Rational | null,
  group: SettingsReader<OutputGroup>,
): SegmentRule {
  const wanted = settings.read('segmentLength') ?? defaultSeconds;
  const control = settings.read('segmentLengthControl') ?? 'EXACT';
  if (control !== 'MATCH') return { seconds: rational(wanted), control, fragment };
  return { seconds: matchedSeconds(wanted, group), control: 'EXACT', fragment };
}

/** AAC frames and the sampling rate that MATCH is made for (the contract admits no other, rule packaging.md 3.5). */
const aacFrameSamples = 1024;
const sampleRateHz = 48_000;

/**
 * MATCH: the length nearest to `wanted` after which pictures of all rates and AAC frames begin together: a multiple of
 * 1024 samples that is a whole number of frames of every rate, in samples.
 */
function matchedSeconds(wanted: number, group: SettingsReader<OutputGroup>): Rational {
  const period = specifiedRates(group).reduce((samples, rate) => {
    const frame = rational(sampleRateHz * rate.den, rate.num);
    return leastCommonMultiple(samples, frame.num);
  }, aacFrameSamples);
  const count = Math.max(1, Math.round((wanted * sampleRateHz) / period));
  return rational(count * period, sampleRateHz);
}

/** Frame rates that the outputs ask for; following the source is refused with MATCH (400). */
function specifiedRates(group: SettingsReader<OutputGroup>): Rational[] {
  return group.children('outputs').flatMap((output) => {
    const codecs = output.child('videoDescription').child('codecSettings');
    return (['h264Settings', 'h265Settings', 'av1Settings', 'vp8Settings', 'vp9Settings'] as const).flatMap(
      (block) => {
        const settings = codecs.child(block);
        const num = settings.read('framerateNumerator');
        return num === undefined ? [] : [rational(num, settings.read('framerateDenominator') ?? 1)];
      },
    );
  });
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
