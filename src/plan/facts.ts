/**
 * Facts: what probing found in an input, with its place (design section 2, step 4). Produced by the engine's
 * probe, consumed by the planner, by INPUT_INFORMATION events and by the Probe operation. Plain data.
 */
import type { WarningCode } from '../catalogue/codes.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Rational } from '../exact-time.ts';
import type { ComposedTrack } from './composition.ts';

/** Container families the service accepts (spec inputs.md 2–4), plus `hls` for a playlist. */
export type ContainerFormat =
  | 'mp4'
  | 'quicktime'
  | 'three_gp'
  | 'three_g2'
  | 'matroska'
  | 'webm'
  | 'mxf'
  | 'wave'
  | 'avi'
  | 'mpegts'
  | 'mpegps'
  | 'ogg'
  | 'asf'
  | 'flv'
  | 'gif'
  | 'flac'
  | 'mp3'
  | 'aac'
  | 'ac3'
  | 'eac3'
  | 'gsm'
  | 'pcm'
  | 'aiff'
  | 'dv'
  | 'elementary'
  | 'hls'
  | 'imf';

/** Everything known of one input object. */
export interface InputFacts {
  /** The URL as written in the job. */
  readonly location: string;
  readonly container: ContainerFormat;
  /** The library's demuxer name, for diagnosis. */
  readonly demuxer: string;
  readonly sizeBytes: number | null;
  readonly eTag: string | null;
  /** Duration of the whole container in microseconds; null when unknown. */
  readonly durationUs: number | null;
  /** First timestamp of the container in microseconds. */
  readonly startUs: number;
  readonly bitrateBps: number | null;
  /** `HH:MM:SS:FF` or `HH:MM:SS;FF` (drop frame); null when no timecode is embedded. */
  readonly startTimecode: string | null;
  readonly videoTracks: readonly VideoTrackFacts[];
  readonly audioTracks: readonly AudioTrackFacts[];
  readonly dataTracks: readonly DataTrackFacts[];
  /** Programs of a transport stream; empty for other containers. */
  readonly programs: readonly ProgramFacts[];
  /** Alternate audio of an HLS package; absent for everything else. */
  readonly hlsAudio?: readonly HlsAudioFacts[];
  /**
   * Bytes at which an HLS package says that its clock and its tracks begin anew, in order; absent: nowhere. Its
   * durations are then those of the playlist.
   */
  readonly discontinuities?: readonly number[];
  /** The tracks of an IMF composition, put together from its track files; absent for everything else. */
  readonly composition?: readonly ComposedTrack[];
  /** What is wrong with the input although it can be used; absent: nothing. Raised by whoever runs the job. */
  readonly warnings?: readonly InputWarning[];
}

/** An audio rendition of an HLS package; its tracks are facts of its own location. */
export interface HlsAudioFacts {
  readonly groupId: string;
  readonly name: string;
  /** As the playlist writes it, lower case; null when it does not. */
  readonly language: string | null;
  readonly isDefault: boolean;
  /** Null: the sound lies in the segments of the video. */
  readonly location: string | null;
}

/** A warning the probe found in an input. */
export interface InputWarning {
  readonly code: WarningCode;
  /** What was found, in one sentence. */
  readonly detail: string;
}

interface TrackFacts {
  /** Index of the stream inside the library's demuxer: what the engine opens. */
  readonly streamIndex: number;
  /** Container track number (ISO BMFF track_ID) or PID. */
  readonly trackId: number;
  /** FFmpeg short codec name, e.g. `h264`. */
  readonly codec: string;
  /** Four-character sample entry or stream tag; '' when none. */
  readonly fourCc: string;
  readonly profile: string | null;
  readonly timeBase: Rational;
  /** In ticks of `timeBase`; null when unknown. */
  readonly startTicks: number | null;
  readonly durationTicks: number | null;
  readonly bitrateBps: number | null;
  /** ISO 639-2 lower case; null when not given. */
  readonly language: string | null;
  /**
   * Why this track cannot be used (1030: codec or profile outside the documented tables); absent: it can. The
   * planner raises it when a job selects the track; an input whose first video or all audio is refused never gets
   * this far, the probe itself fails.
   */
  readonly refusal?: FaultRecord;
}

/** A video track, or a picture attached to the file. */
export interface VideoTrackFacts extends TrackFacts {
  readonly kind: 'video';
  /** Coded picture size in pixels, before rotation. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Average frame rate; null when the container has no frame rate information. */
  readonly frameRate: Rational | null;
  /** True when frame durations vary (not when the time base merely rounds). */
  readonly isVariableFrameRate: boolean;
  readonly frameCount: number | null;
  readonly sampleAspectRatio: Rational;
  readonly bitDepth: number;
  readonly chroma: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4' | 'rgb' | 'other';
  /** FFmpeg pixel format name. */
  readonly pixelFormat: string;
  readonly hasAlpha: boolean;
  readonly scan: 'progressive' | 'top-field-first' | 'bottom-field-first';
  /** FFmpeg names; null when unspecified. */
  readonly colorPrimaries: string | null;
  readonly colorTransfer: string | null;
  readonly colorMatrix: string | null;
  readonly colorRange: 'limited' | 'full' | null;
  /** Clockwise rotation asked for by a display matrix, within ±1° of 90/180/270; 0 otherwise. */
  readonly rotationDegrees: 0 | 90 | 180 | 270;
  /** True for a single still picture attached as cover art: never selected as video. */
  readonly isAttachedPicture: boolean;
  readonly level: number | null;
  readonly hasEmbeddedCaptions: boolean;
  /** Active format description of the first picture (SMPTE ST 2016-1), 0–15; absent: none. */
  readonly activeFormat?: number;
  /** What container or headers say of high dynamic range; absent: nothing. */
  readonly hdr?: HdrFacts;
  /** Timecode that a camera wrote into the first picture as modified digital video pack; absent: none. */
  readonly mdpmTimecode?: string;
  /** The track's edit list holds an empty edit (ISO files); absent: it does not. */
  readonly hasEmptyEdit?: true;
}

/** High dynamic range as container or headers describe it. */
export interface HdrFacts {
  /** SMPTE ST 2086: chromaticities (x, y) and luminance in cd/m². */
  readonly masteringDisplay: {
    readonly red: readonly [number, number];
    readonly green: readonly [number, number];
    readonly blue: readonly [number, number];
    readonly whitePoint: readonly [number, number];
    readonly minLuminance: number;
    readonly maxLuminance: number;
  } | null;
  /** CTA-861.3, in cd/m². */
  readonly contentLight: { readonly maxContent: number; readonly maxFrameAverage: number } | null;
  readonly dolbyVision: {
    readonly profile: number;
    readonly level: number;
    readonly hasRpu: boolean;
    readonly hasBaseLayer: boolean;
    readonly hasEnhancementLayer: boolean;
  } | null;
  readonly hasHdr10Plus: boolean;
}

/** A sound track. */
export interface AudioTrackFacts extends TrackFacts {
  readonly kind: 'audio';
  readonly channels: number;
  /** FFmpeg layout description, e.g. `stereo`, `5.1(side)`. */
  readonly channelLayout: string;
  readonly sampleRateHz: number;
  readonly bitDepth: number;
  /** What the samples hold in SMPTE ST 337 bursts (`dolby_e`, `ac3`, …); absent: sound. */
  readonly wrapped?: string;
  /** MPEG-TS ISO 639 audio_type; null when absent. */
  readonly audioType: number | null;
  /** What is wrong with the table of sample times (ISO files), in a clause; absent: nothing, or there is none. */
  readonly sampleTimesFault?: string;
  /** How long the sound is by its table of sample times, and by what its samples hold; absent: there is no table. */
  readonly sampleTimes?: SampleTimes;
}

/** Two lengths of one track, which should be the same. */
export interface SampleTimes {
  readonly tableSeconds: number;
  readonly soundSeconds: number;
  /** All samples but the last take the same time. */
  readonly isEven: boolean;
}

/** A track of anything else: timecodes, captions, metadata. */
export interface DataTrackFacts extends TrackFacts {
  readonly kind: 'data';
  /** KLV that is bound to timestamps (MISB ST 1402); absent for other codecs, and for KLV without. */
  readonly isSynchronous?: true;
}

/** A program of a transport stream. */
export interface ProgramFacts {
  readonly programNumber: number;
  /** Stream indexes that belong to the program. */
  readonly streamIndexes: readonly number[];
  /**
   * What the service description table calls the program, one character for each byte as the stream writes it, the code of
   * the alphabet included (EN 300 468 annex A); absent: nothing.
   */
  readonly service?: { readonly providerName: string; readonly serviceName: string };
}
