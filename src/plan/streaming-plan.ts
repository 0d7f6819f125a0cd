/** Parts that the plans of streaming groups share (spec packaging.md 3, 4, 7). */
import type { Rational } from '../exact-time.ts';
import type { SpliceConditions } from './signal-plan.ts';

/** Where a streaming group is cut (spec packaging.md 3). */
export interface SegmentationPlan {
  readonly segmentSeconds: Rational;
  readonly minFinalSegmentSeconds: number;
  readonly segmentControl: 'SEGMENTED_FILES' | 'SINGLE_FILE';
  readonly segmentLengthControl: 'EXACT' | 'GOP_MULTIPLE';
  /** Segments are cut at splice points too; absent: they are not. */
  readonly splices?: SpliceConditions;
}

/** What the HLS playlists of a group say (spec packaging.md 4). */
export interface PlaylistRules {
  readonly multivariant: HlsPlaylistPlan;
  readonly durationFormat: 'FLOATING_POINT' | 'INTEGER';
  readonly targetDurationMode: 'LEGACY' | 'SPEC_COMPLIANT';
  readonly clientCacheDisabled: boolean;
  readonly includeResolution: boolean;
  readonly closedCaptionsNone: boolean;
  /** Spacing of EXT-X-PROGRAM-DATE-TIME; 0 writes it on every segment, null on none. */
  readonly programDateTimePeriodSeconds: number | null;
  /** Wall clock of output time 0 (spec packaging.md 4.3), milliseconds since 1970; null when the tag is not written. */
  readonly programDateTimeStartMs: number | null;
  readonly gzipManifests: boolean;
  readonly progressiveManifests: boolean;
  readonly baseUrl: string;
  readonly additionalManifests: readonly ManifestSelection[];
}

/** A further manifest over some outputs of its group. */
export interface ManifestSelection {
  readonly location: string;
  readonly outputIndexes: readonly number[];
}

/** Where a playlist goes; null location: not written (`SEGMENTS_ONLY`). */
export interface HlsPlaylistPlan {
  readonly location: string | null;
}

/** Still pictures for players that show a place before it is played (spec packaging.md 8.4). */
export interface ImageTrackPlan {
  /** Raw pictures of thumbnail size, one per interval. */
  readonly videoRenditionId: string;
  /** Place of the settings that ask for it. */
  readonly pointer: string;
  /** Location of the sheets with one `%09d`, from 1; `%%` is a percent sign. */
  readonly location: string;
  /** HLS image playlist; null: none is written. */
  readonly playlistLocation: string | null;
  /** Of one picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pictures on a sheet. */
  readonly columns: number;
  readonly rows: number;
  readonly intervalSeconds: Rational;
}
