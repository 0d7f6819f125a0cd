/** What the codec steps take and give. */

import type { ContainerType } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { Gop, SegmentRule } from './gop.ts';
import type { FrameMetric, HdrMetadata, QualityScale, StreamData } from './picture-plan.ts';
import type { EncoderPlan, FilterStep, SceneChanges } from './plan.ts';
import { allCounted, type UncountedBytes } from './rate-room.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';

/** What of its surroundings a codec step needs to know. */
export interface VideoPlace {
  readonly container: ContainerType;
  /** `chromaPositionMode`; null leaves it unsaid. */
  readonly chromaLocation: 'center' | 'top-left' | null;
  /** Transfer characteristic of the output, FFmpeg name. */
  readonly transfer: string | null;
  /** Mastering metadata of the output; null: not HDR10, or not to be written. */
  readonly hdr: HdrMetadata | null;
  /** Chroma of the source: 4:4:4 can be kept by some codecs only. */
  readonly sourceChroma: string;
  /** Expected length of the output; null: unknown. */
  readonly clipSeconds: number | null;
  /** First timecode when the stream itself is to carry timecodes; null: it does not. */
  readonly timecode: string | null;
}

/** A planned encode and what follows from it outside the encoder. */
export interface EncodedVideo {
  readonly encoder: EncoderPlan;
  readonly pixelFormat: string;
  readonly gop: Gop;
  /** Scene changes begin groups; absent: only the encoder's own do, if any. */
  readonly sceneChanges?: SceneChanges;
  /** What `$rv$` shows: the average, or the peak with QVBR. */
  readonly nominalBitrateBps: number;
  /** Pictures the encoder holds at a time, for the memory estimate. */
  readonly codingFramesHeld: number;
  /** Cleaning that the codec block asks for. */
  readonly cleaning: readonly FilterStep[];
  /** Filters the encoder needs in front of it, behind all others. */
  readonly finishing: readonly FilterStep[];
  /** Marks on coded pictures that the encoder does not write by itself. */
  readonly marks?: Pick<
    StreamData,
    | 'marksFields'
    | 'profile'
    | 'isHighTier'
    | 'tellsClosedGroups'
    | 'pictureBytes'
    | 'pulldown'
    | 'decoderBuffer'
  >;
  /** Lines that are coded where `finishing` adds some; absent: those of the frame. */
  readonly codedHeightPx?: number;
  readonly frameMetrics: readonly FrameMetric[];
  readonly qualityScale: QualityScale | null;
  readonly repeatsPictureParameters: boolean;
  readonly hasUnregisteredTimecode: boolean;
  /** What the encoder writes and does not count. */
  readonly uncounted: UncountedBytes;
}

/** An encode with nothing beside it; codec steps lay what they have over it. */
export function encodedVideo(
  parts: Pick<EncodedVideo, 'encoder' | 'pixelFormat'> & Partial<EncodedVideo>,
): EncodedVideo {
  return {
    gop: intraGop,
    nominalBitrateBps: parts.encoder.bitrateBps,
    codingFramesHeld: 2,
    cleaning: [],
    finishing: [],
    frameMetrics: [],
    qualityScale: null,
    repeatsPictureParameters: false,
    hasUnregisteredTimecode: false,
    uncounted: allCounted,
    ...parts,
  };
}

/** Every picture is a key frame. */
const intraGop: Gop = {
  frames: 1,
  isOpen: false,
  forcedKeyFrameSeconds: null,
  segmentSeconds: null,
  minKeyInterval: null,
  isExactLength: false,
};

/**
 * Plans the encode of one codec; null, with findings, without a rate or a class, which the contract refuses before. What else
 * is wrong is told and planned around, for what follows to tell its own mistakes.
 */
export type CodecPlanner<Block extends object> = (
  settings: SettingsReader<Block>,
  frame: EncodedFrame,
  place: VideoPlace,
  segment: SegmentRule | null,
  findings: FindingLog,
) => EncodedVideo | null;
/** True for containers whose sample entry is chosen by the output, so that one encode serves several of them. */
export function isFragmented(container: VideoPlace['container']): boolean {
  return container === 'CMFC' || container === 'MPD' || container === 'ISMV';
}
