/** Defaults and encoder values of AAC (spec audio.md 3.1). The operating points are the contract's. */
import type { AacVbrQuality } from '../contract/types.generated.ts';

/** Channel count of a coding mode. */
export type AacChannels = 1 | 2 | 6;

/** Constant bit rate where the job gives none (spec audio.md 3.1, recommended). */
export const defaultAacBitrates: Readonly<Record<AacChannels, number>> = { 1: 64000, 2: 96000, 6: 384000 };

/** `vbr` of libfdk_aac by quality (spec audio.md 3.1). */
export const aacVbrModes: Readonly<Record<AacVbrQuality, number>> = {
  LOW: 2,
  MEDIUM_LOW: 3,
  MEDIUM_HIGH: 4,
  HIGH: 5,
};

/** Approximate bit/s per channel by quality, mono first (spec audio.md 3.1). */
export const aacVbrBitrates: Readonly<Record<AacVbrQuality, readonly [mono: number, perChannel: number]>> = {
  LOW: [52000, 48000],
  MEDIUM_LOW: [68000, 64000],
  MEDIUM_HIGH: [100000, 96000],
  HIGH: [132000, 128000],
};
