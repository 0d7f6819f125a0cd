/**
 * One colour → another: transfer, gamut and matrix (spec video.md 16). The colour corrector asks for it by name; a further
 * input is brought to the followed one's colours, so that a joined output keeps one look (spec inputs.md 9).
 */
import type { ColorDescription } from './color.ts';
import { masteringDefaults, type ToneMapper, toneMappers } from './color-corrector.table.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { HdrMetadata } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';

/** What a conversion between ranges leaves open. */
interface ConversionChoice {
  /** Luminance of SDR white in HDR, cd/m². */
  readonly whiteLuminance: number;
  /** From high dynamic range down. */
  readonly toneMapper: ToneMapper;
  /** Luminance of the brightest that the source shows, cd/m². */
  readonly brightest: number;
}

/** Colours of a source, and what is known of its light. */
export interface LitSource {
  readonly color: ColorDescription;
  /** Mastering metadata; null: none. */
  readonly hdr: HdrMetadata | null;
  /** Of the mastering display, as the job gives it, in 0.0001 cd/m²; null: not given. */
  readonly givenLuminance: number | null;
}

/** Transfers that are one curve under several names (ITU-T H.273 table 3). */
const sameCurve: Readonly<Record<string, string>> = {
  smpte170m: 'bt709',
  'bt2020-10': 'bt709',
  'bt2020-12': 'bt709',
};
/** 525 and 625 lines have one matrix, and primaries that nobody tells apart. */
const sameSystem: Readonly<Record<string, string>> = { smpte170m: 'bt470bg' };

/** Diffuse white of graphics in HDR, cd/m² (ITU-R BT.2408 2). */
export const graphicsWhiteLuminance = 203;
const joined = {
  whiteLuminance: graphicsWhiteLuminance,
  toneMapper: toneMappers.PRESERVE_DETAILS,
} as const;

/** The way of a further input to the followed one's colours and sample range; null when it has them. Unknown colours stay. */
export function conversionToFollowed(source: LitSource, to: ColorDescription): readonly FilterStep[] | null {
  const from = source.color;
  const names = [from.primaries, from.transfer, from.matrix, to.primaries, to.transfer, to.matrix];
  const isSame = names.some((name) => name === null) || looksSame(from, to);
  const colors = isSame ? [] : colorConversionSteps(from, to, { ...joined, brightest: brightestOf(source) });
  const steps = [...colors, ...rangeSteps(isSame ? from.range : 'limited', to.range)];
  return steps.length === 0 ? null : steps;
}

/** Whether two descriptions are one, however their curve and their system of lines are called. */
export function looksSame(a: Omit<ColorDescription, 'range'>, b: Omit<ColorDescription, 'range'>): boolean {
  return (
    curve(a.transfer) === curve(b.transfer) &&
    system(a.primaries) === system(b.primaries) &&
    system(a.matrix) === system(b.matrix)
  );
}

/** Samples of one range to another; what says nothing of its range is limited. */
export function rangeSteps(
  from: ColorDescription['range'],
  to: ColorDescription['range'],
): readonly FilterStep[] {
  const [given, wanted] = [from ?? 'limited', to ?? 'limited'];
  return given === wanted ? [] : [step('scale', { in_range: given, out_range: wanted })];
}

/** The filters of a conversion. What comes out has limited range; a name that is null stays as it is. */
export function colorConversionSteps(
  from: ColorDescription,
  to: ColorDescription,
  choice: ConversionChoice,
): readonly FilterStep[] {
  const [isHigh, becomesHigh] = [from, to].map(({ transfer }) => isHighDynamicRange(transfer));
  const white = isHigh || becomesHigh ? { npl: `${choice.whiteLuminance}` } : {};
  const toCinema = to.transfer === cinemaTransfer;
  if (isHigh && !becomesHigh) {
    const mapped = toneMapSteps(from, to, choice);
    return [...mapped, ...(toCinema ? intoCinema(to) : fromLinear(to))];
  }
  if (from.transfer !== cinemaTransfer && !toCinema) {
    const options = { ...inputOptions(from), ...outputOptions(to), r: 'limited', ...white, dither: 'none' };
    return [{ name: 'zscale', options }];
  }
  const linear =
    from.transfer === cinemaTransfer
      ? outOfCinema(from)
      : [
          step('zscale', {
            ...inputOptions(from),
            t: 'linear',
            ...named('p', to.primaries),
            m: 'gbr',
            r: 'full',
          }),
        ];
  if (toCinema) return [...linear, ...intoCinema(to)];
  const origin = { tin: 'linear', ...named('pin', from.primaries), min: 'gbr', rin: 'full' };
  return [
    ...linear,
    step('zscale', { ...origin, ...outputOptions(to), r: 'limited', ...white }),
    step('format', { pix_fmts: 'yuv444p10le' }),
  ];
}

/** The same steps for pictures of an odd size: the conversion library takes no planes that halve into fractions. */
export function withWholeChroma(
  steps: readonly FilterStep[],
  { widthPx, heightPx, bitDepth }: Pick<VideoTrackFacts, 'widthPx' | 'heightPx' | 'bitDepth'>,
): readonly FilterStep[] {
  const isOdd = widthPx % 2 !== 0 || heightPx % 2 !== 0;
  if (!isOdd || steps.every(({ name }) => name !== 'zscale')) return steps;
  const whole = step('format', { pix_fmts: bitDepth > 8 ? 'yuv444p10le' : 'yuv444p' });
  const last = steps.findLast(({ name }) => name === 'format' || name === 'zscale');
  return [whole, ...steps, ...(last?.name === 'zscale' ? [whole] : [])];
}

/**
 * The brightest that a source shows, cd/m²: what its content or its mastering display is said to reach. HLG, and PQ that
 * says nothing, are taken to be made for 1000 (ITU-R BT.2100).
 */
export function brightestOf({ color, hdr, givenLuminance }: LitSource): number {
  const usual = masteringDefaults.maxLuminance / unitsOfLuminance;
  if (color.transfer === 'arib-std-b67') return usual;
  const display = (givenLuminance ?? hdr?.maxLuminance ?? 0) / unitsOfLuminance;
  const known = [display, hdr?.maxContentLight ?? 0].filter((luminance) => luminance > 0);
  return known.length === 0 ? usual : Math.min(...known);
}

/** Mastering metadata counts in 0.0001 cd/m². */
const unitsOfLuminance = 10_000;

/** Whether a transfer is one of high dynamic range: PQ or HLG. */
export function isHighDynamicRange(transfer: string | null): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67';
}

/** Linear light, the target's gamut, a curve from the highlights down. */
function toneMapSteps(
  from: ColorDescription,
  to: ColorDescription,
  { toneMapper: { whiteLuminance, curve }, brightest }: ConversionChoice,
): readonly FilterStep[] {
  const peak = Math.max(1, brightest / whiteLuminance);
  return [
    // Pictures may not say themselves what their container says: from here on they do.
    step('zscale', {
      ...inputOptions(from),
      ...named('p', to.primaries ?? from.primaries),
      t: 'linear',
      npl: `${whiteLuminance}`,
    }),
    step('format', { pix_fmts: 'gbrpf32le' }),
    step('tonemap', { ...curve, peak: `${Number(peak.toFixed(3))}` }),
  ];
}

/** zscale keeps its input's format: without the second step the picture would stay RGB with floating point samples. */
function fromLinear({ transfer, matrix }: ColorDescription): readonly FilterStep[] {
  return [
    step('zscale', { ...named('t', transfer), ...named('m', matrix), r: 'limited' }),
    step('format', { pix_fmts: 'yuv444p10le' }),
  ];
}

/** The transfer of digital cinema, which the conversion library does not have (SMPTE ST 428-1: 2.6, of 48 to 52.37 cd/m²). */
const cinemaTransfer = 'smpte428';
const cinemaHeadroom = 48 / 52.37;

/** Linear light with the target's primaries → the cinema's transfer. */
function intoCinema({ primaries, matrix }: ColorDescription): readonly FilterStep[] {
  return [
    step('format', { pix_fmts: 'gbrp16le' }),
    lookup(`pow(val/maxval*${cinemaHeadroom},1/2.6)`),
    step('setparams', { color_trc: 'bt709' }),
    step('zscale', { min: 'gbr', rin: 'full', ...named('m', matrix), r: 'limited' }),
    step('format', { pix_fmts: 'yuv444p10le' }),
    step('setparams', { color_trc: cinemaTransfer, color_primaries: primaries ?? 'smpte431' }),
  ];
}

/** The cinema's transfer → linear light. */
function outOfCinema({ matrix, range }: ColorDescription): readonly FilterStep[] {
  return [
    step('zscale', { ...named('min', matrix), rin: range ?? 'limited', m: 'gbr', r: 'full' }),
    step('format', { pix_fmts: 'gbrp16le' }),
    lookup(`pow(val/maxval,2.6)/${cinemaHeadroom}`),
    step('setparams', { color_trc: 'linear' }),
  ];
}

function lookup(share: string): FilterStep {
  const value = `clip(${share},0,1)*maxval`;
  return step('lutrgb', { r: value, g: value, b: value });
}

function inputOptions({ primaries, transfer, matrix, range }: ColorDescription): Record<string, string> {
  const names = { ...named('pin', primaries), ...named('tin', transfer), ...named('min', matrix) };
  return { ...names, rin: range ?? 'limited' };
}

function outputOptions({ primaries, transfer, matrix }: ColorDescription): Record<string, string> {
  return { ...named('p', primaries), ...named('t', transfer), ...named('m', matrix) };
}

function named(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value };
}

function step(name: string, options: FilterStep['options']): FilterStep {
  return { name, options };
}

function curve(name: string | null): string {
  return sameCurve[name ?? ''] ?? name ?? '';
}

function system(name: string | null): string {
  return sameSystem[name ?? ''] ?? name ?? '';
}
