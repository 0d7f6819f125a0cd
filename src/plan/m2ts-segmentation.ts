/** Marks at which a transport stream file may be cut (spec containers.md 7; OpenCable OC-SP-EBP). */
import type { M2tsSettings } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { TransportSegmentation } from './file-plan.ts';
import type { SegmentRule } from './gop.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

const ebpKeys = [
  'fragmentTime',
  'ebpPlacement',
  'ebpAudioInterval',
  'minEbpInterval',
  'forceTsVideoEbpOrder',
] as const;

/** Reads the marks; null without any. */
export function readTransportSegmentation(
  settings: SettingsReader<M2tsSettings>,
  tracks: OutputTracks,
  scope: JobScope,
): TransportSegmentation | null {
  const isKnown = settings.accept(
    'segmentationMarkers',
    ['NONE', 'RAI_SEGSTART', 'PSI_SEGSTART', 'EBP'],
    'the private data of this marker is not published',
  );
  const markers = settings.read('segmentationMarkers') ?? 'NONE';
  if (markers !== 'EBP') declareUnused(settings, ebpKeys, `segmentationMarkers is ${markers}`);
  if (!isKnown || markers === 'NONE' || markers === 'RAI_ADAPT' || markers === 'EBP_LEGACY') {
    declareUnused(settings, ['segmentationTime'], `segmentationMarkers is ${markers}`);
    settings.withoutEffect('segmentationStyle', `segmentationMarkers is ${markers}`, cadences);
    return null;
  }
  const seconds = decimalSeconds(settings.require('segmentationTime') ?? 1);
  const plain: TransportSegmentation = {
    markers,
    seconds,
    ...readCadence(settings, scope),
    fragmentSeconds: null,
    onAudio: false,
    audioSeconds: null,
    minIntervalMs: 0,
    startTimeMs: scope.startTimeMs,
  };
  return markers === 'EBP' ? { ...plain, ...readBoundaryPoints(settings, tracks, plain) } : plain;
}

const cadences = ['MAINTAIN_CADENCE', 'RESET_CADENCE'] as const;

/** Splice points end a segment early; the next ones keep the old grid, or count from there. */
function readCadence(
  settings: SettingsReader<M2tsSettings>,
  { signals }: JobScope,
): Pick<TransportSegmentation, 'resetsCadence'> {
  const isSpliced =
    signals.esam !== null ||
    (settings.read('scte35Source') === 'PASSTHROUGH' && signals.trackOf('scte35') !== null);
  if (isSpliced) return settings.read('segmentationStyle') === 'RESET_CADENCE' ? { resetsCadence: true } : {};
  settings.withoutEffect('segmentationStyle', 'no ad break moves the cadence of the marks', cadences);
  return {};
}

/** Where the video must have key frames: at the marks. */
export function segmentRuleOf(settings: SettingsReader<M2tsSettings>): SegmentRule | null {
  const markers = settings.read('segmentationMarkers') ?? 'NONE';
  const seconds = settings.read('segmentationTime');
  if (markers === 'NONE' || seconds === undefined || seconds <= 0) return null;
  return { seconds: decimalSeconds(seconds), control: 'EXACT', fragment: null };
}

/** Seconds of a setting as a rational, to the millisecond. */
function decimalSeconds(seconds: number): Rational {
  return rational(Math.round(seconds * 1000), 1000);
}

function readBoundaryPoints(
  settings: SettingsReader<M2tsSettings>,
  tracks: OutputTracks,
  { seconds }: TransportSegmentation,
): Partial<TransportSegmentation> {
  const fragment = settings.read('fragmentTime');
  const minIntervalMs = settings.read('minEbpInterval') ?? 0;
  const onAudio = settings.read('ebpPlacement') !== 'VIDEO_PID' && tracks.audio.length > 0;
  const fragmentSeconds = fragment === undefined ? null : decimalSeconds(fragment);
  if (!onAudio) {
    declareUnused(settings, ['ebpAudioInterval', 'forceTsVideoEbpOrder'], 'no audio PID has boundary points');
    return { fragmentSeconds, minIntervalMs };
  }
  // Fixed intervals are those of the segments, counted in the sound itself.
  const isFixed = settings.read('ebpAudioInterval') === 'VIDEO_AND_FIXED_INTERVALS';
  const audioSeconds = isFixed ? (fragmentSeconds ?? seconds) : null;
  settings.withoutEffect('forceTsVideoEbpOrder', "the picture's mark always stands before the sound's", [
    'DEFAULT',
    'FORCE',
  ]);
  return { fragmentSeconds, minIntervalMs, onAudio, audioSeconds };
}

function declareUnused(
  settings: SettingsReader<M2tsSettings>,
  keys: readonly (keyof M2tsSettings & string)[],
  reason: string,
): void {
  for (const key of keys) settings.withoutEffect(key, reason);
}
