/** Colour of the source as the job sees it: metadata found, overridden or guessed (spec inputs.md 10, 21; video.md 1). */
import type { ColorSpace, VideoSelector } from '../contract/types.generated.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { EncoderPlan, FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Colour description in FFmpeg names. */
export type ColorDescription = NonNullable<EncoderPlan['color']>;

/** Primaries, transfer and matrix that a selector value implies (spec inputs.md 10). REC_601 depends on the height. */
const colorSpaces: Readonly<
  Record<Exclude<ColorSpace, 'FOLLOW' | 'REC_601'>, readonly [string, string, string]>
> = {
  REC_709: ['bt709', 'bt709', 'bt709'],
  HDR10: ['bt2020', 'smpte2084', 'bt2020nc'],
  HLG_2020: ['bt2020', 'arib-std-b67', 'bt2020nc'],
  P3DCI: ['smpte431', 'smpte428', 'bt709'],
  P3D65_SDR: ['smpte432', 'iec61966-2-1', 'bt709'],
  P3D65_HDR: ['smpte432', 'smpte2084', 'bt709'],
};

/** Tallest picture that counts as standard definition when nothing says what its colours are (spec inputs.md 21). */
const standardDefinitionHeightPx = 576;

/** Colour of the source as outputs describe it. */
export interface SourceColor {
  readonly color: ColorDescription;
  /**
   * Makes decoded pictures what `color` says: labels them where the job overrides what the input says, and turns RGB
   * into luma and chroma, which is what outputs are made of.
   */
  readonly steps: readonly FilterStep[];
}

/** Reads the colour members of a video selector against the track's own metadata. Warns of missing metadata. */
export function readSourceColor(
  selector: SettingsReader<VideoSelector>,
  track: VideoTrackFacts,
  findings: FindingLog,
): SourceColor {
  const wanted = selector.read('colorSpace') ?? 'FOLLOW';
  const usage = selector.read('colorSpaceUsage') ?? 'FORCE';
  if (wanted === 'FOLLOW') selector.withoutEffect('colorSpaceUsage', 'colorSpace is FOLLOW');
  const range = selector.read('sampleRange') ?? 'FOLLOW';
  // RGB has no matrix; the one it is given on its way to luma and chroma is that of its primaries.
  const isRgb = track.chroma === 'rgb';
  const ownMatrix = track.colorPrimaries === 'bt2020' ? 'bt2020nc' : null;
  const known = {
    primaries: track.colorPrimaries,
    transfer: track.colorTransfer,
    matrix: isRgb || track.colorMatrix === 'gbr' ? ownMatrix : track.colorMatrix,
  };
  const isComplete = known.primaries !== null && known.transfer !== null && known.matrix !== null;

  if (wanted === 'FOLLOW' && !isComplete) findings.warning(230001, selector.at('colorSpace'));
  if (range === 'FOLLOW' && track.colorRange === null) findings.warning(230005, selector.at('sampleRange'));

  const overrides = wanted !== 'FOLLOW' && (usage === 'FORCE' || !isComplete);
  const named = overrides ? namedColor(wanted, track.heightPx) : null;
  const guessed = namedColor(
    track.heightPx <= standardDefinitionHeightPx ? 'REC_601' : 'REC_709',
    track.heightPx,
  );
  const forcedRange = range === 'FOLLOW' ? null : range === 'FULL_RANGE' ? 'full' : 'limited';
  const color: ColorDescription = {
    primaries: named?.primaries ?? known.primaries ?? guessed.primaries,
    transfer: named?.transfer ?? known.transfer ?? guessed.transfer,
    matrix: named?.matrix ?? known.matrix ?? guessed.matrix,
    range: isRgb ? 'limited' : (forcedRange ?? track.colorRange),
  };
  if (!isRgb) return { color, steps: labelSteps(named, forcedRange) };
  return { color, steps: [...fromRgb(track, color), ...labelSteps(named, null)] };
}

/** Full range RGB to limited range in full chroma resolution: nothing is lost before pictures are scaled. */
function fromRgb({ bitDepth, hasAlpha }: VideoTrackFacts, { matrix }: ColorDescription): FilterStep[] {
  const depth = bitDepth <= 8 ? '' : bitDepth <= 10 ? '10le' : bitDepth <= 12 ? '12le' : '16le';
  return [
    { name: 'format', options: { pix_fmts: `gbr${hasAlpha ? 'a' : ''}p${depth}` } },
    { name: 'zscale', options: { min: 'gbr', rin: 'full', m: matrix ?? 'bt709', r: 'limited' } },
    { name: 'format', options: { pix_fmts: `yuv${hasAlpha ? 'a' : ''}444p${depth}` } },
  ];
}

/** Primaries, transfer and matrix of a named space; REC_601 depends on the number of lines. */
export function namedColor(
  space: Exclude<ColorSpace, 'FOLLOW'>,
  heightPx: number,
): Omit<ColorDescription, 'range'> {
  if (space === 'REC_601') {
    // 525 or 625 lines, by height (spec inputs.md 10).
    const system = heightPx > 486 ? 'bt470bg' : 'smpte170m';
    return { primaries: system, transfer: 'smpte170m', matrix: system };
  }
  const [primaries, transfer, matrix] = colorSpaces[space];
  return { primaries, transfer, matrix };
}

function labelSteps(
  named: Omit<ColorDescription, 'range'> | null,
  range: 'full' | 'limited' | null,
): FilterStep[] {
  const options: Record<string, string> = {};
  if (named?.primaries) options.color_primaries = named.primaries;
  if (named?.transfer) options.color_trc = named.transfer;
  if (named?.matrix) options.colorspace = named.matrix;
  if (range !== null) options.range = range;
  return Object.keys(options).length === 0 ? [] : [{ name: 'setparams', options }];
}
