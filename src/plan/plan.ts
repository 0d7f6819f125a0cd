/**
 * The frozen decision for a job (design D4): settings plus facts become this, and nothing else, before anything
 * opens a file or an encoder. Plain JSON: it is printed by `check`, stored, sent to the engine child, compared
 * in golden tests. All arrays keep the order of the job document.
 */
import type { Rational } from '../exact-time.ts';

/** A whole job, decided. */
export interface JobPlan {
  readonly planVersion: 1;
  readonly inputs: readonly PlannedInput[];
  /** Each video encode is made once, however many outputs carry it. */
  readonly videoRenditions: readonly VideoRendition[];
  /** Identical audio encodes (same source, same settings) are one rendition, carried by many outputs. */
  readonly audioRenditions: readonly AudioRendition[];
  readonly outputGroups: readonly PlannedOutputGroup[];
  /** Tables of measured pictures, each beside the output it tells of; absent: none. */
  readonly metricFiles?: readonly MetricFile[];
  readonly estimate: Estimate;
}

/** One input and what is read of it. */
export interface PlannedInput {
  readonly inputIndex: number;
  readonly location: string;
  /** Demuxer chosen by the probe, so that the run does not guess again. */
  readonly demuxer: string;
  readonly demuxerOptions: Readonly<Record<string, string>>;
  readonly video: PlannedVideoSource | null;
  /** All audio sources read from this input, by id. */
  readonly audio: readonly PlannedAudioSource[];
  /** Timestamp, in microseconds, of the input that becomes time 0 of the output. */
  readonly originUs: number;
  /** Expected duration on the output timeline in microseconds; null when unknown. */
  readonly durationUs: number | null;
  /** Parts that are read, in this order; absent: the whole input. */
  readonly clips?: readonly PlannedClip[];
}

/**
 * A part of an input, counted in frames from the input's first picture; both ends belong to it (spec
 * timecode-and-clipping.md C-3). Inputs without video count hundredths of a second.
 */
export interface PlannedClip {
  readonly firstFrame: number;
  /** Null: to the end of the input. */
  readonly lastFrame: number | null;
  /** Rate at which frames are counted; that of `PlannedVideoSource.frameRate` where there is video. */
  readonly frameRate: Rational;
  /** As the job writes them, for messages. */
  readonly startTimecode: string;
  readonly endTimecode: string | null;
}

/** The video track that is decoded, once for all renditions. */
export interface PlannedVideoSource {
  readonly streamIndex: number;
  readonly decoderThreads: number;
  /** Filters every rendition shares (repair, rotation, common frame rate), applied once, before the split. */
  readonly sharedFilters: readonly FilterStep[];
  /** Frame rate after `sharedFilters`; output timestamps count ticks of 1/frameRate. */
  readonly frameRate: Rational;
  /** Expected frames after `sharedFilters`; null when unknown. Used for progress. */
  readonly frameCount: number | null;
}

/** Audio tracks that a selector joins into one sound. */
export interface PlannedAudioSource {
  readonly id: string;
  /** Tracks joined channel-wise in this order (spec inputs.md A-1). Empty: silence of the video's length. */
  readonly streamIndexes: readonly number[];
  /** Positive is later. */
  readonly offsetMs: number;
  /** Name for messages: `selector-({name})-track-{n}`. */
  readonly selectorName: string;
  readonly trackNumbers: readonly number[];
}

/** A libavfilter filter with its options, in the library's own names. */
export interface FilterStep {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** One video encode. */
export interface VideoRendition {
  readonly id: string;
  /** `videoDescription` place in the job, for messages and pointers. */
  readonly pointer: string;
  /** 1-based ordinal of the video output, as error messages number them. */
  readonly ordinal: number;
  readonly inputIndex: number;
  /** Cleaning at the source's size and rate; renditions with equal ones share them. null: nothing to clean. */
  readonly preparation: PicturePreparation | null;
  /** Branch filters after the shared prefix: rate, scale, pad, format. Empty passes frames through untouched. */
  readonly filters: readonly FilterStep[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: Rational;
  readonly sampleAspectRatio: Rational;
  readonly pixelFormat: string;
  /** What the coded pictures are; fields are coded in the order told. */
  readonly scan: PictureScan;
  readonly encoder: EncoderPlan;
  /** Text drawn into every picture; null: none. */
  readonly burnIn: TimecodeBurnIn | null;
  /** What is written into the coded stream beside the pictures; null: nothing. */
  readonly streamData: StreamData | null;
  /** Mastering metadata of HDR10 pictures; null: none. */
  readonly hdr: HdrMetadata | null;
  /** Quality measured of every picture (`perFrameMetrics`), in the order of the document. */
  readonly frameMetrics: readonly FrameMetric[];
  /** Tells quality figures from quantizers, QVBR only (spec video.md 5). */
  readonly qualityScale: QualityScale | null;
  /**
   * Forced key frames in output time: one at the first frame at or after k × seconds (spec packaging.md 3.3).
   * null leaves key frames to the encoder's GOP settings.
   */
  readonly forcedKeyFrameSeconds: Rational | null;
  /** Embedded captions side data is removed from frames unless captions are selected. */
  readonly dropCaptions: boolean;
  /** maxCaptures of a frame capture; null encodes every frame. */
  readonly frameLimit: number | null;
  /** What the other inputs of the job go through instead of `filters`; absent: the job has one input. */
  readonly otherInputs?: readonly OtherVideoInput[];
}

/** Another input's way into a rendition that follows one input. */
export interface OtherVideoInput {
  readonly inputIndex: number;
  /** Of this input's pictures; absent: as the rendition says. */
  readonly preparation?: PicturePreparation | null;
  /** To the rendition's size, shape, colour and format. */
  readonly filters: readonly FilterStep[];
  readonly dropCaptions: boolean;
}

/** Filters that run once for all renditions that want them alike. */
export interface PicturePreparation {
  readonly steps: readonly FilterStep[];
  /** Rate of the pictures that come out; inverse telecine and deinterlacing to fields change it. */
  readonly frameRate: Rational;
}

/** How the lines of a picture belong together. */
export type PictureScan = 'progressive' | 'top-field-first' | 'bottom-field-first';

/** Timecodes count output frames from the first one's (spec timecode-and-clipping.md 5). */
export interface TimecodeStart {
  /** `HH:MM:SS:FF`, `;` before the frames for drop-frame. */
  readonly timecode: string;
  readonly frameRate: Rational;
}

/** Timecode burn-in (spec timecode-and-clipping.md 7). */
export interface TimecodeBurnIn {
  readonly start: TimecodeStart;
  readonly prefix: string;
  readonly fontSizePx: 10 | 16 | 32 | 48;
  readonly vertical: 'top' | 'middle' | 'bottom';
  readonly horizontal: 'left' | 'center' | 'right';
}

/** Data beside the pictures of a coded stream. */
export interface StreamData {
  /** Timecode of each picture: picture timing (H.264), time code SEI (H.265). */
  readonly timecode: TimecodeStart | null;
  /** Timecode in an unregistered SEI message of each picture. */
  readonly unregisteredTimecode: TimecodeStart | null;
  /** Active format description: a fixed code, or that of the source's picture; null: none. */
  readonly activeFormat: number | 'source' | null;
  /** A picture parameter set before every picture. */
  readonly repeatsPictureParameters: boolean;
}

/** Mastering display and light levels (SMPTE ST 2086, CTA-861.3). Chromaticity in 0.00002, luminance in 0.0001 cd/m². */
export interface HdrMetadata {
  /** Red, green, blue, white point: x, y. */
  readonly primaries: readonly (readonly [number, number])[];
  readonly minLuminance: number;
  readonly maxLuminance: number;
  /** cd/m². */
  readonly maxContentLight: number;
  readonly maxFrameAverageLight: number;
}

/** Metrics that this release measures. */
export type FrameMetric = 'PSNR' | 'QVBR' | 'SSIM';

/** One table of `perFrameMetrics`. */
export interface MetricFile {
  readonly groupIndex: number;
  readonly renditionId: string;
  readonly metric: FrameMetric;
  readonly location: string;
}

/** Quality level = (atZero − quantizer) ÷ perLevel. */
export interface QualityScale {
  readonly atZero: number;
  readonly perLevel: number;
}

/** One audio encode. */
export interface AudioRendition {
  readonly id: string;
  readonly pointer: string;
  readonly inputIndex: number;
  readonly audioSourceId: string;
  readonly filters: readonly FilterStep[];
  readonly sampleRateHz: number;
  readonly channelLayout: string;
  readonly sampleFormat: string;
  readonly encoder: EncoderPlan;
  /** ISO 639-2 lower case as written into containers and playlists; null when unknown. */
  readonly language: string | null;
  /** RFC 5646 tag for manifests when the job gives one; null otherwise. */
  readonly manifestLanguage: string | null;
  readonly streamName: string | null;
  /** What the other inputs of the job give to the rendition; absent: the job has one input. */
  readonly otherInputs?: readonly OtherAudioInput[];
}

/** Another input's way into a rendition that follows one input. */
export interface OtherAudioInput {
  readonly inputIndex: number;
  readonly audioSourceId: string;
  readonly filters: readonly FilterStep[];
}

/** An encoder in the library's own names; `options` are AVOptions set before open. */
export interface EncoderPlan {
  /** MediaConvert codec name, e.g. `H_264`, `AAC`. */
  readonly codec: string;
  /** Library encoder name, e.g. `libx264`. */
  readonly encoder: string;
  readonly options: Readonly<Record<string, string>>;
  /** Set on the context: average and peak in bit/s, VBV buffer in bits; 0 leaves the encoder's default. */
  readonly bitrateBps: number;
  readonly maxBitrateBps: number;
  readonly bufferSizeBits: number;
  readonly gopSizeFrames: number | null;
  readonly maxBFrames: number | null;
  readonly threads: number;
  /** Four-character code forced on the track, e.g. `hvc1`; null leaves the muxer's choice. */
  readonly codecTag: string | null;
  /** Two passes over the source: statistics first (MULTI_PASS_HQ). */
  readonly passes: 1 | 2;
  /** The second pass spends what the first did, but no more than this (QVBR `maxAverageBitrate`); absent: no such bound. */
  readonly averageLimitBps?: number;
  /** FFmpeg colour names written into the stream; null leaves it unspecified. */
  readonly color: {
    readonly primaries: string | null;
    readonly transfer: string | null;
    readonly matrix: string | null;
    readonly range: 'limited' | 'full' | null;
  } | null;
  /** End-of-sequence/-stream NAL units appended to the last access unit (H.264/H.265 `endOfStreamMarkers`). */
  readonly endOfStreamMarkers: boolean;
}

/** An output group of a plan. */
export type PlannedOutputGroup = FileOutputGroup | HlsOutputGroup;

interface OutputGroupCommon {
  readonly groupIndex: number;
  /** JSON pointer of the group. */
  readonly pointer: string;
  /** Object metadata of all objects of the group (spec naming.md 10). */
  readonly objectSettings: ObjectSettings;
}

/** Independent files. */
export interface FileOutputGroup extends OutputGroupCommon {
  readonly type: 'FILE_GROUP';
  readonly outputs: readonly FileOutput[];
}

interface OutputCommon {
  readonly outputIndex: number;
  readonly pointer: string;
  readonly videoRenditionId: string | null;
  readonly audioRenditionIds: readonly string[];
}

/** One media object, or one numbered object per picture for frame capture. */
export interface FileOutput extends OutputCommon {
  readonly container: 'MP4' | 'RAW' | 'FRAME_CAPTURE';
  /** Library muxer, e.g. `mp4`, `h264`, `adts`; null for frame capture. */
  readonly muxer: string | null;
  readonly muxerOptions: Readonly<Record<string, string>>;
  /** Full `s3://…` location; for frame capture it contains one `%07d`. */
  readonly location: string;
  readonly contentType: string;
  /** The container is finished by seeking back (MP4 index in front): made in scratch, then published. */
  readonly needsScratch: boolean;
}

/** Segments and playlists. */
export interface HlsOutputGroup extends OutputGroupCommon {
  readonly type: 'HLS_GROUP';
  readonly outputs: readonly HlsOutput[];
  readonly multivariant: HlsPlaylistPlan;
  readonly segmentSeconds: Rational;
  readonly minFinalSegmentSeconds: number;
  readonly segmentControl: 'SEGMENTED_FILES' | 'SINGLE_FILE';
  readonly segmentLengthControl: 'EXACT' | 'GOP_MULTIPLE';
  readonly durationFormat: 'FLOATING_POINT' | 'INTEGER';
  readonly targetDurationMode: 'LEGACY' | 'SPEC_COMPLIANT';
  readonly clientCacheDisabled: boolean;
  readonly codecSpecification: 'RFC_4281' | 'RFC_6381';
  readonly includeResolution: boolean;
  readonly closedCaptionsNone: boolean;
  /** Spacing of EXT-X-PROGRAM-DATE-TIME; 0 writes it on every segment, null on none. */
  readonly programDateTimePeriodSeconds: number | null;
  /** Wall clock of output time 0 (spec packaging.md 4.3), milliseconds since 1970; null when the tag is not written. */
  readonly programDateTimeStartMs: number | null;
  readonly gzipManifests: boolean;
  readonly progressiveManifests: boolean;
  readonly baseUrl: string;
  readonly additionalManifests: readonly {
    readonly location: string;
    readonly outputIndexes: readonly number[];
  }[];
}

/** Where a playlist goes; null location: not written (`SEGMENTS_ONLY`). */
export interface HlsPlaylistPlan {
  readonly location: string | null;
}

/** One variant or audio rendition of an HLS group. */
export interface HlsOutput extends OutputCommon {
  readonly playlistLocation: string | null;
  /**
   * Location with one `%05d`, or the single file's location. May hold `$dt$`, `$d$` and `$t$` from the segment
   * modifier: the UTC time at which the segment is complete (spec naming.md 5).
   */
  readonly segmentLocation: string;
  readonly segmentFormat: 'mpegts' | 'adts' | 'ac3' | 'eac3';
  readonly muxerOptions: Readonly<Record<string, string>>;
  /** PID of each elementary stream, video first; empty for packed audio. */
  readonly pids: {
    readonly video: number;
    readonly audio: readonly number[];
    readonly pmt: number;
    readonly pcr: number;
  };
  readonly iFramePlaylistLocation: string | null;
  /** How an audio-only output appears in the multivariant playlist (spec packaging.md 4.5); null for outputs with video. */
  readonly audioTrackType:
    | 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT'
    | 'ALTERNATE_AUDIO_AUTO_SELECT'
    | 'ALTERNATE_AUDIO_NOT_AUTO_SELECT'
    | 'AUDIO_ONLY_VARIANT_STREAM'
    | null;
  readonly audioGroupId: string | null;
  /** Groups this video output is offered with; null: all groups of the output group. */
  readonly audioRenditionSets: readonly string[] | null;
  readonly describesVideo: boolean;
  /** Audio frames in one PES packet; 0 is taken as 1. */
  readonly pesAudioFrames: number;
  /** Timestamp of output time 0 in the written stream: ptsOffset (AUTO: 2000) + timestampDeltaMilliseconds. */
  readonly timestampOffsetMs: number;
  /** ID3 PRIV timestamp in front of packed audio segments (RFC 8216 3.4). */
  readonly timedId3Header: boolean;
}

/** S3 headers of written objects; null leaves the bucket's default. */
export interface ObjectSettings {
  readonly cannedAcl: string | null;
  readonly storageClass: string | null;
  readonly encryption: {
    readonly type: 'AES256' | 'aws:kms';
    readonly keyArn: string | null;
    readonly context: string | null;
  } | null;
}

/** Predicted cost of a plan. `null` means not predictable. */
export interface Estimate {
  readonly memoryBytes: number;
  readonly scratchBytes: number;
  readonly wallMs: number | null;
  readonly outputBytes: number | null;
}
