/** 3D LUTs of a job: which one takes the place of a conversion (spec overlays.md 7.1). */
import type { ColorConversion3DLUTSetting, ColorSpace, JobSettings } from '../contract/types.generated.ts';
import { type ColorDescription, namedColor } from './color.ts';
import { looksSame } from './color-conversion.ts';
import type { FindingLog } from './finding-log.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** One table of the job; null: any space, or any luminance. Luminance in 0.0001 cd/m². */
export interface ColorLut {
  readonly location: string;
  /** Of the setting that names it. */
  readonly pointer: string;
  readonly input: Exclude<ColorSpace, 'FOLLOW'> | null;
  readonly output: Exclude<ColorSpace, 'FOLLOW'> | null;
  readonly inputLuminance: number | null;
  readonly outputLuminance: number | null;
}

/** A conversion that may have a table. */
export interface LutRequest {
  readonly from: ColorDescription;
  readonly fromLuminance: number | null;
  readonly to: Exclude<ColorSpace, 'FOLLOW'>;
  readonly toLuminance: number | null;
}

/** Reads the tables. Without an output that converts colours they have nothing to do. */
export function readColorLuts(settings: SettingsReader<JobSettings>): readonly ColorLut[] {
  if (!convertsColor(settings)) {
    settings.withoutEffect('colorConversion3DLUTSettings', 'no output converts colours');
    return [];
  }
  return settings.children('colorConversion3DLUTSettings').flatMap(readLut);
}

/** True when some output's colour corrector has a target. */
function convertsColor(settings: SettingsReader<JobSettings>): boolean {
  return settings
    .children('outputGroups')
    .flatMap((group) => group.children('outputs'))
    .some((output) => {
      const corrector = output.child('videoDescription').child('videoPreprocessors').child('colorCorrector');
      return (corrector.read('colorSpaceConversion') ?? 'NONE') !== 'NONE';
    });
}

function readLut(settings: SettingsReader<ColorConversion3DLUTSetting>): ColorLut[] {
  const location = settings.require('fileInput');
  const input = named(settings.read('inputColorSpace'));
  const output = named(settings.read('outputColorSpace'));
  const lut = {
    input,
    output,
    inputLuminance: luminanceOf(settings, 'inputMasteringLuminance', input),
    outputLuminance: luminanceOf(settings, 'outputMasteringLuminance', output),
  };
  return location === null ? [] : [{ location, pointer: settings.at('fileInput'), ...lut }];
}

/** FOLLOW names no space: the table goes with every one. */
function named(space: ColorSpace | undefined): ColorLut['input'] {
  return space === undefined || space === 'FOLLOW' ? null : space;
}

const spacesWithLuminance: readonly (string | null)[] = ['HDR10', 'P3D65_HDR'];

function luminanceOf(
  settings: SettingsReader<ColorConversion3DLUTSetting>,
  key: 'inputMasteringLuminance' | 'outputMasteringLuminance',
  space: string | null,
): number | null {
  if (spacesWithLuminance.includes(space)) return settings.read(key) || null;
  settings.withoutEffect(
    key,
    'a mastering luminance tells HDR10 and P3D65_HDR apart, and no other space',
    [0],
  );
  return null;
}

/** The table of a conversion: one that names both spaces goes before one that does not. Null: none fits. */
export function findLut(luts: readonly ColorLut[], request: LutRequest): ColorLut | null {
  const fitting = luts.filter(
    ({ input, output, inputLuminance, outputLuminance }) =>
      (output === null || output === request.to) &&
      (input === null || isSpace(request.from, input)) &&
      (inputLuminance === null || inputLuminance === request.fromLuminance) &&
      (outputLuminance === null || outputLuminance === request.toLuminance),
  );
  return [...fitting].sort((a, b) => precision(b) - precision(a))[0] ?? null;
}

/** How much of the pair a table names. */
function precision({ input, output, inputLuminance, outputLuminance }: ColorLut): number {
  return [input, output, inputLuminance, outputLuminance].filter((part) => part !== null).length;
}

/** Lines do not matter: REC_601 of 525 and of 625 are the same here. */
function isSpace(color: ColorDescription, space: Exclude<ColorSpace, 'FOLLOW'>): boolean {
  return looksSame(color, namedColor(space, 0));
}

/** From the input's samples to full-range RGB, through the table, to the target's samples. */
export function lutSteps(lut: ColorLut, from: ColorDescription, to: ColorDescription): readonly FilterStep[] {
  const matrix = to.matrix ?? 'bt709';
  return [
    {
      name: 'zscale',
      options: { min: from.matrix ?? 'bt709', rin: from.range ?? 'limited', m: 'gbr', r: 'full' },
    },
    { name: 'format', options: { pix_fmts: 'gbrp16le' } },
    // The run puts the path of its own copy here.
    { name: 'lut3d', options: { file: lut.location, interp: 'tetrahedral' } },
    {
      name: 'setparams',
      options: { color_primaries: to.primaries ?? 'bt709', color_trc: to.transfer ?? 'bt709' },
    },
    { name: 'zscale', options: { min: 'gbr', rin: 'full', m: matrix, r: 'limited' } },
    { name: 'format', options: { pix_fmts: 'yuv444p16le' } },
  ];
}

/** Tells of tables that are not among those which conversions are made with. */
export function tellUnusedLuts(
  luts: readonly ColorLut[],
  usedLocations: readonly string[],
  findings: FindingLog,
): void {
  const used = new Set(usedLocations);
  for (const { location, pointer, input, output } of luts) {
    if (used.has(location)) continue;
    const pair = `${input ?? 'any space'} to ${output ?? 'any space'}`;
    findings.notice('no-effect', pointer, `no output converts from ${pair} with this 3D LUT`);
  }
}
