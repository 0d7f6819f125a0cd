/** AAC operating points (spec audio.md 3.1): constant bit rates by profile, coding mode and sample rate. */
import type { AacCodecProfile, AacVbrQuality } from '../contract/types.generated.ts';

/** Channel count of a coding mode. */
export type AacChannels = 1 | 2 | 6;

/** All legal values of `bitrate`, in bit/s; the ranges below cut pieces out of this list. */
const bitrates = [
  6000, 8000, 10000, 12000, 14000, 16000, 20000, 24000, 28000, 32000, 40000, 48000, 56000, 64000, 80000, 96000, 112000,
  128000, 160000, 192000, 224000, 256000, 288000, 320000, 384000, 448000, 512000, 576000, 640000, 768000, 896000, 1024000,
];

/** Lowest and highest bit rate; the legal ones lie between them in `bitrates`. */
type BitrateRange = readonly [lowest: number, highest: number];

type SampleRateTable = Readonly<Record<number, BitrateRange>>;

const operatingPoints: Readonly<Record<string, SampleRateTable>> = {
  'LC 1': {
    8000: [8000, 14000],
    12000: [8000, 14000],
    16000: [8000, 28000],
    22050: [24000, 28000],
    24000: [24000, 28000],
    32000: [32000, 192000],
    44100: [56000, 256000],
    48000: [56000, 288000],
    88200: [288000, 288000],
    96000: [128000, 288000],
  },
  'LC 2': {
    8000: [16000, 20000],
    12000: [16000, 20000],
    16000: [16000, 32000],
    22050: [32000, 32000],
    24000: [32000, 32000],
    32000: [40000, 384000],
    44100: [64000, 512000],
    48000: [64000, 576000],
    88200: [576000, 576000],
    96000: [256000, 576000],
  },
  'LC 6': {
    32000: [160000, 768000],
    44100: [256000, 640000],
    48000: [256000, 768000],
    96000: [640000, 768000],
  },
  'HEV1 1': { 22050: [8000, 10000], 24000: [8000, 10000], 32000: [12000, 64000], 44100: [20000, 64000], 48000: [20000, 64000] },
  'HEV1 2': { 32000: [16000, 128000], 44100: [16000, 96000], 48000: [16000, 128000], 96000: [96000, 128000] },
  'HEV1 6': { 32000: [64000, 320000], 44100: [64000, 224000], 48000: [64000, 320000], 96000: [256000, 320000] },
  'HEV2 2': { 22050: [8000, 10000], 24000: [8000, 10000], 32000: [12000, 64000], 44100: [20000, 64000], 48000: [20000, 64000] },
};

/** Legal constant bit rates of an operating point, ascending; empty when the point does not exist. */
export function aacBitrates(profile: AacCodecProfile, channels: AacChannels, sampleRateHz: number): readonly number[] {
  const range = operatingPoints[`${profile} ${channels}`]?.[sampleRateHz];
  return range === undefined ? [] : bitrates.filter((bitrate) => bitrate >= range[0] && bitrate <= range[1]);
}

/** Constant bit rate where the job gives none (spec audio.md 3.1, recommended). */
export const defaultAacBitrates: Readonly<Record<AacChannels, number>> = { 1: 64000, 2: 96000, 6: 384000 };

/** `vbr` of libfdk_aac by quality (spec audio.md 3.1). */
export const aacVbrModes: Readonly<Record<AacVbrQuality, number>> = { LOW: 2, MEDIUM_LOW: 3, MEDIUM_HIGH: 4, HIGH: 5 };

/** Approximate bit/s per channel by quality, mono first (spec audio.md 3.1). */
export const aacVbrBitrates: Readonly<Record<AacVbrQuality, readonly [mono: number, perChannel: number]>> = {
  LOW: [52000, 48000],
  MEDIUM_LOW: [68000, 64000],
  MEDIUM_HIGH: [100000, 96000],
  HIGH: [132000, 128000],
};
