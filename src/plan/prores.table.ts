/** Rates of ProRes (FFmpeg `prores_ks`, which follows the target data rates of Apple's white paper, 2022). */

/** The encoder's own names. */
export type ProresProfile = 'proxy' | 'lt' | 'standard' | 'hq' | '4444' | '4444xq';

/** Most macroblocks of a picture for each column of `proresBlockBits`; larger ones have the last. */
export const proresBlockLimits = [1620, 2700, 6075] as const;

/** Bits of a macroblock. Confirmed by measuring pictures of 848×480, 1280×720 and 1920×1080 (bench/costs.ts). */
export const proresBlockBits: Readonly<Record<ProresProfile, readonly number[]>> = {
  proxy: [300, 242, 220, 194],
  lt: [720, 560, 490, 440],
  standard: [1050, 808, 710, 632],
  hq: [1566, 1216, 1070, 950],
  '4444': [2350, 1828, 1600, 1425],
  '4444xq': [3525, 2742, 2400, 2137],
};

/**
 * Share that busy pictures reach: the finest quantizers do not fill the largest profiles (bench/rate-control-intra.ts: XQ 83 to 85 %
 * of the target; filmed pictures: XQ 60 %, 4444 88 %, all others 97 to 101 %). Easy ones take a fifth to a third.
 */
export const proresReached: Readonly<Record<ProresProfile, number>> = {
  proxy: 1,
  lt: 1,
  standard: 1,
  hq: 1,
  '4444': 0.95,
  '4444xq': 0.8,
};
