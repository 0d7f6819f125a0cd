/** Encodes whose picture and CPU time are measured against the same library driven plainly. */
import type {
  ContainerType,
  VideoCodecSettings,
  XavcHdProfileSettings,
} from '../src/contract/types.generated.ts';

/** One encode of the clip, in its size. */
export interface QualityCase {
  readonly name: string;
  readonly settings: VideoCodecSettings;
  readonly container: ContainerType;
  readonly size: ClipSize;
}

/** Of the clip, in pixels. */
export type ClipSize = readonly [widthPx: number, heightPx: number];

const hd720: ClipSize = [1280, 720];
const hd: ClipSize = [1920, 1080];
const uhd: ClipSize = [3840, 2160];

const variable = { rateControlMode: 'VBR', bitrate: 3_000_000, maxBitrate: 5_000_000 } as const;
const constant = { rateControlMode: 'CBR', bitrate: 3_000_000 } as const;
/** Far enough above what the quality takes here that the pictures are compared, and not what a bound makes of them. */
const bounded = { rateControlMode: 'QVBR', maxBitrate: 20_000_000 } as const;
const rates = [
  ['', variable],
  [' CBR', constant],
  [' QVBR', bounded],
] as const;
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

/** Containers of codecs that MP4 does not have. XAVC is bare: in MXF it has tracks of sound, which cost as well. */
const containers: Partial<Record<string, ContainerType>> = {
  AVC_INTRA: 'MXF',
  FRAME_CAPTURE: 'RAW',
  MPEG2: 'MOV',
  PRORES: 'MOV',
  VC3: 'MXF',
  VP8: 'WEBM',
  VP9: 'WEBM',
  XAVC: 'RAW',
};

function of(name: string, settings: VideoCodecSettings, size = hd720): QualityCase {
  return { name, settings, container: containers[settings.codec ?? ''] ?? 'MP4', size };
}

function xavcHd(qualityTuningLevel: (typeof levels)[number]): QualityCase {
  const xavcHdProfileSettings: XavcHdProfileSettings = {
    bitrateClass: 'BITRATE_CLASS_25',
    qualityTuningLevel,
  };
  return of(
    `XAVC HD ${qualityTuningLevel}`,
    { codec: 'XAVC', xavcSettings: { profile: 'XAVC_HD', xavcHdProfileSettings } },
    hd,
  );
}

function xavc4k(qualityTuningLevel: (typeof levels)[number]): QualityCase {
  const xavc4kProfileSettings = { bitrateClass: 'BITRATE_CLASS_100', qualityTuningLevel } as const;
  return of(
    `XAVC 4K ${qualityTuningLevel}`,
    { codec: 'XAVC', xavcSettings: { profile: 'XAVC_4K', xavc4kProfileSettings } },
    uhd,
  );
}

/** All of them. */
export const qualityCases: readonly QualityCase[] = [
  ...rates.flatMap(([name, rate]) =>
    levels.map((qualityTuningLevel) =>
      of(`H.264${name} ${qualityTuningLevel}`, {
        codec: 'H_264',
        h264Settings: { ...rate, codecProfile: 'HIGH', qualityTuningLevel },
      }),
    ),
  ),
  ...rates.flatMap(([name, rate]) =>
    levels.map((qualityTuningLevel) =>
      of(`H.265${name} ${qualityTuningLevel}`, {
        codec: 'H_265',
        h265Settings: { ...rate, qualityTuningLevel },
      }),
    ),
  ),
  of('AV1 CBR', { codec: 'AV1', av1Settings: constant }),
  of('AV1 QVBR', { codec: 'AV1', av1Settings: bounded }),
  ...(['SINGLE_PASS', 'MULTI_PASS'] as const).map((qualityTuningLevel) => {
    const mpeg2Settings = { ...variable, bitrate: 8_000_000, maxBitrate: 12_000_000, qualityTuningLevel };
    return of(`MPEG-2 ${qualityTuningLevel}`, { codec: 'MPEG2', mpeg2Settings });
  }),
  of('VC-3', { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_145_8BIT' } }),
  of('AVC-Intra', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } }),
  of('ProRes 422', { codec: 'PRORES', proresSettings: { codecProfile: 'APPLE_PRORES_422' } }),
  ...(['MULTI_PASS', 'MULTI_PASS_HQ'] as const).flatMap((qualityTuningLevel) => {
    const settings = { ...variable, rateControlMode: 'VBR', qualityTuningLevel } as const;
    return [
      of(`VP8 ${qualityTuningLevel}`, { codec: 'VP8', vp8Settings: settings }),
      of(`VP9 ${qualityTuningLevel}`, { codec: 'VP9', vp9Settings: settings }),
    ];
  }),
  ...levels.map(xavcHd),
  of(
    'XAVC HD intra',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_HD_INTRA_CBG',
        xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_100' },
      },
    },
    hd,
  ),
  ...levels.map(xavc4k),
  of(
    'XAVC 4K intra',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_4K_INTRA_CBG',
        xavc4kIntraCbgProfileSettings: { xavcClass: 'CLASS_300' },
      },
    },
    uhd,
  ),
  of(
    'XAVC 4K variable intra',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_4K_INTRA_VBR',
        xavc4kIntraVbrProfileSettings: { xavcClass: 'CLASS_300' },
      },
    },
    uhd,
  ),
  of('frame capture', {
    codec: 'FRAME_CAPTURE',
    frameCaptureSettings: { framerateNumerator: 25, framerateDenominator: 1 },
  }),
];
