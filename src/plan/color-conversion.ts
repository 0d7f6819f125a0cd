/** Colour of a further input → colour of the followed one, so that a joined output keeps one look (spec inputs.md 9). */
import { cinemaSteps, intoCinema } from './cinema-transfer.ts';
import type { ColorDescription } from './color.ts';
import type { FilterStep } from './plan.ts';

/** Transfers that are one curve under several names (ITU-T H.273 table 3). */
const sameCurve: Readonly<Record<string, string>> = {
  smpte170m: 'bt709',
  'bt2020-10': 'bt709',
  'bt2020-12': 'bt709',
};
/** 525 and 625 lines have one matrix, and primaries that nobody tells apart. */
const sameSystem: Readonly<Record<string, string>> = { smpte170m: 'bt470bg' };

const highDynamicRange: ReadonlySet<string> = new Set(['smpte2084', 'arib-std-b67']);

/** Diffuse white in cd/m² of graphics in HDR (ITU-R BT.2408 2). */
const referenceWhite = '203';

/** The filters; null when the colours are the same. */
export function conversionToFollowed(
  from: ColorDescription,
  to: ColorDescription,
): readonly FilterStep[] | null {
  const names = [from.primaries, from.transfer, from.matrix, to.primaries, to.transfer, to.matrix];
  if (names.some((name) => name === null)) return null;
  const isSame =
    curve(from.transfer) === curve(to.transfer) &&
    system(from.primaries) === system(to.primaries) &&
    system(from.matrix) === system(to.matrix);
  if (isSame) return null;
  return isHighRange(from) && !isHighRange(to)
    ? intoCinema(to, (target) => toneMapped(from, target))
    : (cinemaSteps(from, to) ?? [
        { name: 'zscale', options: { ...namesOf(from), ...targetOf(to), npl: referenceWhite } },
      ]);
}

/** Linear light, the target's gamut, a curve from the highlights down, the target's transfer. */
function toneMapped(from: ColorDescription, to: ColorDescription): readonly FilterStep[] {
  const [input, output] = [namesOf(from), targetOf(to)];
  return [
    // Pictures may not say themselves what their container says: from here on they do.
    { name: 'zscale', options: { ...input, p: input.pin, t: 'linear', npl: referenceWhite } },
    { name: 'format', options: { pix_fmts: 'gbrpf32le' } },
    { name: 'zscale', options: { p: output.p } },
    { name: 'tonemap', options: { tonemap: 'hable', desat: '0' } },
    { name: 'zscale', options: { t: output.t, m: output.m, r: 'limited' } },
    { name: 'format', options: { pix_fmts: 'yuv420p10le' } },
  ];
}

function namesOf({ primaries, transfer, matrix }: ColorDescription): {
  pin: string;
  tin: string;
  min: string;
} {
  return { pin: `${primaries}`, tin: `${transfer}`, min: `${matrix}` };
}

function targetOf({ primaries, transfer, matrix }: ColorDescription): { p: string; t: string; m: string } {
  return { p: `${primaries}`, t: `${transfer}`, m: `${matrix}` };
}

/** The same steps for pictures of an odd size: the conversion library takes no planes that halve into fractions. */
export function withWholeChroma(
  steps: readonly FilterStep[],
  {
    widthPx,
    heightPx,
    bitDepth,
  }: { readonly widthPx: number; readonly heightPx: number; readonly bitDepth: number },
): readonly FilterStep[] {
  if (steps.length === 0 || (widthPx % 2 === 0 && heightPx % 2 === 0)) return steps;
  const whole: FilterStep = {
    name: 'format',
    options: { pix_fmts: bitDepth > 8 ? 'yuv444p10le' : 'yuv444p' },
  };
  const isSubsampled = ({ options }: FilterStep): boolean => options.pix_fmts?.startsWith('yuv420p') === true;
  const kept = steps.filter((step) => !isSubsampled(step));
  return [whole, ...kept, kept.length < steps.length ? deepWhole : whole];
}

const deepWhole: FilterStep = { name: 'format', options: { pix_fmts: 'yuv444p10le' } };

function isHighRange({ transfer }: ColorDescription): boolean {
  return highDynamicRange.has(transfer ?? '');
}

function curve(name: string | null): string {
  return sameCurve[name ?? ''] ?? name ?? '';
}

function system(name: string | null): string {
  return sameSystem[name ?? ''] ?? name ?? '';
}
