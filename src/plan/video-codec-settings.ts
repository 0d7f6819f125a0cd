/** The members that H.264 and H.265 blocks share, by name and by value. */
import type { H264Settings, H265Settings } from '../contract/types.generated.ts';
import type { PictureScan, StreamData } from './picture-plan.ts';

type SharedKey = keyof H264Settings & keyof H265Settings;

/** Shared members; `qvbrSettings` and all enumerations have the same values in both codecs. */
export type SharedVideoSettings = Pick<H264Settings, SharedKey>;

/** The frame a codec block encodes, known when its settings are read. */
export interface EncodedFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: { readonly num: number; readonly den: number };
  readonly scan: PictureScan;
  readonly pulldown?: StreamData['pulldown'];
  /** 1-based ordinal of the video description, for messages. */
  readonly ordinal: number;
}

/** Marks of film that is shown as fields; nothing for other frames. */
export function pulldownMarks({ pulldown }: EncodedFrame): { readonly marks?: Pick<StreamData, 'pulldown'> } {
  return pulldown === undefined ? {} : { marks: { pulldown } };
}

/**
 * Field order as x264 takes it among its own parameters. Without it the library learns the order from the pictures, when
 * as many as it looks ahead are marked with the other one already.
 */
export function fieldOrderParameters(scan: PictureScan): Readonly<Record<string, string>> {
  if (scan === 'progressive') return {};
  return scan === 'top-field-first' ? { tff: '1' } : { bff: '1' };
}

/** Encoder options of coded fields: which one comes first is told on every picture and in the container. */
export function fieldOptions(scan: PictureScan): Readonly<Record<string, string>> {
  if (scan === 'progressive') return {};
  return { flags: '+ildct+ilme', field_order: scan === 'top-field-first' ? 'tt' : 'bb' };
}
