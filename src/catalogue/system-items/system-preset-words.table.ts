/**
 * The words of system preset names and the numbers they stand for. Sources: names in AWS's CLI examples and in public
 * job documents; frame rates and categories as answers of the service show them there.
 */

/** The category a preset is listed under: observed for HLS, MXF, OTT-HLS, OTT-DASH and GENERIC, the last by analogy. */
export type PresetGroup = 'HLS' | 'MXF' | 'GENERIC' | 'OTT-HLS' | 'OTT-DASH' | 'OTT-CMAF';

/** Beginnings of names, behind `System-`. */
export const groupsOfNames: ReadonlyMap<string, PresetGroup> = new Map([
  ['Generic_Sd_Mp4', 'GENERIC'],
  ['Generic_Hd_Mp4', 'GENERIC'],
  ['Generic_Uhd_Mp4', 'GENERIC'],
  ['Ott_Hls_Ts', 'OTT-HLS'],
  ['Ott_Dash_Mp4', 'OTT-DASH'],
  ['Ott_Dash_Mpd', 'OTT-DASH'],
  ['Ott_Cmaf_Cmfc', 'OTT-CMAF'],
]);

/** Rates as names write them. 15, 24 and 30 Hz are those of NTSC: observed in answers for such presets. */
export const frameRates: ReadonlyMap<string, { readonly numerator: number; readonly denominator: number }> =
  new Map([
    ['15', { numerator: 15_000, denominator: 1001 }],
    ['14_99', { numerator: 15_000, denominator: 1001 }],
    ['24', { numerator: 24_000, denominator: 1001 }],
    ['23_98', { numerator: 24_000, denominator: 1001 }],
    ['23_976', { numerator: 24_000, denominator: 1001 }],
    ['25', { numerator: 25, denominator: 1 }],
    ['30', { numerator: 30_000, denominator: 1001 }],
    ['29_97', { numerator: 30_000, denominator: 1001 }],
    ['50', { numerator: 50, denominator: 1 }],
    ['60', { numerator: 60_000, denominator: 1001 }],
    ['59_94', { numerator: 60_000, denominator: 1001 }],
  ]);

/** Even sides within what the encoders take (spec video.md 2). */
export function isPictureSize(widthPx: number, heightPx: number): boolean {
  return [widthPx, heightPx].every((side) => side % 2 === 0 && side >= 96 && side <= 4096);
}

/** True when a size has that aspect ratio, as near as even sides come. */
export function fitsAspect(aspect: string, widthPx: number, heightPx: number): boolean {
  const [across = 0, down = 0] = aspect.split('x').map(Number);
  return down > 0 && Math.abs((heightPx * across) / down - widthPx) <= 2;
}
