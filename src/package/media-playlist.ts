/** The text of HLS media playlists (spec packaging.md 4.1, 4.3, 8.1; RFC 8216 section 4.3.3). */
import type { PlaylistRules } from '../plan/streaming-plan.ts';

/** One entry: a segment, or a key frame of an I-frame playlist. */
export interface PlaylistEntry {
  /** Relative to the playlist or absolute. */
  readonly uri: string;
  readonly durationUs: number;
  /** Part of the object; null: all of it. */
  readonly byteRange: { readonly lengthBytes: number; readonly offsetBytes: number } | null;
  /** Wall clock of the first frame, milliseconds since 1970; null writes no tag. */
  readonly programDateTimeMs: number | null;
  /** Tags in front of everything else of the entry: its keys, and splice points. */
  readonly linesBefore: readonly string[];
  /** Tags behind the entry. */
  readonly linesAfter?: readonly string[];
}

/** A media playlist as data. */
export interface MediaPlaylist {
  readonly version: number;
  readonly targetDurationSeconds: number;
  readonly kind: 'segments' | 'i-frames';
  /** False while segments are still added: no ENDLIST, and type EVENT, which RFC 8216 4.3.3.5 allows to grow. */
  readonly isComplete: boolean;
  /** ALLOW-CACHE:NO, a tag that HLS 7 removed (spec packaging.md 2, `clientCache`). */
  readonly forbidsCaching: boolean;
  readonly durationFormat: PlaylistRules['durationFormat'];
  /** EXT-X-MAP of fragmented MP4; `sizeBytes` when it is the beginning of the media file. */
  readonly map: { readonly uri: string; readonly sizeBytes: number | null } | null;
  readonly entries: readonly PlaylistEntry[];
}

/** The playlist's text, with a line feed behind every line. Media sequence numbers begin at 1, as file numbers do. */
export function formatMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${playlist.version}`,
    `#EXT-X-TARGETDURATION:${playlist.targetDurationSeconds}`,
    '#EXT-X-MEDIA-SEQUENCE:1',
    ...(playlist.kind === 'i-frames' ? ['#EXT-X-I-FRAMES-ONLY'] : []),
    `#EXT-X-PLAYLIST-TYPE:${playlist.isComplete ? 'VOD' : 'EVENT'}`,
    ...(playlist.forbidsCaching ? ['#EXT-X-ALLOW-CACHE:NO'] : []),
    ...mapLines(playlist.map),
    ...entriesLines(playlist),
    ...(playlist.isComplete ? ['#EXT-X-ENDLIST'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function mapLines(map: MediaPlaylist['map']): string[] {
  if (map === null) return [];
  const range = map.sizeBytes === null ? '' : `,BYTERANGE="${map.sizeBytes}@0"`;
  return [`#EXT-X-MAP:URI="${map.uri}"${range}`];
}

function entriesLines(playlist: MediaPlaylist): string[] {
  let startUs = 0;
  return playlist.entries.flatMap((entry) => {
    const lines = entryLines(entry, formatDuration(startUs, entry.durationUs, playlist));
    startUs += entry.durationUs;
    return lines;
  });
}

function entryLines(entry: PlaylistEntry, duration: string): string[] {
  const { byteRange, programDateTimeMs } = entry;
  return [
    ...entry.linesBefore,
    ...(programDateTimeMs === null
      ? []
      : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(programDateTimeMs).toISOString()}`]),
    `#EXTINF:${duration},`,
    ...(byteRange === null ? [] : [`#EXT-X-BYTERANGE:${byteRange.lengthBytes}@${byteRange.offsetBytes}`]),
    entry.uri,
    ...(entry.linesAfter ?? []),
  ];
}

/**
 * Key frames have six decimals whatever the format (observed). With three, each duration is the difference of the rounded
 * end and the rounded start: the sum is the track's duration, however many segments there are. Whole seconds are rounded
 * one by one.
 */
function formatDuration(
  startUs: number,
  durationUs: number,
  { kind, durationFormat }: MediaPlaylist,
): string {
  if (kind === 'i-frames') return (durationUs / 1e6).toFixed(6);
  if (durationFormat === 'INTEGER') return String(Math.round(durationUs / 1e6));
  const milliseconds = Math.round((startUs + durationUs) / 1000) - Math.round(startUs / 1000);
  return (milliseconds / 1000).toFixed(3);
}

/**
 * TARGETDURATION of playlists with these durations: LEGACY is the next whole second at or above the longest,
 * SPEC_COMPLIANT rounds it half up (spec README). At least 1.
 */
export function targetDurationSeconds(
  mode: PlaylistRules['targetDurationMode'],
  durationsUs: readonly number[],
): number {
  const longest = durationsUs.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(1, mode === 'LEGACY' ? Math.ceil(longest / 1e6) : Math.round(longest / 1e6));
}
