/** Intra formats that are measured, with the rates that their makers name. */
import type { Output, VideoCodecSettings, VideoDescription } from '../src/contract/types.generated.ts';

/** A class or profile at one size and rate. */
export interface IntraFormat {
  readonly name: string;
  /**
   * Mbit/s. AVC-Intra and XAVC: the class number, for 25 and 29.97 pictures a second of 1080 lines and for twice as many
   * of 720 (Panasonic AVC-Intra overview; SMPTE RDD 32). VC-3: the rate of the compression id (SMPTE ST 2019-1). ProRes:
   * target data rate (Apple ProRes white paper, 2022).
   */
  readonly nominalMbps: number;
  readonly rate: readonly [number, number];
  readonly output: Output;
}

const pal = [25, 1] as const;
const ntsc = [30_000, 1001] as const;
const film = [24_000, 1001] as const;
const pal2 = [50, 1] as const;
const ntsc2 = [60_000, 1001] as const;

type Size = readonly [number, number];
const hd: Size = [1920, 1080];
const anamorphic: Size = [1440, 1080];
const hd720: Size = [1280, 720];
const uhd: Size = [3840, 2160];

/** All of them. */
export const intraFormats: readonly IntraFormat[] = [
  avcIntra('CLASS_50', 50, anamorphic, pal),
  avcIntra('CLASS_50', 50, anamorphic, ntsc),
  avcIntra('CLASS_50', 50, [960, 720], ntsc2),
  avcIntra('CLASS_100', 100, hd, pal),
  avcIntra('CLASS_100', 100, hd, ntsc),
  avcIntra('CLASS_100', 80, hd, film),
  avcIntra('CLASS_100', 200, hd, pal2),
  avcIntra('CLASS_100', 100, hd720, ntsc2),
  avcIntra('CLASS_200', 200, hd, pal),
  avcIntra('CLASS_4K_2K', 300, uhd, pal),
  xavcHd('CLASS_50', 50, anamorphic, pal),
  xavcHd('CLASS_100', 100, hd, pal),
  xavcHd('CLASS_200', 200, hd, pal),
  xavc4k('CBG', 'CLASS_300', 300, pal),
  xavc4k('CBG', 'CLASS_480', 480, pal),
  xavc4k('VBR', 'CLASS_300', 300, pal),
  vc3('CLASS_145_8BIT', 120, hd, pal),
  vc3('CLASS_145_8BIT', 145, hd, ntsc),
  vc3('CLASS_220_8BIT', 185, hd, pal),
  vc3('CLASS_220_10BIT', 185, hd, pal),
  vc3('CLASS_220_10BIT', 175, hd, film),
  vc3('CLASS_220_8BIT', 365, hd, pal2),
  vc3('CLASS_145_8BIT', 145, hd720, ntsc2),
  prores('APPLE_PRORES_422_PROXY', 38),
  prores('APPLE_PRORES_422_LT', 85),
  prores('APPLE_PRORES_422', 122),
  prores('APPLE_PRORES_422_HQ', 184),
  prores('APPLE_PRORES_4444', 275),
  prores('APPLE_PRORES_4444_XQ', 413),
];

function avcIntra(
  avcIntraClass: 'CLASS_50' | 'CLASS_100' | 'CLASS_200' | 'CLASS_4K_2K',
  nominalMbps: number,
  size: Size,
  rate: IntraFormat['rate'],
): IntraFormat {
  const avcIntraSettings = { avcIntraClass, ...specified(rate) };
  return format(`AVC-Intra ${avcIntraClass}`, nominalMbps, size, rate, {
    codec: 'AVC_INTRA',
    avcIntraSettings,
  });
}

function xavcHd(
  xavcClass: 'CLASS_50' | 'CLASS_100' | 'CLASS_200',
  nominalMbps: number,
  size: Size,
  rate: IntraFormat['rate'],
): IntraFormat {
  const xavcSettings = {
    profile: 'XAVC_HD_INTRA_CBG',
    xavcHdIntraCbgProfileSettings: { xavcClass },
    ...specified(rate),
  } as const;
  return format(`XAVC HD intra ${xavcClass}`, nominalMbps, size, rate, { codec: 'XAVC', xavcSettings });
}

function xavc4k(
  kind: 'CBG' | 'VBR',
  xavcClass: 'CLASS_300' | 'CLASS_480',
  nominalMbps: number,
  rate: IntraFormat['rate'],
): IntraFormat {
  const xavcSettings =
    kind === 'CBG'
      ? { profile: 'XAVC_4K_INTRA_CBG' as const, xavc4kIntraCbgProfileSettings: { xavcClass } }
      : { profile: 'XAVC_4K_INTRA_VBR' as const, xavc4kIntraVbrProfileSettings: { xavcClass } };
  return format(`XAVC 4K intra ${kind} ${xavcClass}`, nominalMbps, uhd, rate, {
    codec: 'XAVC',
    xavcSettings: { ...xavcSettings, ...specified(rate) },
  });
}

function vc3(
  vc3Class: 'CLASS_145_8BIT' | 'CLASS_220_8BIT' | 'CLASS_220_10BIT',
  nominalMbps: number,
  size: Size,
  rate: IntraFormat['rate'],
): IntraFormat {
  return format(`VC-3 ${vc3Class}`, nominalMbps, size, rate, {
    codec: 'VC3',
    vc3Settings: { vc3Class, ...specified(rate) },
  });
}

function prores(
  codecProfile: NonNullable<NonNullable<VideoCodecSettings['proresSettings']>['codecProfile']>,
  nominalMbps: number,
): IntraFormat {
  const proresSettings = { codecProfile, ...specified(pal) };
  return format(codecProfile, nominalMbps, hd, pal, { codec: 'PRORES', proresSettings });
}

function specified([framerateNumerator, framerateDenominator]: IntraFormat['rate']) {
  return { framerateControl: 'SPECIFIED', framerateNumerator, framerateDenominator } as const;
}

function format(
  name: string,
  nominalMbps: number,
  [width, height]: Size,
  rate: IntraFormat['rate'],
  codecSettings: VideoCodecSettings,
): IntraFormat {
  const videoDescription: VideoDescription = { width, height, codecSettings };
  const shown = (rate[0] / rate[1]).toFixed(2).replace(/\.00$/, '');
  return {
    name: `${name}, ${width}×${height}p${shown}`,
    nominalMbps,
    rate,
    // Samples of MOV hold no padding between their units.
    output: {
      containerSettings: { container: codecSettings.codec === 'PRORES' ? 'MOV' : 'MXF' },
      videoDescription,
    },
  };
}
