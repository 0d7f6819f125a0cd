/** AAC operating points in CBR: spec audio.md 3.1. */

/** All steps; a row is a range of them. */
const steps = [
  6000, 8000, 10_000, 12_000, 14_000, 16_000, 20_000, 24_000, 28_000, 32_000, 40_000, 48_000, 56_000, 64_000,
  80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000, 320_000, 384_000, 448_000,
  512_000, 576_000, 640_000, 768_000, 896_000, 1_024_000,
] as const;

function range(lowestBps: number, highestBps: number): readonly number[] {
  return steps.filter((step) => step >= lowestBps && step <= highestBps);
}

const xheMono = [...range(6000, 160_000), 162_000];
const xheStereo = [12_000, ...range(16_000, 320_000), 352_000, 384_000];

/** `profile/codingMode/sampleRate` → bit rates in bit/s. */
export const aacBitrates: ReadonlyMap<string, readonly number[]> = new Map([
  ...row('LC', 'CODING_MODE_1_0', [8000, 12_000], range(8000, 14_000)),
  ...row('LC', 'CODING_MODE_1_0', [16_000], range(8000, 28_000)),
  ...row('LC', 'CODING_MODE_1_0', [22_050, 24_000], range(24_000, 28_000)),
  ...row('LC', 'CODING_MODE_1_0', [32_000], range(32_000, 192_000)),
  ...row('LC', 'CODING_MODE_1_0', [44_100], range(56_000, 256_000)),
  ...row('LC', 'CODING_MODE_1_0', [48_000], range(56_000, 288_000)),
  ...row('LC', 'CODING_MODE_1_0', [88_200], [288_000]),
  ...row('LC', 'CODING_MODE_1_0', [96_000], range(128_000, 288_000)),
  ...row('LC', 'CODING_MODE_2_0', [8000, 12_000], range(16_000, 20_000)),
  ...row('LC', 'CODING_MODE_2_0', [16_000], range(16_000, 32_000)),
  ...row('LC', 'CODING_MODE_2_0', [22_050, 24_000], [32_000]),
  ...row('LC', 'CODING_MODE_2_0', [32_000], range(40_000, 384_000)),
  ...row('LC', 'CODING_MODE_2_0', [44_100], range(64_000, 512_000)),
  ...row('LC', 'CODING_MODE_2_0', [48_000], range(64_000, 576_000)),
  ...row('LC', 'CODING_MODE_2_0', [88_200], [576_000]),
  ...row('LC', 'CODING_MODE_2_0', [96_000], range(256_000, 576_000)),
  ...row('LC', 'CODING_MODE_5_1', [32_000], range(160_000, 768_000)),
  ...row('LC', 'CODING_MODE_5_1', [44_100], range(256_000, 640_000)),
  ...row('LC', 'CODING_MODE_5_1', [48_000], range(256_000, 768_000)),
  ...row('LC', 'CODING_MODE_5_1', [96_000], range(640_000, 768_000)),
  ...row('HEV1', 'CODING_MODE_1_0', [22_050, 24_000], range(8000, 10_000)),
  ...row('HEV1', 'CODING_MODE_1_0', [32_000], range(12_000, 64_000)),
  ...row('HEV1', 'CODING_MODE_1_0', [44_100, 48_000], range(20_000, 64_000)),
  ...row('HEV1', 'CODING_MODE_2_0', [32_000, 48_000], range(16_000, 128_000)),
  ...row('HEV1', 'CODING_MODE_2_0', [44_100], range(16_000, 96_000)),
  ...row('HEV1', 'CODING_MODE_2_0', [96_000], range(96_000, 128_000)),
  ...row('HEV1', 'CODING_MODE_5_1', [32_000, 48_000], range(64_000, 320_000)),
  ...row('HEV1', 'CODING_MODE_5_1', [44_100], range(64_000, 224_000)),
  ...row('HEV1', 'CODING_MODE_5_1', [96_000], range(256_000, 320_000)),
  ...row('HEV2', 'CODING_MODE_2_0', [22_050, 24_000], range(8000, 10_000)),
  ...row('HEV2', 'CODING_MODE_2_0', [32_000], range(12_000, 64_000)),
  ...row('HEV2', 'CODING_MODE_2_0', [44_100, 48_000], range(20_000, 64_000)),
  ...row('XHE', 'CODING_MODE_1_0', [44_100, 48_000], xheMono),
  ...row('XHE', 'CODING_MODE_2_0', [44_100, 48_000], xheStereo),
]);

/** Coding modes whose operating points are tabled; AD_RECEIVER_MIX uses the mono rows (inferred). */
export const tabledCodingMode: ReadonlyMap<string, string> = new Map([
  ['AD_RECEIVER_MIX', 'CODING_MODE_1_0'],
  ['CODING_MODE_1_0', 'CODING_MODE_1_0'],
  ['CODING_MODE_2_0', 'CODING_MODE_2_0'],
  ['CODING_MODE_5_1', 'CODING_MODE_5_1'],
]);

function row(
  profile: string,
  mode: string,
  sampleRatesHz: readonly number[],
  bitratesBps: readonly number[],
) {
  return sampleRatesHz.map((rate) => [`${profile}/${mode}/${rate}`, bitratesBps] as const);
}
