/** Facts of an input as the Probe operation shows them (spec api.md 15). Members without a fact are left out. */
import type {
  AudioProperties,
  CodecMetadata,
  HdrMetadata,
  ProbeResult,
  Track,
  VideoProperties,
} from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import type {
  AudioTrackFacts,
  DataTrackFacts,
  HdrFacts,
  InputFacts,
  VideoTrackFacts,
} from '../plan/facts.ts';
import { toEpochSeconds } from './job-shape.ts';
import type { ProbedInput } from './operation.ts';
import { codecNames, formatNames, matrixNames, primariesNames, transferNames } from './probe-names.table.ts';

type TrackFacts = VideoTrackFacts | AudioTrackFacts | DataTrackFacts;

/** The result of one file. A file that is no media known here has metadata alone: its format is blank. */
export function toProbeResult({ facts, head }: ProbedInput): ProbeResult {
  const metadata = {
    ...given('eTag', head.eTag),
    fileSize: head.sizeBytes,
    ...given('lastModified', head.lastModifiedMs === null ? null : toEpochSeconds(head.lastModifiedMs)),
    ...given('mimeType', head.contentType),
  };
  if (facts === null) return { container: { tracks: [] }, metadata, trackMappings: [] };
  // Numbered from 1 in the order of the container; cover art is no track of the programme.
  const tracks = tracksOf(facts);
  const durationS = facts.durationUs === null ? null : facts.durationUs / 1e6;
  return {
    container: {
      ...(formatNames.has(facts.container) ? { format: facts.container as never } : {}),
      ...given('duration', durationS),
      ...given('startTimecode', facts.startTimecode),
      ...given('bitRate', averageBitrate(head.sizeBytes, durationS)),
      tracks: tracks.map((track, index) => toTrack(track, index + 1)),
    },
    metadata,
    trackMappings: toTrackMappings(facts, tracks),
  };
}

function tracksOf(facts: InputFacts): readonly TrackFacts[] {
  const video = facts.videoTracks.filter((track) => !track.isAttachedPicture);
  return [...video, ...facts.audioTracks, ...facts.dataTracks].toSorted(
    (a, b) => a.streamIndex - b.streamIndex,
  );
}

/** Bits per second of the whole file (documented: size × 8 / duration). */
function averageBitrate(sizeBytes: number, durationS: number | null): number | null {
  return durationS === null || durationS <= 0 ? null : Math.round((sizeBytes * 8) / durationS);
}

function toTrack(track: TrackFacts, index: number): Track {
  const { durationTicks, timeBase } = track;
  return {
    index,
    trackType: track.kind,
    codec: codecNames[track.codec] ?? (track.codec.startsWith('pcm_') ? 'PCM' : 'UNKNOWN'),
    ...given('duration', durationTicks === null ? null : (durationTicks * timeBase.num) / timeBase.den),
    ...(track.kind === 'video' ? { videoProperties: toVideoProperties(track) } : {}),
    ...(track.kind === 'audio' ? { audioProperties: toAudioProperties(track) } : {}),
    ...(track.kind === 'data' ? { dataProperties: given('languageCode', track.language) } : {}),
  };
}

function toVideoProperties(track: VideoTrackFacts): VideoProperties {
  const shared = toSharedProperties(track);
  return {
    ...shared,
    ...given('bitRate', track.bitrateBps),
    ...given('frameRate', toFrameRate(track.frameRate)),
    codecMetadata: toCodecMetadata(track, shared),
    ...given('hdrMetadata', toHdrMetadata(track.hdr)),
  };
}

/** Members that the container's view and the codec's view have in common: our probe merges the two. */
function toSharedProperties(track: VideoTrackFacts) {
  const { num, den } = track.sampleAspectRatio;
  const sample = num > 0 && den > 0 ? { numerator: num, denominator: den } : { numerator: 1, denominator: 1 };
  return {
    bitDepth: track.bitDepth,
    width: track.widthPx,
    height: track.heightPx,
    colorPrimaries: primariesNames[track.colorPrimaries ?? ''] ?? 'UNSPECIFIED',
    transferCharacteristics: transferNames[track.colorTransfer ?? ''] ?? 'UNSPECIFIED',
    matrixCoefficients: matrixNames[track.colorMatrix ?? ''] ?? 'UNSPECIFIED',
    rotation: track.rotationDegrees,
    sampleAspectRatio: sample,
    displayAspectRatio: lowestTerms(track.widthPx * sample.numerator, track.heightPx * sample.denominator),
  } as const;
}

function toCodecMetadata(track: VideoTrackFacts, shared: object): CodecMetadata {
  const { hdr } = track;
  const isInterlaced = track.scan !== 'progressive';
  return {
    ...shared,
    ...given('codedFrameRate', toFrameRate(track.frameRate)),
    ...(track.chroma.includes(':') ? { chromaSubsampling: track.chroma } : {}),
    ...given('profile', track.profile),
    ...given('level', levelText(track)),
    scanType: isInterlaced ? 'INTERLACED' : 'PROGRESSIVE',
    ...(isInterlaced
      ? { fieldOrder: track.scan === 'top-field-first' ? 'TOP_FIELD_FIRST' : 'BOTTOM_FIELD_FIRST' }
      : {}),
    ...given('contentLightLevel', toContentLight(hdr)),
    ...(hdr?.dolbyVision == null ? {} : { dolbyVision: toDolbyVision(hdr.dolbyVision) }),
    ...(hdr?.hasHdr10Plus === true ? { hdr10PlusPresence: 'PRESENT' } : {}),
  };
}

/** `4.1` for AVC level 41 and HEVC level 123 (ITU-T H.264 A.3.1, H.265 A.4.1); other codecs number their own way. */
function levelText({ codec, level }: VideoTrackFacts): string | null {
  if (level === null) return null;
  const tenths = codec === 'h264' ? level : codec === 'hevc' ? level / 3 : null;
  if (tenths === null) return String(level);
  return Number.isInteger(tenths / 10) ? String(tenths / 10) : (tenths / 10).toFixed(1);
}

/** Chromaticities in units of 0.00002 and luminance in units of 0.0001 cd/m², as in the settings of the same names. */
function toHdrMetadata(hdr: HdrFacts | undefined): HdrMetadata | null {
  const light = toContentLight(hdr);
  const display = hdr?.masteringDisplay ?? null;
  if (light === null && display === null) return null;
  const color = (value: number): number => Math.round(value * 50_000);
  return {
    ...given('contentLightLevel', light),
    ...(display === null
      ? {}
      : {
          masteringDisplayColorVolume: {
            redPrimaryX: color(display.red[0]),
            redPrimaryY: color(display.red[1]),
            greenPrimaryX: color(display.green[0]),
            greenPrimaryY: color(display.green[1]),
            bluePrimaryX: color(display.blue[0]),
            bluePrimaryY: color(display.blue[1]),
            whitePointX: color(display.whitePoint[0]),
            whitePointY: color(display.whitePoint[1]),
            minLuminance: Math.round(display.minLuminance * 10_000),
            maxLuminance: Math.round(display.maxLuminance * 10_000),
          },
        }),
  };
}

function toContentLight(hdr: HdrFacts | undefined) {
  const light = hdr?.contentLight ?? null;
  if (light === null) return null;
  return { maxContentLightLevel: light.maxContent, maxFrameAverageLightLevel: light.maxFrameAverage };
}

function toDolbyVision(facts: NonNullable<HdrFacts['dolbyVision']>) {
  const presence = (isThere: boolean) => (isThere ? 'PRESENT' : 'ABSENT');
  return {
    profile: facts.profile,
    level: facts.level,
    rpu: presence(facts.hasRpu),
    baseLayer: presence(facts.hasBaseLayer),
    enhancementLayer: presence(facts.hasEnhancementLayer),
  } as const;
}

function toAudioProperties(track: AudioTrackFacts): AudioProperties {
  return {
    bitDepth: track.bitDepth,
    ...given('bitRate', track.bitrateBps),
    channels: track.channels,
    channelLayout: track.channelLayout,
    sampleRate: track.sampleRateHz,
    ...given('languageCode', track.language),
  };
}

/** One mapping per programme of a transport stream, one for all tracks otherwise. */
function toTrackMappings(facts: InputFacts, tracks: readonly TrackFacts[]) {
  const groups =
    facts.programs.length > 0
      ? facts.programs.map(({ streamIndexes }) => streamIndexes)
      : [tracks.map(({ streamIndex }) => streamIndex)];
  const indexesOf = (kind: TrackFacts['kind'], streams: readonly number[]): readonly number[] =>
    tracks.flatMap((track, index) =>
      track.kind === kind && streams.includes(track.streamIndex) ? [index + 1] : [],
    );
  return groups.map((streams) => ({
    videoTrackIndexes: indexesOf('video', streams),
    audioTrackIndexes: indexesOf('audio', streams),
    dataTrackIndexes: indexesOf('data', streams),
  }));
}

function toFrameRate(rate: Rational | null) {
  return rate === null ? null : { numerator: rate.num, denominator: rate.den };
}

function lowestTerms(numerator: number, denominator: number) {
  const divisor = greatestCommonDivisor(numerator, denominator) || 1;
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The member, or nothing when it has no value. */
function given<Name extends string, Value>(name: Name, value: Value | null): { [Key in Name]?: Value } {
  return (value === null ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
