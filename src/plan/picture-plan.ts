/** Parts of a video rendition beyond its encoder: what is done to pictures, drawn on them, written beside and measured of them. */
import type { Rational } from '../exact-time.ts';
import type { FilterStep } from './plan.ts';

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
  /** Pictures are marked as holding two fields, where the encoder does not say so by itself; absent: they are not. */
  readonly marksFields?: true;
  /** H.265: the profile is told as this one; absent: as the encoder says. */
  readonly profile?: 'main' | 'main10' | 'main422-10';
  /** The tier is told as High where the level has one, although Main would do; absent: as the encoder says. */
  readonly isHighTier?: true;
  /** Closed groups among open ones are told as closed, which the encoder does not do; absent: as the encoder says. */
  readonly tellsClosedGroups?: true;
  /** Film that decoders show as fields at 5/4 of its rate (2:3 pulldown): the field that comes first; absent: none. */
  readonly pulldown?: Exclude<PictureScan, 'progressive'>;
  /** Size that every picture is filled up to; absent: pictures are as large as they are. */
  readonly pictureBytes?: number;
  /** Written into the stream, and kept from running over at a constant rate; absent: what the encoder does is left. */
  readonly decoderBuffer?: DecoderBuffer;
  /** An output without a header puts the parameter sets in front of key frames: they count; absent: none does. */
  readonly countsParameterSets?: true;
}

/** The buffer of the hypothetical decoder (H.265 annex C.2). */
export interface DecoderBuffer {
  readonly rateBps: number;
  readonly bufferBits: number;
  /** 0–1. */
  readonly initialFill: number;
  /** Its channel never pauses: what pictures leave of the rate is filled. */
  readonly isConstant: boolean;
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
