/** The colour corrector (spec video.md 16, overlays.md 7): space, range and level conversions, then the four controls. */
import type {
  ClipLimits,
  ColorCorrector,
  ColorSpaceConversion,
  Hdr10Metadata,
} from '../contract/types.generated.ts';
import { cinemaSteps, inputOptions, intoCinema } from './cinema-transfer.ts';
import { type ColorDescription, namedColor } from './color.ts';
import { colorTargets, masteringDefaults, neutralControl, toneMappers } from './color-corrector.table.ts';
import { type ColorLut, findLut, lutSteps } from './color-luts.ts';
import type { FindingLog } from './finding-log.ts';
import type { HdrMetadata } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Colours that come out, and how. */
export interface ColorCorrection {
  readonly color: ColorDescription;
  readonly steps: readonly FilterStep[];
  readonly hdr: HdrMetadata | null;
}

/** Colours that go in, and the tables that may convert them. */
export interface CorrectorInput {
  readonly color: ColorDescription;
  readonly hdr: HdrMetadata | null;
  /** `maxLuminance` of the input; null: not given. */
  readonly givenLuminance: number | null;
  /** Lines of the output. */
  readonly heightPx: number;
  readonly luts: readonly ColorLut[];
}

/** Reads the block against the colours that go in. */
export function planColorCorrector(
  settings: SettingsReader<ColorCorrector>,
  input: CorrectorInput,
  findings: FindingLog,
): ColorCorrection {
  if (!settings.isPresent) return { color: input.color, steps: [], hdr: input.hdr };
  const conversion = readConversion(settings, input, findings);
  const range = readRange(settings, conversion.color);
  return {
    color: range.color,
    hdr: conversion.hdr,
    steps: [...conversion.steps, ...range.steps, ...readControls(settings)],
  };
}

function readConversion(
  settings: SettingsReader<ColorCorrector>,
  input: CorrectorInput,
  findings: FindingLog,
): ColorCorrection {
  const { color: source, hdr: sourceHdr, heightPx } = input;
  const conversion = settings.read('colorSpaceConversion') ?? 'NONE';
  if (conversion === 'NONE') {
    const reason = 'colorSpaceConversion is NONE';
    settings.withoutEffect('hdrToSdrToneMapper', reason, ['PRESERVE_DETAILS']);
    settings.withoutEffect('sdrReferenceWhiteLevel', reason);
    settings.withoutEffect('maxLuminance', reason);
    const given = settings.child('hdr10Metadata');
    const hdr = source.transfer === 'smpte2084' && given.isPresent ? readHdrMetadata(given) : sourceHdr;
    if (source.transfer !== 'smpte2084') settings.withoutEffect('hdr10Metadata', 'the output is not HDR10');
    return { color: source, steps: [], hdr };
  }
  const target = targetColor(conversion, heightPx);
  const isHdrSource = isHighDynamicRange(source.transfer);
  const isHdrTarget = isHighDynamicRange(target.transfer);
  const mapper = settings.read('hdrToSdrToneMapper') ?? 'PRESERVE_DETAILS';
  const white = settings.read('sdrReferenceWhiteLevel') ?? 100;
  const hdr = readTargetHdr(settings, target, findings);
  const lut = findLut(input.luts, {
    from: source,
    fromLuminance: input.givenLuminance ?? sourceHdr?.maxLuminance ?? null,
    to: colorTargets[conversion],
    toLuminance: hdr?.maxLuminance ?? null,
    heightPx,
  });
  if (lut !== null) return { color: target, steps: lutSteps(lut, source, target), hdr };
  const mapped = source.transfer === 'arib-std-b67' ? 'PRESERVE_DETAILS' : mapper;
  const steps =
    isHdrSource && !isHdrTarget
      ? intoCinema(target, (to) => toneMapSteps(source, to, mapped))
      : (cinemaSteps(source, target) ?? [
          zscaleStep(source, target, isHdrSource || isHdrTarget ? (isHdrSource ? 100 : white) : null),
        ]);
  return { color: target, steps, hdr };
}

/** HDR10 carries its metadata; other targets have none. */
function readTargetHdr(
  settings: SettingsReader<ColorCorrector>,
  target: ColorDescription,
  findings: FindingLog,
): HdrMetadata | null {
  const luminance = settings.read('maxLuminance');
  if (target.transfer !== 'smpte2084') {
    settings.withoutEffect('hdr10Metadata', 'the target is not HDR10');
    return null;
  }
  const given = settings.child('hdr10Metadata');
  if (!given.isPresent && target.primaries === 'bt2020') {
    findings.incompatible(settings.at('hdr10Metadata'), 'FORCE_HDR10 needs the light levels of the content');
  }
  const hdr = readHdrMetadata(given);
  return luminance === undefined ? hdr : { ...hdr, maxLuminance: luminance };
}

/** Members that are not given are those of a P3-D65 mastering display (spec overlays.md 7). */
export function readHdrMetadata(settings: SettingsReader<Hdr10Metadata>): HdrMetadata {
  const { red, green, blue, white, minLuminance, maxLuminance } = masteringDefaults;
  return {
    primaries: [
      [settings.read('redPrimaryX') ?? red[0], settings.read('redPrimaryY') ?? red[1]],
      [settings.read('greenPrimaryX') ?? green[0], settings.read('greenPrimaryY') ?? green[1]],
      [settings.read('bluePrimaryX') ?? blue[0], settings.read('bluePrimaryY') ?? blue[1]],
      [settings.read('whitePointX') ?? white[0], settings.read('whitePointY') ?? white[1]],
    ],
    minLuminance: settings.read('minLuminance') ?? minLuminance,
    maxLuminance: settings.read('maxLuminance') ?? maxLuminance,
    maxContentLight: settings.read('maxContentLightLevel') ?? 0,
    maxFrameAverageLight: settings.read('maxFrameAverageLightLevel') ?? 0,
  };
}

function targetColor(conversion: Exclude<ColorSpaceConversion, 'NONE'>, heightPx: number): ColorDescription {
  return { ...namedColor(colorTargets[conversion], heightPx), range: 'limited' };
}

function isHighDynamicRange(transfer: string | null): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67';
}

/** One conversion of transfer, gamut and matrix; `peak` is the luminance of SDR white in cd/m². */
function zscaleStep(from: ColorDescription, to: ColorDescription, peak: number | null): FilterStep {
  return {
    name: 'zscale',
    options: {
      ...inputOptions(from),
      ...(to.primaries === null ? {} : { p: to.primaries }),
      ...(to.transfer === null ? {} : { t: to.transfer }),
      ...(to.matrix === null ? {} : { m: to.matrix }),
      r: 'limited',
      ...(peak === null ? {} : { npl: `${peak}` }),
      dither: 'none',
    },
  };
}

/** Linear light, the target's gamut, a curve from the highlights down, the target's transfer. */
function toneMapSteps(
  from: ColorDescription,
  to: ColorDescription,
  mapper: keyof typeof toneMappers,
): readonly FilterStep[] {
  return [
    {
      name: 'zscale',
      // Pictures may not say themselves what their container says: from here on they do.
      options: { ...inputOptions(from), p: from.primaries ?? 'bt2020', t: 'linear', npl: '100' },
    },
    { name: 'format', options: { pix_fmts: 'gbrpf32le' } },
    { name: 'zscale', options: to.primaries === null ? {} : { p: to.primaries } },
    { name: 'tonemap', options: toneMappers[mapper] },
    {
      name: 'zscale',
      options: {
        ...(to.transfer === null ? {} : { t: to.transfer }),
        ...(to.matrix === null ? {} : { m: to.matrix }),
        r: 'limited',
      },
    },
    // zscale keeps its input's format: without this the picture would stay RGB with floating point samples.
    { name: 'format', options: { pix_fmts: 'yuv444p10le' } },
  ];
}

function readRange(
  settings: SettingsReader<ColorCorrector>,
  color: ColorDescription,
): { readonly color: ColorDescription; readonly steps: readonly FilterStep[] } {
  const conversion = settings.read('sampleRangeConversion') ?? 'NONE';
  if (conversion === 'LIMITED_RANGE_CLIP') {
    return { color: { ...color, range: 'limited' }, steps: clipSteps(settings.child('clipLimits'), color) };
  }
  settings.withoutEffect('clipLimits', 'sampleRangeConversion is not LIMITED_RANGE_CLIP');
  if (conversion === 'NONE' || color.range !== 'full') return { color, steps: [] };
  const squeeze: FilterStep = { name: 'scale', options: { in_range: 'full', out_range: 'limited' } };
  return { color: { ...color, range: 'limited' }, steps: [squeeze] };
}

/** Luma and chroma into their limits, and, outside of the given tolerance, red, green and blue into 0–100 %. */
function clipSteps(settings: SettingsReader<ClipLimits>, color: ColorDescription): readonly FilterStep[] {
  // Limits count on the ten-bit scale.
  const low = (settings.read('minimumYUV') ?? 64) / 1023;
  const high = (settings.read('maximumYUV') ?? 940) / 1023;
  const floor = (settings.read('minimumRGBTolerance') ?? 0) / 100;
  const ceiling = (settings.read('maximumRGBTolerance') ?? 100) / 100;
  const limit = (value: number): string => (value * 65535).toFixed(1);
  const clamp = `clip(val,${limit(low)},${limit(high)})`;
  const chroma = `clip(val,${limit(low)},${limit(960 / 1023)})`;
  const matrix = color.matrix ?? 'bt709';
  return [
    { name: 'format', options: { pix_fmts: 'yuv444p16le' } },
    { name: 'lutyuv', options: { y: clamp, u: chroma, v: chroma } },
    { name: 'lutyuv', options: toleranceLut(floor, ceiling, 'into') },
    { name: 'zscale', options: { min: matrix, rin: 'limited', m: 'gbr', r: 'full' } },
    { name: 'format', options: { pix_fmts: 'gbrp16le' } },
    { name: 'zscale', options: { m: matrix, r: 'limited', min: 'gbr', rin: 'full' } },
    { name: 'format', options: { pix_fmts: 'yuv444p16le' } },
    { name: 'lutyuv', options: toleranceLut(floor, ceiling, 'back') },
  ];
}

/**
 * RGB clips at 0 and 100 % because its samples end there. To let `floor`…`ceiling` through, the picture is brought
 * to 0…100 % before and back after.
 */
function toleranceLut(floor: number, ceiling: number, direction: 'into' | 'back'): Record<string, string> {
  const scale = direction === 'into' ? 1 / (ceiling - floor) : ceiling - floor;
  const black = 64 * 64;
  const white = 940 * 64;
  const shift = (direction === 'into' ? -floor / (ceiling - floor) : floor) * (white - black);
  const [factor, offset] = [scale.toFixed(6), (black + shift).toFixed(1)];
  const chroma = `(val-32768)*${factor}+32768`;
  return { y: `(val-${black})*${factor}+${offset}`, u: chroma, v: chroma };
}

/** 50 is neutral: brightness moves by up to half of the range, contrast and saturation scale up to double. */
function readControls(settings: SettingsReader<ColorCorrector>): readonly FilterStep[] {
  const brightness = ((settings.read('brightness') ?? neutralControl) - neutralControl) / 100;
  const contrast = (settings.read('contrast') ?? neutralControl) / neutralControl;
  const saturation = (settings.read('saturation') ?? neutralControl) / neutralControl;
  const hue = settings.read('hue') ?? 0;
  const steps: FilterStep[] = [];
  if (brightness !== 0 || contrast !== 1) {
    const middle = '(minval+maxval)/2';
    const y = `(val-${middle})*${contrast.toFixed(2)}+${middle}+${brightness.toFixed(2)}*(maxval-minval)`;
    steps.push({ name: 'lutyuv', options: { y } });
  }
  if (saturation !== 1 || hue !== 0) {
    steps.push({ name: 'hue', options: { h: `${hue}`, s: saturation.toFixed(2) } });
  }
  return steps;
}
