/** Body of COMPLETE: what each output group made, its quality, and the black of the source (spec events.md 5). */
import type { WarningCode } from '../catalogue/codes.ts';
import type {
  BlackSegment,
  BlackVideo,
  OutputGroupResult,
  OutputResult,
  QualityFigures,
} from '../engine/protocol.ts';
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
    /** QVBR only: levels with two decimals, and where in the output, in milliseconds. */
    readonly qvbrAvgQuality?: number;
    readonly qvbrMinQuality?: number;
    readonly qvbrMaxQuality?: number;
    readonly qvbrMinQualityLocation?: number;
    readonly qvbrMaxQualityLocation?: number;
  };
}

/** What a finished job tells. */
export interface CompletedJob {
  readonly outputGroups: readonly OutputGroupResult[];
  readonly warnings: ReadonlyMap<WarningCode, number>;
  readonly blackVideo: BlackVideo;
}

/** Sent when every object of the job is readable. */
export function completeBody(job: CompletedJob): CompleteBody {
  return {
    status: 'COMPLETE',
    outputGroupDetails: [...job.outputGroups]
      .sort((a, b) => a.groupIndex - b.groupIndex)
      .map(outputGroupDetail),
    paddingInserted: job.blackVideo.insertedMs * outputsWithVideo(job.outputGroups),
    ...blackVideo(job.blackVideo.segments),
    ...warningCounts(job.warnings),
  };
}

/** Padding counts in every output that shows it (events.md, padding). */
function outputsWithVideo(groups: readonly OutputGroupResult[]): number {
  return groups.flatMap(({ outputs }) => outputs).filter(({ video }) => video !== null).length;
}

/** Milliseconds of black in all; the list only where there is some (observed). */
function blackVideo(
  segments: readonly BlackSegment[],
): Pick<CompleteBody, 'blackVideoDetected' | 'blackVideoSegments'> {
  const blackVideoDetected = segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  if (segments.length === 0) return { blackVideoDetected };
  return {
    blackVideoDetected,
    blackVideoSegments: segments.map(({ startMs, endMs }) => ({ start: startMs, end: endMs })),
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
            ...qualityDetail(video.quality),
          },
        }),
  };
}

function qualityDetail(
  quality: QualityFigures | undefined,
): Partial<NonNullable<OutputDetail['videoDetails']>> {
  if (quality === undefined) return {};
  const level = (value: number): number => Math.round(value * 100) / 100;
  return {
    qvbrAvgQuality: level(quality.average),
    qvbrMinQuality: level(quality.lowest),
    qvbrMaxQuality: level(quality.highest),
    qvbrMinQualityLocation: quality.lowestAtMs,
    qvbrMaxQualityLocation: quality.highestAtMs,
  };
}
