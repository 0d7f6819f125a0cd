/** H.264 level and profile limits: ITU-T H.264 Annex A, tables A-1 (MaxFS, MaxBR) and A-2 (cpbBrNalFactor). */

/** Limits of one level. */
export interface H264Level {
  /** MaxFS: macroblocks in a frame. */
  readonly maxFrameMacroblocks: number;
  /** MaxBR in units of the profile's factor. */
  readonly maxBitrateUnits: number;
}

/** By `codecLevel`; AUTO has no entry. */
export const h264Levels: ReadonlyMap<string, H264Level> = new Map([
  ['LEVEL_1', { maxFrameMacroblocks: 99, maxBitrateUnits: 64 }],
  ['LEVEL_1_1', { maxFrameMacroblocks: 396, maxBitrateUnits: 192 }],
  ['LEVEL_1_2', { maxFrameMacroblocks: 396, maxBitrateUnits: 384 }],
  ['LEVEL_1_3', { maxFrameMacroblocks: 396, maxBitrateUnits: 768 }],
  ['LEVEL_2', { maxFrameMacroblocks: 396, maxBitrateUnits: 2000 }],
  ['LEVEL_2_1', { maxFrameMacroblocks: 792, maxBitrateUnits: 4000 }],
  ['LEVEL_2_2', { maxFrameMacroblocks: 1620, maxBitrateUnits: 4000 }],
  ['LEVEL_3', { maxFrameMacroblocks: 1620, maxBitrateUnits: 10_000 }],
  ['LEVEL_3_1', { maxFrameMacroblocks: 3600, maxBitrateUnits: 14_000 }],
  ['LEVEL_3_2', { maxFrameMacroblocks: 5120, maxBitrateUnits: 20_000 }],
  ['LEVEL_4', { maxFrameMacroblocks: 8192, maxBitrateUnits: 20_000 }],
  ['LEVEL_4_1', { maxFrameMacroblocks: 8192, maxBitrateUnits: 50_000 }],
  ['LEVEL_4_2', { maxFrameMacroblocks: 8704, maxBitrateUnits: 50_000 }],
  ['LEVEL_5', { maxFrameMacroblocks: 22_080, maxBitrateUnits: 135_000 }],
  ['LEVEL_5_1', { maxFrameMacroblocks: 36_864, maxBitrateUnits: 240_000 }],
  ['LEVEL_5_2', { maxFrameMacroblocks: 36_864, maxBitrateUnits: 240_000 }],
]);

/** Bits per second in one unit of MaxBR, by `codecProfile` (observed for MAIN: 1200). */
export const bitsPerBitrateUnit: ReadonlyMap<string, number> = new Map([
  ['BASELINE', 1200],
  ['MAIN', 1200],
  ['HIGH', 1500],
  ['HIGH_10BIT', 3600],
  ['HIGH_422', 4800],
  ['HIGH_422_10BIT', 4800],
]);

/** What an absent `codecProfile` means (spec video.md 4). */
export const defaultH264Profile = 'MAIN';
