/** Values of the colour corrector (spec video.md 16, overlays.md 7). */
import type { ColorSpace } from '../contract/types.generated.ts';

/** The colour space of each conversion. */
export const colorTargets = {
  FORCE_601: 'REC_601',
  FORCE_709: 'REC_709',
  FORCE_HDR10: 'HDR10',
  FORCE_HLG_2020: 'HLG_2020',
  FORCE_P3DCI: 'P3DCI',
  FORCE_P3D65_SDR: 'P3D65_SDR',
  FORCE_P3D65_HDR: 'P3D65_HDR',
} as const satisfies Readonly<Record<string, Exclude<ColorSpace, 'FOLLOW'>>>;

/** Curves from high dynamic range down (spec video.md 16): hable keeps highlights apart, mobius keeps colours strong. */
export const toneMappers = {
  PRESERVE_DETAILS: { tonemap: 'hable', desat: '0' },
  VIBRANT: { tonemap: 'mobius', desat: '0' },
} as const;

/** The setting that changes nothing. */
export const neutralControl = 50;

/** Display P3 in 0.00002, and a mastering display of 0.0005 to 1000 cd/m² in 0.0001 (spec overlays.md 7: P3-D65). */
export const masteringDefaults = {
  red: [34000, 16000],
  green: [13250, 34500],
  blue: [7500, 3000],
  white: [15635, 16450],
  minLuminance: 5,
  maxLuminance: 10_000_000,
} as const;
