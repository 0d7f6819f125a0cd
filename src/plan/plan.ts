/**
 * The frozen decision for a job (design D4): settings plus facts become this, and nothing else, before anything
 * opens a file or an encoder. Plain JSON: it is printed by `check`, stored, sent to the engine child, compared
 * in golden tests. All arrays keep the order of the job document.
 */
import type { Rational } from '../exact-time.ts';
import type { ComposedTrack } from './composition.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import type { LoudnessPlan } from './loudness-plan.ts';
import type {
  FrameMetric,
  HdrMetadata,
  MetricFile,
  PicturePreparation,
  PictureScan,
  QualityScale,
  StreamData,
  TimecodeBurnIn,
} from './picture-plan.ts';
import type {
  AverageAim,
  BoundedEncode,
  EncoderPacing,
  FrameQuantizers,
  OpeningOptions,
  PictureAllocation,
  SparingOptions,
  SteeredAverage,
} from './rate-plan.ts';
import type { PlannedDataTrack, SignalPlan } from './signal-plan.ts';

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
  /** Splice points and timed metadata; absent: the job has none. */
  readonly signals?: SignalPlan;
  readonly estimate: Estimate;
}

/** One input and what is read of it. */
export interface PlannedInput {
  readonly inputIndex: number;
  /** '' for an input that makes its own pictures. */
  readonly location: string;
  /** Demuxer chosen by the probe, so that the run does not guess again. */
  readonly demuxer: string;
  readonly demuxerOptions: Readonly<Record<string, string>>;
  readonly video: PlannedVideoSource | null;
  /** All audio sources read from this input, by id. */
  readonly audio: readonly PlannedAudioSource[];
  /** Data tracks that outputs take along, or are cut by; absent: none. */
  readonly data?: readonly PlannedDataTrack[];
  /** Timestamp, in microseconds, of the input that becomes time 0 of the output. */
  readonly originUs: number;
  /** Expected duration on the output timeline in microseconds; null when unknown. */
  readonly durationUs: number | null;
  /** Parts that are read, in this order; absent: the whole input. */
  readonly clips?: readonly PlannedClip[];
  /** How the object is encrypted, as the job says it (the key is wrapped); absent: it is not. */
  readonly decryption?: InputDecryption;
  /** The tracks of an IMF composition that are read, and where they lie; absent: they lie in `location` itself. */
  readonly composition?: readonly ComposedTrack[];
  /** Further packages in which the track files of a composition were looked for; absent: none. */
  readonly supplements?: readonly string[];
  /** Variants of an HLS package among which the best is read, by their order in the playlist; absent: all. */
  readonly variants?: readonly number[];
  /** Bytes at which the clock of an HLS package begins anew, in order; absent: nowhere. */
  readonly discontinuities?: readonly number[];
}

/** An encrypted input. The worker decrypts it; the engine never sees it otherwise. */
export interface InputDecryption {
  readonly mode: 'AES_CTR' | 'AES_CBC' | 'AES_GCM';
  /** Base64. */
  readonly wrappedKey: string;
  readonly initializationVector: string;
  /** Region of the KMS key; null: the deployment's. */
  readonly kmsKeyRegion: string | null;
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
  /** Pictures are made, not read: black, or a still picture (spec inputs.md 12). `streamIndex` means nothing then. */
  readonly generated?: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly imageLocation: string | null;
  };
  /** Black pictures before and behind the video, so that it lasts as long as the sound (`padVideo`). */
  readonly padsBlack?: true;
}

/** Audio tracks that a selector joins into one sound. */
export interface PlannedAudioSource {
  readonly id: string;
  /** Tracks joined channel-wise in this order (spec inputs.md A-1). Empty: silence of the video's length. */
  readonly streamIndexes: readonly number[];
  /**
   * Channels of each track as the plan counts them: sound that has others, all along or for a while, is mixed to these;
   * absent: as it comes.
   */
  readonly forms?: readonly SoundChannels[];
  /** Positive is later. */
  readonly offsetMs: number;
  /** As the job writes it. Messages name sound `selector-({name})-track-{n}`. */
  readonly selectorName: string;
  readonly trackNumbers: readonly number[];
  /**
   * How sound is fitted to its table of sample times: by one tempo for all of it, which keeps its pitch, or frame by
   * frame, which does not; absent: gaps are filled and overlaps cut.
   */
  readonly correction?: { readonly kind: 'track' | 'frame'; readonly tempo: number };
  /** The file of its own that holds the sound, beginning with the input's first picture; absent: the input. */
  readonly file?: {
    readonly location: string;
    readonly demuxer: string;
    readonly originUs: number;
  };
}

/** Channels of a track, and the library's name of their layout. */
export interface SoundChannels {
  readonly channels: number;
  readonly layout: string;
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
  /** How much faster it plays than its source; absent: as fast. */
  readonly speed?: Rational;
  /** Every picture of the sources is kept, none is repeated where clips are joined; absent: clips keep their length. */
  readonly keepsFrameCount?: true;
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
  /** Key frames are forced where scenes begin as well, so many frames behind another at least; absent: they are not. */
  readonly sceneChanges?: SceneChanges;
  /** Embedded captions side data is removed from frames unless captions are selected. */
  readonly dropCaptions: boolean;
  /** maxCaptures of a frame capture; null encodes every frame. */
  readonly frameLimit: number | null;
  /** The filters give pictures beyond the end of their source, which are left out; absent: they do not. */
  readonly endsWithSource?: true;
  /** What the other inputs of the job go through instead of `filters`; absent: the job has one input. */
  readonly otherInputs?: readonly OtherVideoInput[];
}

/** Key frames at scene changes, for encoders that place none themselves. */
export interface SceneChanges {
  /** Least distance of such a key frame from the one before. */
  readonly leastFrames: number;
}

/** Another input's way into a rendition that follows one input. */
export interface OtherVideoInput {
  readonly inputIndex: number;
  /** Of this input's pictures; absent: as the rendition says. */
  readonly preparation?: PicturePreparation | null;
  /** To the rendition's size, shape, colour and format. */
  readonly filters: readonly FilterStep[];
  /** How much faster the rendition plays than this input; absent: as fast. */
  readonly speed?: Rational;
  readonly dropCaptions: boolean;
}

/** One audio encode. */
export interface AudioRendition {
  readonly id: string;
  readonly pointer: string;
  readonly inputIndex: number;
  readonly audioSourceId: string;
  readonly filters: readonly FilterStep[];
  /** How much faster it plays than its source; absent: as fast. */
  readonly speed?: Rational;
  readonly sampleRateHz: number;
  readonly channelLayout: string;
  readonly sampleFormat: string;
  /** Encoder `copy`: the source's packets go out as they are. */
  readonly encoder: EncoderPlan;
  /** ISO 639-2 lower case as written into containers and playlists; null when unknown. */
  readonly language: string | null;
  /** RFC 5646 tag for manifests when the job gives one; null otherwise. */
  readonly manifestLanguage: string | null;
  readonly streamName: string | null;
  /** ISO 639 audio_type as transport streams write it; null: none. */
  readonly audioType: number | null;
  /** Measured (and corrected) between mixing and encoding; null: left alone. */
  readonly loudness: LoudnessPlan | null;
  /**
   * Video rendition with whose last picture the sound ends: trimmed or filled with silence, to the audio frame
   * (`MATCH_VIDEO_DURATION`); null: the sound keeps its own length.
   */
  readonly endsWithVideo: string | null;
  /** Samples of the whole output, cut or filled with silence (`durationControl`); absent: as many as come. */
  readonly exactSamples?: number;
  /** QuickTime channel labels (Core Audio numbers), one per channel; null leaves them to the layout. */
  readonly channelLabels: readonly number[] | null;
  /** What the other inputs of the job give to the rendition; absent: the job has one input. */
  readonly otherInputs?: readonly OtherAudioInput[];
}

/** Another input's way into a rendition that follows one input. */
export interface OtherAudioInput {
  readonly inputIndex: number;
  readonly audioSourceId: string;
  readonly filters: readonly FilterStep[];
  /** How much faster the rendition plays than this input; absent: as fast. */
  readonly speed?: Rational;
}

/** An encoder in the library's own names; `options` are AVOptions set before open. */
export interface EncoderPlan {
  /** MediaConvert codec name, e.g. `H_264`, `AAC`. */
  readonly codec: string;
  /** Library encoder name, e.g. `libx264`. */
  readonly encoder: string;
  readonly options: Readonly<Record<string, string>>;
  /** Values that some of the options have at first; absent: they have one value all along. */
  readonly opening?: OpeningOptions;
  /** Values that some of the options have while the average is kept; absent: they have one value all along. */
  readonly sparing?: SparingOptions;
  /** Set on the context: average and peak in bit/s, VBV buffer in bits; 0 leaves the encoder's default. */
  readonly bitrateBps: number;
  readonly maxBitrateBps: number;
  readonly bufferSizeBits: number;
  /** The average that the encoder is asked for, where others write into the stream too or fill it up; absent: `bitrateBps`. */
  readonly askedBps?: number;
  readonly gopSizeFrames: number | null;
  readonly maxBFrames: number | null;
  readonly threads: number;
  /** Four-character code forced on the track, e.g. `hvc1`; null leaves the muxer's choice. */
  readonly codecTag: string | null;
  /** Two passes over the source: statistics, or a look, first. */
  readonly passes: 1 | 2;
  /** What the encoder is held to for the peak and the buffer to be kept; absent: those themselves. */
  readonly pacing?: EncoderPacing;
  /** The second pass spends what the first did, but no more than this (QVBR `maxAverageBitrate`); absent: no such bound. */
  readonly averageLimitBps?: number;
  /** Sound is multiplied by this in front of an encoder that multiplies it by the inverse; absent: it does not. */
  readonly inputGain?: number;
  /** The last pass asks for another rate than `bitrateBps`, so that by what others made of it that comes out. */
  readonly averageAim?: AverageAim;
  /** The average is kept by what was made so far, in one pass; absent: it is not. */
  readonly steering?: SteeredAverage;
  /** The last of two passes gives each picture its quantizer, by a look at what it takes; absent: the encoder does. */
  readonly quantizers?: FrameQuantizers;
  /**
   * The last of two passes gives each picture a quantizer by what all of them took in a look, within the buffer; absent: the
   * encoder does.
   */
  readonly allocation?: PictureAllocation;
  /** How the peak and the buffer are kept where a look, or the encode so far, broke them; absent: as planned, or none was asked for. */
  readonly bounded?: BoundedEncode;
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

/** Predicted cost of a plan. `null` means not predictable. */
export interface Estimate {
  readonly memoryBytes: number;
  /** Address space of threads that an encoder starts by itself, next to none of it used; absent: too little to tell. */
  readonly stackBytes?: number;
  readonly scratchBytes: number;
  readonly wallMs: number | null;
  readonly outputBytes: number | null;
}
