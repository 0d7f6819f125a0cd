/**
 * Into and out of the transfer of digital cinema, which the conversion library does not have: by way of linear light and a
 * curve of our own.
 */
import type { ColorDescription } from './color.ts';
import type { FilterStep } from './plan.ts';

/** The transfer of digital cinema, which the conversion library does not have (SMPTE ST 428-1: 2.6, of 48 to 52.37 cd/m²). */
const cinemaTransfer = 'smpte428';
const cinemaHeadroom = 48 / 52.37;

/** Into and out of the cinema's transfer by way of linear light; null when it is not part of the conversion. */
export function cinemaSteps(from: ColorDescription, to: ColorDescription): readonly FilterStep[] | null {
  if (from.transfer !== cinemaTransfer && to.transfer !== cinemaTransfer) return null;
  const linear: FilterStep = { name: 'format', options: { pix_fmts: 'gbrp16le' } };
  const into: readonly FilterStep[] =
    from.transfer === cinemaTransfer
      ? [
          {
            name: 'zscale',
            options: { min: from.matrix ?? 'bt709', rin: from.range ?? 'limited', m: 'gbr', r: 'full' },
          },
          linear,
          lookup(`pow(val/maxval,2.6)/${cinemaHeadroom}`),
          { name: 'setparams', options: { color_trc: 'linear' } },
        ]
      : [
          {
            name: 'zscale',
            options: { ...inputOptions(from), t: 'linear', p: to.primaries ?? 'bt709', m: 'gbr', r: 'full' },
          },
          linear,
        ];
  const out: readonly FilterStep[] =
    to.transfer === cinemaTransfer
      ? [
          lookup(`pow(val/maxval*${cinemaHeadroom},1/2.6)`),
          { name: 'setparams', options: { color_trc: 'bt709' } },
          { name: 'zscale', options: { min: 'gbr', rin: 'full', m: to.matrix ?? 'bt709', r: 'limited' } },
          { name: 'format', options: { pix_fmts: 'yuv444p10le' } },
          {
            name: 'setparams',
            options: { color_trc: cinemaTransfer, color_primaries: to.primaries ?? 'smpte431' },
          },
        ]
      : [
          {
            name: 'zscale',
            options: {
              tin: 'linear',
              pin: from.primaries ?? 'smpte431',
              min: 'gbr',
              rin: 'full',
              t: to.transfer ?? 'bt709',
              p: to.primaries ?? 'bt709',
              m: to.matrix ?? 'bt709',
              r: 'limited',
            },
          },
          { name: 'format', options: { pix_fmts: 'yuv444p10le' } },
        ];
  return [...into, ...out];
}

/** `steps` to the target; one of the cinema is reached from the same colours with a curve that the library has. */
export function intoCinema(
  to: ColorDescription,
  steps: (to: ColorDescription) => readonly FilterStep[],
): readonly FilterStep[] {
  if (to.transfer !== cinemaTransfer) return steps(to);
  const video = { ...to, transfer: 'bt709' };
  return [...steps(video), ...(cinemaSteps(video, to) ?? [])];
}

function lookup(share: string): FilterStep {
  const value = `clip(${share},0,1)*maxval`;
  return { name: 'lutrgb', options: { r: value, g: value, b: value } };
}

/** What the conversion library is told of the pictures that go in. */
export function inputOptions(from: ColorDescription): Record<string, string> {
  return {
    ...(from.primaries === null ? {} : { pin: from.primaries }),
    ...(from.transfer === null ? {} : { tin: from.transfer }),
    ...(from.matrix === null ? {} : { min: from.matrix }),
    rin: from.range ?? 'limited',
  };
}
