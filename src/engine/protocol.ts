/**
 * Messages between a worker and its engine child. Control travels as JSON over Node's IPC channel; object bytes
 * travel over an inherited socket pair (see `engine/object-channel.ts`). The child holds no credentials and
 * opens nothing by name that the worker did not grant (design D2, D3).
 *
 * Life of a child: it loads the libraries and says `ready`; the parent sends the tasks of ONE attempt, one after
 * another (probe, look, run, probe of the outputs); for each the child reports progress, then answers `result` or
 * `fault`. It never sees a second job and is ended by the parent. `cancel` may come at any time: every IO
 * callback then fails at once and the child answers `canceled`; after that it takes no more tasks.
 */

import type { WarningCode } from '../catalogue/codes.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { GroupKeys } from '../package/encryption/content-keys.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';

/** How the engine reads an input object. */
export interface SourceGrant {
  /** Location as written in plan or probe request. */
  readonly location: string;
  /** A path the child may open itself (local buckets without a file-system sandbox); null: read through the channel. */
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly eTag: string | null;
}

/** What a child is asked to do. */
export type EngineTask =
  | {
      readonly kind: 'probe';
      readonly sources: readonly SourceGrant[];
      /** Locations that are track files of IMF packages: they hold what such packages may hold. */
      readonly trackFiles: readonly string[];
      /** The objects are the job's own outputs: what the service refuses as an input is read all the same. */
      readonly ofOutputs: boolean;
    }
  | {
      /** Objects beside the inputs are read as a run would read them. */
      readonly kind: 'look';
      readonly sources: readonly SourceGrant[];
      /** Those that are tables of colour; the others are images. */
      readonly tables: readonly string[];
      /** The image of ad avails, and the outputs that it must fit into; null: there is none. */
      readonly blank: BlankImage | null;
    }
  | {
      readonly kind: 'run';
      readonly plan: JobPlan;
      /** Keys of encrypted groups: not part of the plan, which is printed and stored. */
      readonly keys: readonly GroupKeys[];
      readonly sources: readonly SourceGrant[];
      /** Existing empty folder of this attempt for what cannot stream. */
      readonly scratchFolder: string;
    };

/** From the worker to the child. */
export type MessageToEngine =
  | { readonly type: 'task'; readonly task: EngineTask }
  | { readonly type: 'cancel' };

/** From the child to the worker. */
export type MessageFromEngine =
  /** The libraries are loaded. */
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: EngineProgress }
  | { readonly type: 'warning'; readonly code: WarningCode; readonly count: number; readonly detail: string }
  /** Sent once, when all pictures were seen. */
  | { readonly type: 'black-video'; readonly black: BlackVideo }
  /** Sent once, at the end, when inputs had what went into no output. */
  | { readonly type: 'left-out'; readonly reason: LeftOutReason; readonly inputIndexes: readonly number[] }
  | { readonly type: 'result'; readonly result: EngineResult }
  | { readonly type: 'fault'; readonly fault: FaultRecord }
  | { readonly type: 'canceled' };

/** What of an input is left out, as only a run can tell. */
export type LeftOutReason = 'splice-insert';

/** Sent at most four times a second, and once at each phase change and at the first decoded frame. */
export interface EngineProgress {
  readonly phase: 'TRANSCODING' | 'UPLOADING';
  /** Frames decoded since the attempt began. */
  readonly framesDecoded: number;
  /** Output time of the slowest rendition in microseconds. */
  readonly outputTimeUs: number;
  /** 0–100 of the phase; null when the duration is unknown. */
  readonly percent: number | null;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What a task gave. */
export type EngineResult =
  | { readonly kind: 'probe'; readonly facts: readonly InputFacts[] }
  /** Of those that no run can use. */
  | { readonly kind: 'look'; readonly faults: readonly FaultRecord[] }
  | { readonly kind: 'run'; readonly outputGroups: readonly OutputGroupResult[] };

/** An image in the place of pictures, which is never made smaller. Sizes in pixels. */
export interface BlankImage {
  readonly location: string;
  readonly sizes: readonly { readonly widthPx: number; readonly heightPx: number }[];
}

/** What a group produced: the matter of the COMPLETE event (spec events.md 5). */
export interface OutputGroupResult {
  readonly groupIndex: number;
  readonly type: 'FILE_GROUP' | 'HLS_GROUP' | 'CMAF_GROUP' | 'DASH_ISO_GROUP' | 'MS_SMOOTH_GROUP';
  readonly playlistLocations: readonly string[];
  readonly outputs: readonly OutputResult[];
  /** Written beside the outputs: sheets of thumbnails with their playlists, key frame tracks; absent: nothing. */
  readonly extras?: OutputResult['objects'];
}

/** What one output became. */
export interface OutputResult {
  readonly outputIndex: number;
  /** Locations named in the COMPLETE event: media file, last picture, or child playlist. */
  readonly locations: readonly string[];
  /** Every object written for the output, in publish order. */
  readonly objects: readonly { readonly location: string; readonly sizeBytes: number }[];
  readonly durationMs: number;
  readonly video: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly frames: number;
    readonly bytes: number;
    readonly averageBitrateBps: number;
    /** QVBR only. */
    readonly quality?: QualityFigures;
  } | null;
  readonly audio: readonly {
    readonly samples: number;
    readonly sampleRateHz: number;
    readonly bytes: number;
  }[];
}

/** Black pictures of a run. */
export interface BlackVideo {
  /** Those of the source, on the output timeline. */
  readonly segments: readonly BlackSegment[];
  /** Length of those that were inserted where the source has none (`padVideo`), milliseconds in each output. */
  readonly insertedMs: number;
}

/** A time of black on the output timeline, milliseconds. */
export interface BlackSegment {
  readonly startMs: number;
  readonly endMs: number;
}

/** Figures of a finished encode. Locations are milliseconds in the output. */
export interface QualityFigures {
  readonly average: number;
  readonly lowest: number;
  readonly highest: number;
  readonly lowestAtMs: number;
  readonly highestAtMs: number;
}
