/** Video values that rules ask for. Sources: spec video.md 4, 6, 16 (V-24). */

/** Colour space conversions whose result is high dynamic range. */
export const hdrTargets: readonly string[] = ['FORCE_HDR10', 'FORCE_HLG_2020', 'FORCE_P3D65_HDR'];

/** H.264 profiles of ten bits. */
export const tenBitH264Profiles: readonly string[] = ['HIGH_10BIT', 'HIGH_422_10BIT'];

/** H.265 profiles of ten bits. */
export const tenBitH265Profiles: readonly string[] = [
  'MAIN10_HIGH',
  'MAIN10_MAIN',
  'MAIN_422_10BIT_HIGH',
  'MAIN_422_10BIT_MAIN',
];
