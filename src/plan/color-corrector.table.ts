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

/** A curve from high dynamic range down: straight up to its knee, bent from there to what the source's brightest becomes. */
export interface ToneMapper {
  /** Light that would be SDR white if the curve went straight on, cd/m². */
  readonly whiteLuminance: number;
  /** Options of the filter `tonemap`; `param` is the knee, as a share of that light. */
  readonly curve: Readonly<Record<string, string>>;
}

/**
 * PRESERVE_DETAILS puts a grey card where SDR has it (26 cd/m² of 203, reference white: ITU-R BT.2408 2.2) and leaves what
 * is no brighter than light skin (65 cd/m²) as it is. White is at 85 % of the signal then, between what the curves of
 * BT.2446-1 method A (69 %) and BT.2390 5.4.1 (91 %) make of it for 1000 cd/m², and the rest is for highlights. VIBRANT has
 * the two numbers of BT.2446-1 method C (0.838 of the light, straight up to 58.5 %), which has white at 96 %; what that
 * method puts above 100 % stays below.
 */
export const toneMappers = {
  PRESERVE_DETAILS: { whiteLuminance: 203, curve: { tonemap: 'mobius', param: '0.32', desat: '0' } },
  VIBRANT: { whiteLuminance: 119, curve: { tonemap: 'mobius', param: '0.585', desat: '0' } },
} as const satisfies Readonly<Record<string, ToneMapper>>;

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
