/** Bit rates of Dolby Digital and Dolby Digital Plus by coding mode, bit/s: spec audio.md 3.2, 3.3 (observed for 3/2). */

/** Lowest and highest bit rate of a mode. */
export interface BitrateRange {
  readonly lowestBps: number;
  readonly highestBps: number;
}

/** AC-3. */
export const ac3Bitrates: ReadonlyMap<string, BitrateRange> = new Map([
  ['CODING_MODE_1_0', { lowestBps: 64_000, highestBps: 128_000 }],
  ['CODING_MODE_1_1', { lowestBps: 128_000, highestBps: 384_000 }],
  ['CODING_MODE_2_0', { lowestBps: 128_000, highestBps: 384_000 }],
  ['CODING_MODE_3_2_LFE', { lowestBps: 384_000, highestBps: 640_000 }],
]);

/** E-AC-3. */
export const eac3Bitrates: ReadonlyMap<string, BitrateRange> = new Map([
  ['CODING_MODE_1_0', { lowestBps: 32_000, highestBps: 3_024_000 }],
  ['CODING_MODE_2_0', { lowestBps: 96_000, highestBps: 3_024_000 }],
  ['CODING_MODE_3_2', { lowestBps: 192_000, highestBps: 3_024_000 }],
]);
