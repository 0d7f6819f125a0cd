/** The members that H.264 and H.265 blocks share, by name and by value. */
import type { H264Settings, H265Settings } from '../contract/types.generated.ts';

type SharedKey = keyof H264Settings & keyof H265Settings;

/** Shared members; `qvbrSettings` and all enumerations have the same values in both codecs. */
export type SharedVideoSettings = Pick<H264Settings, SharedKey>;

/** The frame a codec block encodes, known when its settings are read. */
export interface EncodedFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: { readonly num: number; readonly den: number };
  /** 1-based ordinal of the video description, for messages. */
  readonly ordinal: number;
}
