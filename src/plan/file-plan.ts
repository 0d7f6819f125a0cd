/** The containers of file groups, and how a transport stream file is multiplexed, decided (spec containers.md 1, 7). */
import type { Rational } from '../exact-time.ts';
import type { DataStreamsPlan } from './signal-plan.ts';

/** An MPEG-2 transport stream as one file (ISO/IEC 13818-1; spec containers.md 7). */
export interface TransportPlan {
  readonly programNumber: number;
  readonly transportStreamId: number;
  readonly pids: {
    readonly pmt: number;
    readonly pcr: number;
    readonly video: number;
    readonly audio: readonly number[];
  };
  /** Bits per second of the whole stream: held with null packets when constant, else the most there ever is. */
  readonly rateBps: number;
  readonly isConstantRate: boolean;
  /** The job gave the rate; otherwise it follows from the tracks. */
  readonly isRateGiven: boolean;
  /** Null packets beyond what a constant rate needs, bits per second. */
  readonly nullRateBps: number;
  /** 0: at each key frame, or each half second without video. */
  readonly patIntervalMs: number;
  readonly pmtIntervalMs: number;
  /** Longest time between clock references; with `pcrEveryPes` each PES packet of the clock's track has one besides. */
  readonly pcrIntervalMs: number;
  readonly pcrEveryPes: boolean;
  /** Timestamp of output time 0. */
  readonly timestampOffsetMs: number;
  /** Added to audio timestamps alone. */
  readonly audioOffsetMs: number;
  readonly audioFramesPerPes: number;
  /** Dolby and PCM as DVB describes them (private streams), or as ATSC does (stream types of their own). */
  readonly audioModel: 'ATSC' | 'DVB';
  /** The decoder model is kept: sound arrives late enough for its small buffer. */
  readonly keepsBufferModel: boolean;
  readonly esRateInPes: boolean;
  readonly sdt: {
    readonly intervalMs: number;
    readonly serviceName: string;
    readonly providerName: string;
    /** The names are those of an input: bytes, one in each character, as its table has them. Absent: they are text. */
    readonly areNamesCoded?: true;
  } | null;
  readonly nit: {
    readonly intervalMs: number;
    readonly networkId: number;
    readonly networkName: string;
  } | null;
  readonly tdt: { readonly intervalMs: number; readonly startTimeMs: number } | null;
  readonly segmentation: TransportSegmentation | null;
  /** ADTS headers say MPEG-2, by audio track. */
  readonly mpeg2Audio: readonly boolean[];
  /** Data beside picture and sound; absent: none. */
  readonly data?: DataStreamsPlan;
}

/** Marks in the stream at which it may be cut. */
export interface TransportSegmentation {
  readonly markers: 'RAI_SEGSTART' | 'PSI_SEGSTART' | 'EBP';
  readonly seconds: Rational;
  /** A splice point begins a new cadence; absent: the old one goes on. */
  readonly resetsCadence?: true;
  /** Marks between segment starts; null: none. */
  readonly fragmentSeconds: Rational | null;
  readonly onAudio: boolean;
  /** Sound has marks at this interval of its own; null: where the picture has them. */
  readonly audioSeconds: Rational | null;
  /** A mark closer than this to the one before is left out. */
  readonly minIntervalMs: number;
  /** Wall clock of output time 0, milliseconds since 1970. */
  readonly startTimeMs: number;
}

/** Containers of file groups; pictures of a frame capture are files of their own. */
export type FileContainer =
  | 'MP4'
  | 'MOV'
  | 'F4V'
  | 'M2TS'
  | 'MXF'
  | 'WEBM'
  | 'OGG'
  | 'RAW'
  | 'Y4M'
  | 'GIF'
  | 'FRAME_CAPTURE';
