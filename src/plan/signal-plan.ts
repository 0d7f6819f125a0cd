/**
 * Signals of a job and their ways into its outputs, decided: splice points, timed metadata, ad avails (spec packaging.md
 * 9, 10; overlays.md 5). Times count from the first frame of the output, in ticks of 90 kHz.
 */

import type { ManifestCondition } from '../signals/esam-conditions.ts';
import type { AvailEdge } from '../signals/segmentation-descriptor.ts';
import type { FilterStep } from './plan.ts';

/** What the job as a whole signals. */
export interface SignalPlan {
  /** Points of an ESAM document, in order of time. */
  readonly cues: readonly PlannedCue[];
  /** ID3 tags of the job, in order of time. */
  readonly tags: readonly PlannedTag[];
  /** Encodes that have a key frame at every splice point. */
  readonly conditionedRenditionIds: readonly string[];
  /** Added to the splice times of inputs. */
  readonly adAvailOffsetMs: number;
  /** What stands for picture and sound inside ad avails; null: they are left alone. */
  readonly blanking: {
    /** Null: black. */
    readonly imageLocation: string | null;
    /** From full-range RGB to the pictures of each encode, by its id. */
    readonly steps: Readonly<Record<string, readonly FilterStep[]>>;
  } | null;
}

/** A splice point that is known before the run. */
export interface PlannedCue {
  readonly at: number;
  readonly messageAt: number;
  /** The splice_info_section in base64, its time on the output timeline; null: nothing is told of the point. */
  readonly section: string | null;
  readonly edges: readonly AvailEdge[];
  readonly signalId: string;
  readonly isInSegments: boolean;
}

/** A tag for one instant. */
export interface PlannedTag {
  readonly at: number;
  /** Base64. */
  readonly id3: string;
}

/** Kinds of data tracks that inputs may have and outputs take along. */
export type DataKind = 'scte35' | 'id3' | 'klv';

/** A data track that is read beside picture and sound. */
export interface PlannedDataTrack {
  readonly streamIndex: number;
  readonly kind: DataKind;
}

/** Data in a transport stream; null: none of the kind. */
export interface DataStreamsPlan {
  readonly scte35Pid: number | null;
  readonly id3Pid: number | null;
  readonly klv: {
    readonly pid: number;
    /** Bound to the timestamps of the picture (MISB ST 1402), not merely near it. */
    readonly isSynchronous: boolean;
  } | null;
  /** What has an earlier time than the first picture is left out. */
  readonly startsWithVideo: boolean;
}

/** ID3 tags that tell the time of the stream, again and again. */
export interface TimestampTags {
  readonly frame: 'PRIV' | 'TDRL';
  readonly periodSeconds: number;
  /** Wall clock of output time 0, milliseconds since 1970. */
  readonly startMs: number;
}

/** Event messages in fragmented MP4 (ISO/IEC 23009-1 5.10.3.3); null or false: none of the kind. */
export interface EventsPlan {
  readonly hasSplices: boolean;
  readonly id3: { readonly version: 0 | 1; readonly schemeIdUri: string; readonly value: string } | null;
  readonly klv: { readonly value: string } | null;
  /** The MPD names their schemes. */
  readonly isSignaled: boolean;
}

/** How the segments of a group follow the splice points. */
export interface SpliceConditions {
  /** A boundary of the plain cadence that is closer to a splice point is left out. */
  readonly minSegmentSeconds: number;
}

/** What the media playlists of an HLS group say of splice points. */
export interface AvailMarkers {
  readonly isElemental: boolean;
  readonly isScte35Enhanced: boolean;
  /** Lines of an ESAM manifest document, by signal. */
  readonly conditions: readonly ManifestCondition[];
}
