/** The colour corrector (spec video.md 16, overlays.md 7): space, range and level conversions, then the four controls. */
import type {
  ClipLimits,
  ColorCorrector,
  ColorSpaceConversion,
  Hdr10Metadata,
} from '../contract/types.generated.ts';
import { type ColorDescription, namedColor } from './color.ts';
import {
  brightestOf,
  colorConversionSteps,
  conversionToFollowed,
  graphicsWhiteLuminance,
  isHighDynamicRange,
} from './color-conversion.ts';
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
  /** What scaling and the encoder's own chroma sampling, which overshoot at edges, must not undo: comes last. */
  readonly finalSteps: readonly FilterStep[];
  /** The way of a graphic in `graphicColor`, which the job lays over the source, to the same colours. */
  readonly graphicSteps: readonly FilterStep[];
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
  if (!settings.isPresent) {
    const graphicSteps = graphicIn(input.color);
    return { color: input.color, steps: [], finalSteps: [], graphicSteps, hdr: input.hdr };
  }
  const conversion = readConversion(settings, input, findings);
  const range = readRange(settings, conversion.color);
  const controls = readControls(settings);
  return {
    color: range.color,
    hdr: conversion.hdr,
    steps: [...conversion.steps, ...range.steps, ...controls],
    graphicSteps: [...conversion.graphicSteps, ...range.steps, ...controls],
    finalSteps: range.finalSteps,
  };
}

/** Colours of graphics: their samples are taken for those of high definition. */
export const graphicColor = {
  primaries: 'bt709',
  transfer: 'bt709',
  matrix: 'bt709',
  range: 'limited',
} as const satisfies ColorDescription;

/** A graphic in the colours of a source that nothing converts: in SDR its samples stay, and the matrix is the source's. */
function graphicIn(source: ColorDescription): readonly FilterStep[] {
  const { matrix, range } = source;
  if (!isHighDynamicRange(source.transfer)) {
    const options = { min: graphicColor.matrix, rin: graphicColor.range, m: matrix ?? graphicColor.matrix };
    return [{ name: 'zscale', options: { ...options, r: range ?? 'limited' } }];
  }
  return conversionToFollowed({ color: graphicColor, hdr: null, givenLuminance: null }, source) ?? [];
}

function readConversion(
  settings: SettingsReader<ColorCorrector>,
  input: CorrectorInput,
  findings: FindingLog,
): Omit<ColorCorrection, 'finalSteps'> {
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
    return { color: source, steps: [], graphicSteps: graphicIn(source), hdr };
  }
  const target = targetColor(conversion, heightPx);
  const isHdrSource = isHighDynamicRange(source.transfer);
  const mapper = settings.read('hdrToSdrToneMapper') ?? 'PRESERVE_DETAILS';
  const white = settings.read('sdrReferenceWhiteLevel') ?? 100;
  const hdr = readTargetHdr(settings, target, findings);
  const toneMapper = toneMappers[source.transfer === 'arib-std-b67' ? 'PRESERVE_DETAILS' : mapper];
  const stepsFrom = (
    from: ColorDescription,
    luts: readonly ColorLut[],
    fromLuminance: number | null,
    whiteLuminance: number,
  ) => {
    const toLuminance = hdr?.maxLuminance ?? null;
    const wanted = { from, fromLuminance, to: colorTargets[conversion], toLuminance };
    const lut = findLut(luts, wanted);
    if (lut !== null) return lutSteps(lut, from, target);
    return colorConversionSteps(from, target, { whiteLuminance, toneMapper, brightest: brightestOf(input) });
  };
  const luminance = input.givenLuminance ?? sourceHdr?.maxLuminance ?? null;
  return {
    color: target,
    steps: stepsFrom(source, input.luts, luminance, isHdrSource ? 100 : white),
    // A table for any input is made for the source's range of light, which the graphic may not have.
    graphicSteps: isHdrSource
      ? stepsFrom(graphicColor, [], null, graphicsWhiteLuminance)
      : stepsFrom(graphicColor, input.luts, null, white),
    hdr,
  };
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

function readRange(
  settings: SettingsReader<ColorCorrector>,
  color: ColorDescription,
): Pick<ColorCorrection, 'color' | 'steps' | 'finalSteps'> {
  const conversion = settings.read('sampleRangeConversion') ?? 'NONE';
  if (conversion === 'LIMITED_RANGE_CLIP')
    return { color: { ...color, range: 'limited' }, ...clipSteps(settings.child('clipLimits'), color) };
  settings.withoutEffect('clipLimits', 'sampleRangeConversion is not LIMITED_RANGE_CLIP');
  if (conversion === 'NONE' || color.range !== 'full') return { color, steps: [], finalSteps: [] };
  const squeeze: FilterStep = { name: 'scale', options: { in_range: 'full', out_range: 'limited' } };
  return { color: { ...color, range: 'limited' }, steps: [squeeze], finalSteps: [] };
}

/** Luma and chroma into their limits, and, outside of the given tolerance, red, green and blue into 0–100 %. */
function clipSteps(
  settings: SettingsReader<ClipLimits>,
  color: ColorDescription,
): Pick<ColorCorrection, 'steps' | 'finalSteps'> {
  const low = settings.read('minimumYUV') ?? 64;
  const high = settings.read('maximumYUV') ?? 940;
  const floor = (settings.read('minimumRGBTolerance') ?? 0) / 100;
  const ceiling = (settings.read('maximumRGBTolerance') ?? 100) / 100;
  const clamp = clampStep(low, high);
  const matrix = color.matrix ?? 'bt709';
  return {
    steps: [
      { name: 'format', options: { pix_fmts: 'yuv444p16le' } },
      clamp,
      { name: 'lutyuv', options: toleranceLut(floor, ceiling, 'into') },
      { name: 'zscale', options: { min: matrix, rin: 'limited', m: 'gbr', r: 'full' } },
      { name: 'format', options: { pix_fmts: 'gbrp16le' } },
      { name: 'zscale', options: { m: matrix, r: 'limited', min: 'gbr', rin: 'full' } },
      { name: 'format', options: { pix_fmts: 'yuv444p16le' } },
      { name: 'lutyuv', options: toleranceLut(floor, ceiling, 'back') },
    ],
    finalSteps: [clamp],
  };
}

/** Luma and chroma into limits on the ten-bit scale, in pictures of any depth: `maxval` is 235 of 8 bits, 240 of chroma. */
function clampStep(low: number, high: number): FilterStep {
  const clip = (highest: number, unit: string): string => `clip(val,${low}/4*${unit},${highest}/4*${unit})`;
  const chroma = clip(960, 'maxval/240');
  return { name: 'lutyuv', options: { y: clip(high, 'maxval/235'), u: chroma, v: chroma } };
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
