/** Limits of codec levels. Sources: ITU-T H.264 (08/2021) Table A-1 and A.3; ITU-T H.265 (11/2019) Tables A.8, A.9. */
import { bitsPerBitrateUnit, h264Levels } from '../contract/relations/h264-levels.table.ts';
import type {
  H264CodecLevel,
  H264CodecProfile,
  H265CodecLevel,
  H265CodecProfile,
} from '../contract/types.generated.ts';

/** What a level and a profile allow. */
export interface LevelLimits {
  /** As the encoder takes it. */
  readonly name: string;
  /** Samples (H.265) or macroblocks (H.264) in a picture and in a second. */
  readonly pictureUnits: number;
  readonly unitsPerSecond: number;
  /** Longest side: the square root of eight times the picture size, in pixels. */
  readonly longestSidePx: number;
  readonly bitrateBps: number;
  readonly bufferBits: number;
}

/** Level → [name, MaxMBPS, MaxCPB]; MaxFS and MaxBR are the contract's. */
const h264Rates: Readonly<Record<Exclude<H264CodecLevel, 'AUTO'>, readonly [string, number, number]>> = {
  LEVEL_1: ['1.0', 1485, 175],
  LEVEL_1_1: ['1.1', 3000, 500],
  LEVEL_1_2: ['1.2', 6000, 1000],
  LEVEL_1_3: ['1.3', 11880, 2000],
  LEVEL_2: ['2.0', 11880, 2000],
  LEVEL_2_1: ['2.1', 19800, 4000],
  LEVEL_2_2: ['2.2', 20250, 4000],
  LEVEL_3: ['3.0', 40500, 10000],
  LEVEL_3_1: ['3.1', 108000, 14000],
  LEVEL_3_2: ['3.2', 216000, 20000],
  LEVEL_4: ['4.0', 245760, 25000],
  LEVEL_4_1: ['4.1', 245760, 62500],
  LEVEL_4_2: ['4.2', 522240, 62500],
  LEVEL_5: ['5.0', 589824, 135000],
  LEVEL_5_1: ['5.1', 983040, 240000],
  LEVEL_5_2: ['5.2', 2073600, 240000],
};

/** From the lowest to the highest. */
export const h264LevelNames = Object.keys(h264Rates) as readonly (keyof typeof h264Rates)[];

/** Level → [MaxLumaSr, MaxLumaPs, Main-tier MaxBR and MaxCPB, High-tier MaxBR and MaxCPB]; 0: the tier does not exist. */
const h265Levels: Readonly<
  Record<Exclude<H265CodecLevel, 'AUTO'>, readonly [string, number, number, number, number, number, number]>
> = {
  LEVEL_1: ['1', 552960, 36864, 128, 350, 0, 0],
  LEVEL_2: ['2', 3686400, 122880, 1500, 1500, 0, 0],
  LEVEL_2_1: ['2.1', 7372800, 245760, 3000, 3000, 0, 0],
  LEVEL_3: ['3', 16588800, 552960, 6000, 6000, 0, 0],
  LEVEL_3_1: ['3.1', 33177600, 983040, 10000, 10000, 0, 0],
  LEVEL_4: ['4', 66846720, 2228224, 12000, 12000, 30000, 30000],
  LEVEL_4_1: ['4.1', 133693440, 2228224, 20000, 20000, 50000, 50000],
  LEVEL_5: ['5', 267386880, 8912896, 25000, 25000, 100000, 100000],
  LEVEL_5_1: ['5.1', 534773760, 8912896, 40000, 40000, 160000, 160000],
  LEVEL_5_2: ['5.2', 1069547520, 8912896, 60000, 60000, 240000, 240000],
  LEVEL_6: ['6', 1069547520, 35651584, 60000, 60000, 240000, 240000],
  LEVEL_6_1: ['6.1', 2139095040, 35651584, 120000, 120000, 480000, 480000],
  LEVEL_6_2: ['6.2', 4278190080, 35651584, 240000, 240000, 800000, 800000],
};

/** CpbNalFactor (H.265 Table A.10): 1100 for Main and Main 10, 1833 for the 4:2:2 10-bit constraints. */
function h265Factor(profile: H265CodecProfile): number {
  return profile.includes('422') ? 1833 : 1100;
}

/** Limits of an H.264 level for a profile. */
export function h264LevelLimits(
  level: Exclude<H264CodecLevel, 'AUTO'>,
  profile: H264CodecProfile,
): LevelLimits {
  const [name, unitsPerSecond, buffer] = h264Rates[level];
  const { maxFrameMacroblocks: pictureUnits = 0, maxBitrateUnits: bitrate = 0 } = h264Levels.get(level) ?? {};
  const factor = bitsPerBitrateUnit.get(profile) ?? 0;
  return {
    name,
    unitsPerSecond,
    pictureUnits,
    longestSidePx: 16 * Math.floor(Math.sqrt(8 * pictureUnits)),
    bitrateBps: bitrate * factor,
    bufferBits: buffer * factor,
  };
}

/** Limits of an H.265 level in the tier of a profile; levels below 4 have no High tier and take the Main one. */
export function h265LevelLimits(
  level: Exclude<H265CodecLevel, 'AUTO'>,
  profile: H265CodecProfile,
): LevelLimits {
  const [name, unitsPerSecond, pictureUnits, mainRate, mainBuffer, highRate, highBuffer] = h265Levels[level];
  const isHigh = profile.endsWith('_HIGH') && highRate > 0;
  const factor = h265Factor(profile);
  return {
    name,
    unitsPerSecond,
    pictureUnits,
    longestSidePx: Math.floor(Math.sqrt(8 * pictureUnits)),
    bitrateBps: (isHigh ? highRate : mainRate) * factor,
    bufferBits: (isHigh ? highBuffer : mainBuffer) * factor,
  };
}

/** MaxDpbMbs: macroblocks of the pictures a decoder keeps (H.264 Table A-1). */
const h264DecodedMacroblocks: Readonly<Record<Exclude<H264CodecLevel, 'AUTO'>, number>> = {
  LEVEL_1: 396,
  LEVEL_1_1: 900,
  LEVEL_1_2: 2376,
  LEVEL_1_3: 2376,
  LEVEL_2: 2376,
  LEVEL_2_1: 4752,
  LEVEL_2_2: 8100,
  LEVEL_3: 8100,
  LEVEL_3_1: 18000,
  LEVEL_3_2: 20480,
  LEVEL_4: 32768,
  LEVEL_4_1: 32768,
  LEVEL_4_2: 34816,
  LEVEL_5: 110400,
  LEVEL_5_1: 184320,
  LEVEL_5_2: 184320,
};

/** Pictures of so many macroblocks that a decoder of an H.264 level keeps to refer to (A.3.1). */
export function h264DecodedPictures(level: Exclude<H264CodecLevel, 'AUTO'>, blocks: number): number {
  return Math.min(16, Math.floor(h264DecodedMacroblocks[level] / blocks));
}

/** Macroblocks of a picture (H.264 counts these, H.265 counts samples). */
export function macroblocks(widthPx: number, heightPx: number): number {
  return Math.ceil(widthPx / 16) * Math.ceil(heightPx / 16);
}
