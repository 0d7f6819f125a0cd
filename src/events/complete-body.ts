/**
 * Body of COMPLETE: what each output group made (spec events.md 5). `blackVideoDetected`, `blackVideoSegments` and the
 * `qvbr…` members need an analysis that is not made yet; they are left out, because a constant would be a lie.
 */
import type { WarningCode } from '../catalogue/codes.ts';
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import { type CompleteBody, warningCounts } from './bodies.ts';

/** One output group, in job order. */
export interface OutputGroupDetail {
  readonly type: OutputGroupResult['type'];
  /** Streaming groups only. */
  readonly playlistFilePaths?: readonly string[];
  readonly outputDetails: readonly OutputDetail[];
}

/** One output, in job order. */
export interface OutputDetail {
  /** Absent for DASH and CMAF, which are found by their manifests (spec events.md 5.1). */
  readonly outputFilePaths?: readonly string[];
  readonly durationInMs: number;
  /** Outputs with video only. */
  readonly videoDetails?: {
    readonly widthInPx: number;
    readonly heightInPx: number;
    /** Bits per second. */
    readonly averageBitrate: number;
  };
}

/** What a finished job tells. */
export interface CompletedJob {
  readonly outputGroups: readonly OutputGroupResult[];
  readonly warnings: ReadonlyMap<WarningCode, number>;
  /** Black video inserted over all outputs, in milliseconds; 0 as long as no plan inserts any. */
  readonly paddingInsertedMs: number;
}

/** Sent when every object of the job is readable. */
export function completeBody(job: CompletedJob): CompleteBody {
  return {
    status: 'COMPLETE',
    outputGroupDetails: [...job.outputGroups]
      .sort((a, b) => a.groupIndex - b.groupIndex)
      .map(outputGroupDetail),
    paddingInserted: job.paddingInsertedMs,
    ...warningCounts(job.warnings),
  };
}

function outputGroupDetail(group: OutputGroupResult): OutputGroupDetail {
  const outputs = [...group.outputs].sort((a, b) => a.outputIndex - b.outputIndex);
  return {
    type: group.type,
    ...(group.type === 'FILE_GROUP' ? {} : { playlistFilePaths: group.playlistLocations }),
    outputDetails: outputs.map((output) => outputDetail(output, group.type)),
  };
}

function outputDetail(output: OutputResult, type: OutputGroupResult['type']): OutputDetail {
  const { video } = output;
  return {
    ...(type === 'DASH_ISO_GROUP' || type === 'CMAF_GROUP' ? {} : { outputFilePaths: output.locations }),
    durationInMs: Math.round(output.durationMs),
    ...(video === null
      ? {}
      : {
          videoDetails: {
            widthInPx: video.widthPx,
            heightInPx: video.heightPx,
            averageBitrate: Math.round(video.averageBitrateBps),
          },
        }),
  };
}
