/** How pictures should be coded: profile, level, scan, groups and colour. */
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import type { VideoRendition } from '../../src/plan/plan.ts';
import type { MadePictures } from './read-made.ts';
import { type AnyBlock, type AskedOutput, differs } from './setting-asked.ts';
import { type SourceName, sources } from './setting-sources.ts';

const h264Profiles: Readonly<Record<string, readonly number[]>> = {
  BASELINE: [66, 66 + 512],
  MAIN: [77],
  HIGH: [100],
  HIGH_10BIT: [110, 110 + 2048],
  HIGH_422: [122, 122 + 2048],
  HIGH_422_10BIT: [122, 122 + 2048],
};
const h265Profiles: Readonly<Record<string, number>> = { MAIN: 1, MAIN10: 2, MAIN_422: 4 };
const proresTags: Readonly<Record<string, string>> = {
  APPLE_PRORES_422: 'apcn',
  APPLE_PRORES_422_HQ: 'apch',
  APPLE_PRORES_422_LT: 'apcs',
  APPLE_PRORES_422_PROXY: 'apco',
  APPLE_PRORES_4444: 'ap4h',
  APPLE_PRORES_4444_XQ: 'ap4x',
};

/** Profile, level and depth. */
export function profileDefects(codec: string, block: AnyBlock, made: MadePictures): string[] {
  const { codecProfile: profile, codecLevel: level } = block;
  const wantedLevel = level === undefined || level === 'AUTO' ? null : level.replace('LEVEL_', '').split('_');
  const number = (wantedLevel ?? []).reduce(
    (sum, digit, place) => sum + Number(digit) * (place === 0 ? 10 : 1),
    0,
  );
  const is10Bit = /p10|p012|10le/.test(made.pixelFormat);
  switch (codec) {
    case 'H_264': {
      const wanted = h264Profiles[profile ?? ''];
      return [
        ...(wanted === undefined || wanted.includes(made.profile)
          ? []
          : [`profile ${made.profile} instead of ${profile}`]),
        ...(profile?.endsWith('10BIT') === true && !is10Bit ? [`${made.pixelFormat} for ${profile}`] : []),
        ...(wantedLevel === null ? [] : differs('level', number, made.level)),
      ];
    }
    case 'H_265': {
      const name = profile?.replace(/_(8BIT|10BIT)?_?(HIGH|MAIN)$/, '').replace(/_8BIT|_10BIT/, '');
      const wanted = h265Profiles[name ?? ''];
      return [
        ...(wanted === undefined || wanted === made.profile
          ? []
          : [`profile ${made.profile} instead of ${profile}`]),
        ...(profile?.includes('10') === true && !is10Bit ? [`${made.pixelFormat} for ${profile}`] : []),
        ...(wantedLevel === null ? [] : differs('level', number * 3, made.level)),
      ];
    }
    case 'PRORES':
      return profile === undefined
        ? []
        : differs('kind of ProRes', proresTags[profile] ?? '', made.tag.trim());
    case 'MPEG2':
      return profile === undefined ? [] : differs('profile', profile === 'MAIN' ? 4 : 0, made.profile);
    case 'AV1':
      return block.bitDepth === undefined
        ? []
        : differs('bit depth', block.bitDepth, is10Bit ? 'BIT_10' : 'BIT_8');
    case 'VC3':
      return differs(
        'bit depth of VC-3',
        block.vc3Class?.endsWith('10BIT') === true ? 'yes' : 'no',
        is10Bit ? 'yes' : 'no',
      );
    case 'UNCOMPRESSED':
      return differs('format', rawFormats[block.fourcc ?? 'I420'] ?? '', made.pixelFormat);
    default:
      return [];
  }
}

const rawFormats: Readonly<Record<string, string>> = { I420: 'yuv420p', I422: 'yuv422p', I444: 'yuv444p' };

/** Codecs whose decoders tell how pictures were scanned; that of H.265 tells it of single fields alone. */
const scannedCodecs = ['H_264', 'MPEG2', 'PRORES', 'VC3', 'AVC_INTRA', 'XAVC'];

/** Fields or whole pictures, and which field comes first. */
export function scanDefects(
  asked: AskedOutput,
  codec: string,
  { interlaceMode: mode, telecine }: AnyBlock,
  planned: VideoRendition,
  made: MadePictures,
): string[] {
  if (!scannedCodecs.includes(codec) || telecine === 'SOFT') return [];
  const isFields = made.interlacedFrames > 0;
  const defects: string[] = [];
  if (isFields !== (planned.scan !== 'progressive'))
    defects.push(`${made.interlacedFrames} of ${made.frames} interlaced, ${planned.scan} was planned`);
  if (mode === undefined || mode === 'PROGRESSIVE') {
    if (mode === 'PROGRESSIVE' && isFields && telecine !== 'HARD')
      defects.push(`${made.interlacedFrames} interlaced pictures`);
    return defects;
  }
  const source = sources[asked.sources[0] as SourceName].video;
  const isDecided = !mode.startsWith('FOLLOW') || source?.isInterlaced === true;
  if (
    isDecided &&
    !asked.hasInputGeometry &&
    made.interlacedFrames < made.frames &&
    mode !== 'INTERLACED' &&
    !mode.startsWith('FOLLOW')
  )
    defects.push(`${made.interlacedFrames} of ${made.frames} interlaced for ${mode}`);
  const isTop = mode === 'TOP_FIELD';
  if ((isTop || mode === 'BOTTOM_FIELD') && (made.topFirstFrames === made.frames) !== isTop)
    defects.push(`${made.topFirstFrames} of ${made.frames} begin with the upper field for ${mode}`);
  return defects;
}

/** Key frames and B pictures. */
export function groupDefects(
  codec: string,
  block: AnyBlock,
  planned: VideoRendition,
  made: MadePictures,
): string[] {
  const defects: string[] = [];
  const { gopSize, gopSizeUnits, numberBFramesBetweenReferenceFrames: between } = block;
  const groups = ['H_264', 'H_265', 'MPEG2', 'AV1', 'VP8', 'VP9'];
  if (groups.includes(codec) && gopSize !== undefined && gopSize > 0) {
    const rate = planned.frameRate.num / planned.frameRate.den;
    const isSeconds = gopSizeUnits === 'SECONDS';
    const isAuto =
      gopSizeUnits === 'AUTO' || (gopSizeUnits === undefined && ['H_264', 'H_265'].includes(codec));
    const longest = isSeconds ? gopSize * rate : gopSize;
    const gaps = made.keyFrames.map((key, index) => (made.keyFrames[index + 1] ?? made.frames) - key);
    const most = Math.max(...gaps, 0);
    if (!isAuto && most > Math.ceil(longest) + 1e-6 && codec !== 'H_264' && codec !== 'H_265')
      defects.push(`a group of ${most} frames instead of ${longest}`);
    if (!isAuto && (codec === 'H_264' || codec === 'H_265') && most > Math.ceil(longest) + (between ?? 7) + 1)
      defects.push(`a group of ${most} frames instead of ${longest}`);
  }
  if (['H_264', 'H_265', 'MPEG2'].includes(codec) && between !== undefined && made.longestBRun > between)
    defects.push(`${made.longestBRun} B pictures in a row, ${between} at most were asked for`);
  if (made.keyFrames[0] !== 0 && codec !== 'GIF') defects.push('the first picture is no key frame');
  return defects;
}

/** Code points of ITU-T H.273: primaries and transfer. */
const colors: Readonly<Record<string, readonly [number, number]>> = {
  FORCE_709: [1, 1],
  FORCE_HDR10: [9, 16],
  FORCE_HLG_2020: [9, 18],
};

/** The colour that pictures are turned to. */
export function colorDefects(
  codec: string,
  { colorMetadata = 'INSERT', videoPreprocessors }: VideoDescription,
  made: MadePictures,
): string[] {
  const wanted = colors[videoPreprocessors?.colorCorrector?.colorSpaceConversion ?? ''];
  const isCarried = ['H_264', 'H_265', 'AV1', 'PRORES', 'MPEG2'].includes(codec);
  if (wanted === undefined || colorMetadata === 'IGNORE' || !isCarried) return [];
  return differs('colour', wanted.join('/'), `${made.colorPrimaries}/${made.colorTransfer}`);
}
