/**
 * What the playlists of an HLS group say, from what was measured (spec packaging.md 4). Pure: segments in, playlists as
 * data out; text is made by `media-playlist.ts` and `multivariant-playlist.ts`, writing is the group's business.
 */
import type { EncryptionPlan } from '../plan/encryption-plan.ts';
import type { PlaylistMember } from '../plan/group-plan.ts';
import type { PlaylistRules, SegmentationPlan } from '../plan/streaming-plan.ts';
import type { SegmentLines } from './avail-markers.ts';
import type { ContentKey, GroupKeys } from './encryption/content-keys.ts';
import type { MeasuredTracks } from './measured-tracks.ts';
import { type MediaPlaylist, type PlaylistEntry, targetDurationSeconds } from './media-playlist.ts';
import { type GroupAddress, mediaUri } from './relative-uri.ts';
import type { WrittenSegment } from './segment-files.ts';

/** A group with playlists: transport stream or packed audio segments, or fragmented MP4. */
export interface PlaylistGroup extends PlaylistRules, Pick<SegmentationPlan, 'segmentControl'> {
  readonly type: 'HLS_GROUP' | 'CMAF_GROUP';
  readonly outputs: readonly PlaylistMember[];
  readonly encryption: Pick<EncryptionPlan, 'scheme'> | null;
}

/** One output as measured so far. */
export interface MeasuredOutput {
  readonly output: PlaylistMember;
  readonly tracks: MeasuredTracks;
  /** At least one. */
  readonly segments: readonly WrittenSegment[];
  /** The initialization of fragmented MP4: an object, or bytes at the beginning of the single file; null for others. */
  readonly initialization: { readonly location: string; readonly sizeBytes: number | null } | null;
  readonly keys: PlaylistKeys;
  /** Lines at splice points, by segment; absent or empty: none. */
  readonly lines?: readonly SegmentLines[];
}

/** What playlists say of keys; no lines for clear outputs. */
export interface PlaylistKeys {
  readonly lines: readonly string[];
  readonly sessionLines: readonly string[];
  /** Segments in front of the lines. */
  readonly clearSegments: number;
}

/** The lines of the keys that encrypt an output; of the whole group when none is given. */
export function playlistKeys(
  keys: GroupKeys | null,
  of: readonly (ContentKey | null)[] = keys?.keys ?? [],
): PlaylistKeys {
  const used = of.flatMap((key) => key ?? []);
  return {
    lines: [...new Set(used.flatMap(({ keyLines }) => keyLines))],
    sessionLines: [...new Set(used.flatMap(({ sessionLines }) => sessionLines))],
    clearSegments: keys?.clearSegments ?? 0,
  };
}

/**
 * Version and target duration are the same in all playlists of a group: RFC 8216 6.2.4 asks it of the target duration,
 * the service's files show it of the version.
 */
export interface GroupNumbers {
  readonly version: number;
  readonly targetDurationSeconds: number;
}

/** EXT-X-VERSION (spec packaging.md 4.1) and TARGETDURATION (spec packaging.md 2) of a group. */
export function groupNumbers(group: PlaylistGroup, outputs: readonly MeasuredOutput[]): GroupNumbers {
  return { version: groupVersion(group, outputs), targetDurationSeconds: groupTarget(group, outputs) };
}

function groupVersion(group: PlaylistGroup, measured: readonly MeasuredOutput[]): number {
  const { outputs } = group;
  // Media initialization sections in ordinary playlists need 6 (RFC 8216 7).
  if (group.type === 'CMAF_GROUP') return 6;
  if (group.encryption?.scheme === 'sample-aes') return 5;
  // Below 5 players overlook the attribute and take the key for one of their own (RFC 8216 7).
  if (measured.some(({ keys }) => [...keys.lines, ...keys.sessionLines].some(namesFormat))) return 5;
  if (outputs.some((output) => output.describesVideo)) return 5;
  const needs4 =
    group.segmentControl === 'SINGLE_FILE' ||
    outputs.some((output) => output.iFramePlaylistLocation !== null || isAlternateAudio(output));
  if (needs4) return 4;
  return group.durationFormat === 'FLOATING_POINT' ? 3 : 2;
}

function namesFormat(line: string): boolean {
  return /[:,]KEYFORMAT(VERSIONS)?=/.test(line);
}

/**
 * The group's rule over its video outputs (audio when there is none). Audio segments end a part of a frame later than
 * video: they count only when even their rounded duration exceeds it, which RFC 8216 4.3.3.1 forbids.
 */
function groupTarget(group: PlaylistGroup, outputs: readonly MeasuredOutput[]): number {
  const durations = (from: readonly MeasuredOutput[]): number[] =>
    from.flatMap(({ segments }) => segments.map((segment) => listedUs(group, segment)));
  const withVideo = outputs.filter(({ tracks }) => tracks.video !== null);
  const leading = targetDurationSeconds(
    group.targetDurationMode,
    durations(withVideo.length > 0 ? withVideo : outputs),
  );
  return Math.max(leading, targetDurationSeconds('SPEC_COMPLIANT', durations(outputs)));
}

/** The length of a segment as its EXTINF says it, which is what players compare. */
function listedUs({ durationFormat }: PlaylistGroup, segment: WrittenSegment): number {
  return durationFormat === 'INTEGER' ? durationUs(segment) : writtenUs(segment);
}

/** Where the last picture of the outputs ends. */
export function pictureEndUs(outputs: readonly Pick<MeasuredOutput, 'tracks' | 'segments'>[]): number {
  const withVideo = outputs.filter(({ tracks }) => tracks.video !== null);
  return withVideo.reduce((end, { segments }) => Math.max(end, segments.at(-1)?.endUs ?? 0), 0);
}

/** The playlist of an output's segments. `location` is where it will be. */
export function segmentPlaylist(
  group: PlaylistGroup,
  measured: MeasuredOutput,
  location: string,
  numbers: GroupNumbers,
  isComplete: boolean,
): MediaPlaylist {
  const { segments } = measured;
  const dates = programDates(group, segments);
  const entries = segments.map(
    (segment, index): PlaylistEntry => ({
      uri: mediaUri(addressOf(group), location, segment.location),
      durationUs: durationUs(segment),
      byteRange:
        group.segmentControl === 'SINGLE_FILE'
          ? { lengthBytes: segment.sizeBytes, offsetBytes: segment.offsetBytes }
          : null,
      programDateTimeMs: dates[index] ?? null,
      linesBefore: [
        ...(index === measured.keys.clearSegments ? measured.keys.lines : []),
        ...(measured.lines?.[index]?.before ?? []),
      ],
      linesAfter: measured.lines?.[index]?.after ?? [],
    }),
  );
  return { ...playlistFrame(group, measured, location, numbers, isComplete), kind: 'segments', entries };
}

/** The playlist of an output's key frames: each lasts until the next (spec packaging.md 8.1). */
export function iFramePlaylist(
  group: PlaylistGroup,
  measured: MeasuredOutput,
  location: string,
  numbers: GroupNumbers,
  isComplete: boolean,
): MediaPlaylist {
  const { segments } = measured;
  const firstUs = segments[measured.keys.clearSegments]?.startUs ?? Number.POSITIVE_INFINITY;
  const spans = keyFrameSpans(segments);
  const firstKey = spans.findIndex(({ startUs }) => startUs >= firstUs);
  const entries = spans.map(
    (span, index): PlaylistEntry => ({
      uri: mediaUri(addressOf(group), location, span.location),
      durationUs: span.durationUs,
      byteRange: span.isWhole ? null : { lengthBytes: span.sizeBytes, offsetBytes: span.offsetBytes },
      programDateTimeMs: null,
      linesBefore: index === firstKey ? measured.keys.lines : [],
    }),
  );
  return { ...playlistFrame(group, measured, location, numbers, isComplete), kind: 'i-frames', entries };
}

function playlistFrame(
  group: PlaylistGroup,
  { initialization }: MeasuredOutput,
  location: string,
  numbers: GroupNumbers,
  isComplete: boolean,
): Omit<MediaPlaylist, 'kind' | 'entries'> {
  const { durationFormat, clientCacheDisabled } = group;
  const map =
    initialization === null
      ? null
      : {
          uri: mediaUri(addressOf(group), location, initialization.location),
          sizeBytes: initialization.sizeBytes,
        };
  return { ...numbers, isComplete, durationFormat, forbidsCaching: clientCacheDisabled, map };
}

function addressOf({ baseUrl, multivariant }: PlaylistGroup): GroupAddress {
  return { baseUrl, root: multivariant.location };
}

interface KeyFrame {
  readonly location: string;
  /** It is all of its object. */
  readonly isWhole: boolean;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly startUs: number;
  readonly durationUs: number;
}

/** The key frames of an output, each lasting until the next. */
export function keyFrameSpans(segments: readonly WrittenSegment[]): KeyFrame[] {
  const spans = segments.flatMap(({ location, keyFrames }) =>
    keyFrames.map((span) => ({
      ...span,
      location: span.location ?? location,
      isWhole: span.location !== undefined,
    })),
  );
  const endUs = segments.at(-1)?.endUs ?? 0;
  return spans.map((span, index) => ({
    ...span,
    durationUs: (spans[index + 1]?.startUs ?? endUs) - span.startUs,
  }));
}

/** The wall clock of each segment that carries the tag: the first, then one per period. */
function programDates(group: PlaylistGroup, segments: readonly WrittenSegment[]): (number | null)[] {
  const { programDateTimePeriodSeconds: period, programDateTimeStartMs: startMs } = group;
  if (period === null || startMs === null) return [];
  let lastUs: number | null = null;
  return segments.map(({ startUs }) => {
    if (lastUs !== null && startUs - lastUs < period * 1e6) return null;
    lastUs = startUs;
    return startMs + Math.round(startUs / 1000);
  });
}

/** Sound that players choose beside the pictures: it stands as EXT-X-MEDIA. */
export function isAlternateAudio({ audioTrackType }: PlaylistMember): boolean {
  return audioTrackType !== null && audioTrackType !== 'AUDIO_ONLY_VARIANT_STREAM';
}

/** Length of a segment in the whole milliseconds of EXTINF. */
export function writtenUs({ startUs, endUs }: WrittenSegment): number {
  return (Math.round(endUs / 1000) - Math.round(startUs / 1000)) * 1000;
}

/** Length of a segment as it is. */
export function durationUs({ startUs, endUs }: WrittenSegment): number {
  return endUs - startUs;
}
