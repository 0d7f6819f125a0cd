/**
 * The output groups of a plan: what is written where, in which container, and how it is announced. Encodes are
 * not described here; an output names the renditions it carries (plan.ts).
 */
import type { Rational } from '../exact-time.ts';
import type { EncryptionPlan } from './encryption-plan.ts';
import type { FileContainer, TransportPlan } from './file-plan.ts';
import type { AvailMarkers, DataStreamsPlan, EventsPlan, TimestampTags } from './signal-plan.ts';
import type { ImageTrackPlan, ManifestSelection, PlaylistRules, SegmentationPlan } from './streaming-plan.ts';

/** An output group of a plan. */
export type PlannedOutputGroup =
  | FileOutputGroup
  | HlsOutputGroup
  | CmafOutputGroup
  | DashOutputGroup
  | SmoothOutputGroup;

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
  readonly container: FileContainer;
  /** Library muxer, e.g. `mp4`, `h264`, `adts`; null where the writer is our own (pictures, M2TS). */
  readonly muxer: string | null;
  readonly muxerOptions: Readonly<Record<string, string>>;
  /** Full `s3://…` location; for frame capture it contains one `%07d`. */
  readonly location: string;
  readonly contentType: string;
  /** The container is finished by seeking back (MP4 index in front): made in scratch, then published. */
  readonly needsScratch: boolean;
  /** How an M2TS file is multiplexed; null for other containers. */
  readonly transport: TransportPlan | null;
  /** Where the loudness of an audio rendition is logged. */
  readonly loudnessLogs: readonly { readonly renditionId: string; readonly location: string }[];
}

/** Segments and playlists. */
export interface HlsOutputGroup extends OutputGroupCommon, SegmentationPlan, PlaylistRules, TrickPlay {
  readonly type: 'HLS_GROUP';
  /** Null: clear. */
  readonly encryption: EncryptionPlan | null;
  readonly outputs: readonly HlsOutput[];
  /** What playlists of outputs that mark ad avails say; absent: nothing. */
  readonly markers?: AvailMarkers;
}

/** What a group has for moving fast; absent: nothing. */
export interface TrickPlay {
  readonly images?: readonly ImageTrackPlan[];
}

/** How an output stands in the playlists of its group. */
export interface PlaylistMember extends OutputCommon {
  readonly playlistLocation: string | null;
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
  /**
   * The video passes through, so segments begin at key frames that the input has: they hold this many groups of
   * pictures, or with null what their duration decides; absent: it is encoded.
   */
  readonly passedVideo?: { readonly gopsPerSegment: number | null };
}

/** One variant or audio rendition of an HLS group. */
export interface HlsOutput extends PlaylistMember {
  /**
   * Location with one `%05d`, or the single file's location. May hold `%{dt}`, `%{d}` and `%{t}` from the segment
   * modifier: the UTC time at which the segment is complete (spec naming.md 5). `%%` is a percent sign.
   */
  readonly segmentLocation: string;
  /** Segments in each numbered folder, whose counter is a second `%05d` in the location; absent: no such folders. */
  readonly segmentsPerFolder?: number;
  /** Location of key frames in files of their own, with one `%05d` and `%%` for a percent sign; absent: playlists name parts of segments. */
  readonly iFrameSegmentLocation?: string;
  readonly segmentFormat: 'mpegts' | 'adts' | 'ac3' | 'eac3';
  readonly muxerOptions: Readonly<Record<string, string>>;
  /** PID of each elementary stream, video first; empty for packed audio. */
  readonly pids: {
    readonly video: number;
    readonly audio: readonly number[];
    readonly pmt: number;
    readonly pcr: number;
  };
  /** Clock references stand no further apart; absent: one stands with each PES packet of their carrier. */
  readonly clockIntervalMs?: number;
  /** Audio frames in one PES packet; 0 is taken as 1. */
  readonly pesAudioFrames: number;
  /** Timestamp of output time 0 in the written stream: ptsOffset (AUTO: 2000) + timestampDeltaMilliseconds. */
  readonly timestampOffsetMs: number;
  /** How much later than the pictures' the timestamps of sound are; absent: as they should be. */
  readonly audioOffsetMs?: number;
  /** ID3 PRIV timestamp in front of packed audio segments (RFC 8216 3.4). */
  readonly timedId3Header: boolean;
  /** Data beside picture and sound; absent: none. */
  readonly data?: DataStreamsPlan;
  /** Tags with the time of the stream; absent: none. */
  readonly timestampTags?: TimestampTags;
  /** The playlist marks ad avails; absent: it does not. */
  readonly marksAvails?: true;
}

/** How fragmented MP4 media are laid out (spec packaging.md 3, 6.4). */
export interface FragmentationPlan extends SegmentationPlan {
  readonly fragmentSeconds: Rational;
  /**
   * Pictures that are shown later than they are decoded. `edit`: unsigned offsets, and an edit list that begins the
   * presentation at 0; `shift`: unsigned offsets, and the MPD begins at the first presentation time; `signed`: signed
   * offsets, the presentation begins at 0 by itself.
   */
  readonly compositionOffsets: 'edit' | 'shift' | 'signed';
}

/** What the MPD of a group says (spec packaging.md 6). */
export interface MpdRules {
  /** Null: not written. */
  readonly location: string | null;
  readonly additional: readonly ManifestSelection[];
  readonly profile: 'MAIN_PROFILE' | 'ON_DEMAND_PROFILE';
  readonly isHbbtv: boolean;
  readonly bandwidthType: 'AVERAGE' | 'MAX';
  /** Null: the segment length. */
  readonly minBufferMs: number | null;
  /** Exact SegmentTimeline; otherwise the approximate `duration`. */
  readonly hasTimelines: boolean;
  readonly style: 'BASIC' | 'COMPACT' | 'DISTINCT' | 'FULL';
  readonly groupsByCodec: boolean;
  readonly channelScheme: 'MPEG' | 'DOLBY';
  readonly baseUrl: string;
}

/** A track of the key frames alone, beside the outputs of a group with an MPD (spec packaging.md 8.3). */
export interface KeyFrameTrack {
  /** Carries the rendition of an output of the group, and its `outputIndex`. */
  readonly keyFrameTrack?: FragmentedOutput;
}

/** fMP4 media with HLS playlists and an MPD over the same files. */
export interface CmafOutputGroup
  extends OutputGroupCommon,
    FragmentationPlan,
    PlaylistRules,
    TrickPlay,
    KeyFrameTrack {
  readonly type: 'CMAF_GROUP';
  /** Null: clear. */
  readonly encryption: EncryptionPlan | null;
  readonly outputs: readonly FragmentedOutput[];
  readonly mpd: MpdRules;
}

/** fMP4 media with an MPD. */
export interface DashOutputGroup extends OutputGroupCommon, FragmentationPlan, TrickPlay, KeyFrameTrack {
  readonly type: 'DASH_ISO_GROUP';
  /** Null: clear. */
  readonly encryption: EncryptionPlan | null;
  readonly outputs: readonly FragmentedOutput[];
  readonly mpd: MpdRules;
}

/** What the manifests of a Smooth group say (spec packaging.md 11): one for servers, and the one that players get. */
export interface SmoothRules {
  /** Server manifest (`.ism`), which stands for the group; the client manifest (`.ismc`) is beside it. */
  readonly location: string;
  readonly clientLocation: string;
  readonly additional: readonly (ManifestSelection & { readonly clientLocation: string })[];
  readonly encoding: 'UTF-8' | 'UTF-16';
}

/** Fragmented MP4 files of the PIFF kind with Smooth Streaming manifests. */
export interface SmoothOutputGroup extends OutputGroupCommon, FragmentationPlan {
  readonly type: 'MS_SMOOTH_GROUP';
  /** Null: clear. */
  readonly encryption: EncryptionPlan | null;
  readonly outputs: readonly FragmentedOutput[];
  readonly smooth: SmoothRules;
}

/** One representation: an fMP4 track file, or with DASH and Smooth one of video and audio together. */
export interface FragmentedOutput extends PlaylistMember {
  /** Null: the initialization is the beginning of the single file. */
  readonly initLocation: string | null;
  /**
   * Location with a counter (`%09d`, or `%01d` from `$Number$`) or a time (`%01t` from `$Time$`: start of the segment in
   * ticks of the track, spec naming.md 6), in which `%%` is a percent sign; or the single file's location as it is.
   */
  readonly segmentLocation: string;
  readonly contentType: string;
  /** Brand of the files: `cmfc` for CMAF track files, `piff` for Smooth ones, `iso6` else. */
  readonly brand: 'cmfc' | 'iso6' | 'piff';
  /** Sample entry of H.264 and H.265: where parameter sets are kept; null for other codecs and without video. */
  readonly sampleEntry: 'avc1' | 'avc3' | 'hvc1' | 'hev1' | null;
  /** Part of the MPD's tracks: true when the output has a name modifier, which BASIC asks for (spec packaging.md 6.3). */
  readonly hasNameModifier: boolean;
  /** Only key frames are written, each lasting until the next. */
  readonly isKeyFramesOnly?: true;
  /** Event messages in the segments; absent: none. */
  readonly events?: EventsPlan;
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
