/** Operating points of MPEG-1 audio layers II and III (ISO/IEC 11172-3 2.4.2.3; spec audio.md 3.6). */

/** Layer II bit rates of stereo and of mono, bit/s: the standard forbids the others for the mode. */
export const layer2Bitrates = {
  mono: [32_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000],
  stereo: [64_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 320_000, 384_000],
} as const;

/** Layer III bit rates in bit/s, MPEG-1 (32 kHz and up) and MPEG-2 (below). */
export const layer3Bitrates = {
  mpeg1: [
    32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000,
    256_000, 320_000,
  ],
  mpeg2: [
    8_000, 16_000, 24_000, 32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 144_000,
    160_000,
  ],
} as const;

/** Sample rates of layer III inside the range of the model. */
export const layer3SampleRates: readonly number[] = [22_050, 24_000, 32_000, 44_100, 48_000];

/** Bit/s of two channels by `vbrQuality` 0–9: the targets that LAME documents for V0–V9. */
export const layer3VbrBitrates: readonly number[] = [
  245_000, 225_000, 190_000, 175_000, 165_000, 130_000, 115_000, 100_000, 85_000, 65_000,
];

/**
 * What LAME multiplies sound by before it encodes at a constant bit rate, by the highest rate it does so at; faster ones,
 * and variable rates, are left alone. Measured with tones at all rates of layer III, to 0.002 dB.
 */
export const layer3EncoderScales: readonly { readonly mostBps: number; readonly scale: number }[] = [
  { mostBps: 160_000, scale: 0.95 },
  { mostBps: 192_000, scale: 0.97 },
  { mostBps: 224_000, scale: 0.98 },
];
