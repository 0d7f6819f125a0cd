/** Encodes whose cost is measured: every encoder with each effort that plans ask of it. */
import type {
  ContainerType,
  Output,
  ProresCodecProfile,
  VideoCodecSettings,
  VideoDescription,
} from '../src/contract/types.generated.ts';

/** An output of the clip. */
export interface CostCase {
  readonly name: string;
  readonly output: Output;
}

const rate = { rateControlMode: 'VBR', bitrate: 3_000_000, maxBitrate: 5_000_000 } as const;
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

function of(
  name: string,
  codecSettings: VideoCodecSettings,
  container: ContainerType = 'MP4',
  changes: Partial<VideoDescription> = {},
): CostCase {
  return {
    name,
    output: { containerSettings: { container }, videoDescription: { ...changes, codecSettings } },
  };
}

const hd = { width: 1920, height: 1080 } as const;
const uhd = { width: 3840, height: 2160 } as const;
const at50 = { framerateControl: 'SPECIFIED', framerateNumerator: 50, framerateDenominator: 1 } as const;
const qvbr = { rateControlMode: 'QVBR', maxBitrate: 5_000_000 } as const;

/** All of them; the first reads the clip and codes one picture of it. */
export const costCases: readonly CostCase[] = [
  of(
    'reading alone',
    { codec: 'FRAME_CAPTURE', frameCaptureSettings: { framerateNumerator: 1, framerateDenominator: 1000 } },
    'RAW',
  ),
  ...levels.map((qualityTuningLevel) =>
    of(`H.264 ${qualityTuningLevel}`, { codec: 'H_264', h264Settings: { ...rate, qualityTuningLevel } }),
  ),
  of('H.264 QVBR MULTI_PASS_HQ', {
    codec: 'H_264',
    h264Settings: { ...qvbr, qualityTuningLevel: 'MULTI_PASS_HQ' },
  }),
  ...levels.map((qualityTuningLevel) =>
    of(`H.265 ${qualityTuningLevel}`, { codec: 'H_265', h265Settings: { ...rate, qualityTuningLevel } }),
  ),
  of('H.265 QVBR MULTI_PASS_HQ', {
    codec: 'H_265',
    h265Settings: { ...qvbr, qualityTuningLevel: 'MULTI_PASS_HQ' },
  }),
  of('H.264 in 10 bits', { codec: 'H_264', h264Settings: { ...rate, codecProfile: 'HIGH_10BIT' } }),
  of('H.265 in 10 bits', { codec: 'H_265', h265Settings: { ...rate, codecProfile: 'MAIN10_MAIN' } }),
  of('AV1 in 10 bits', { codec: 'AV1', av1Settings: { ...qvbr, bitDepth: 'BIT_10' } }),
  of('AV1 CBR', { codec: 'AV1', av1Settings: { rateControlMode: 'CBR', bitrate: rate.bitrate } }),
  of('AV1 QVBR', { codec: 'AV1', av1Settings: qvbr }),
  of(
    'MPEG-2 SINGLE_PASS',
    { codec: 'MPEG2', mpeg2Settings: { ...rate, bitrate: 8_000_000, maxBitrate: 12_000_000 } },
    'MOV',
  ),
  of(
    'MPEG-2 MULTI_PASS',
    {
      codec: 'MPEG2',
      mpeg2Settings: {
        ...rate,
        bitrate: 8_000_000,
        maxBitrate: 12_000_000,
        qualityTuningLevel: 'MULTI_PASS',
      },
    },
    'MOV',
  ),
  of('VP8 MULTI_PASS', { codec: 'VP8', vp8Settings: rate }, 'WEBM'),
  of(
    'VP8 MULTI_PASS_HQ',
    { codec: 'VP8', vp8Settings: { ...rate, qualityTuningLevel: 'MULTI_PASS_HQ' } },
    'WEBM',
  ),
  of('VP9 MULTI_PASS', { codec: 'VP9', vp9Settings: rate }, 'WEBM'),
  of(
    'VP9 MULTI_PASS_HQ',
    { codec: 'VP9', vp9Settings: { ...rate, qualityTuningLevel: 'MULTI_PASS_HQ' } },
    'WEBM',
  ),
  ...(['PROXY', 'LT', '', 'HQ', '4444', '4444_XQ'] as const).map((kind) => {
    const codecProfile = (
      kind.startsWith('4444') ? `APPLE_PRORES_${kind}` : `APPLE_PRORES_422${kind === '' ? '' : `_${kind}`}`
    ) as ProresCodecProfile;
    return of(`ProRes ${kind || '422'}`, { codec: 'PRORES', proresSettings: { codecProfile } }, 'MOV');
  }),
  of('VC-3 CLASS_145_8BIT', { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_145_8BIT' } }, 'MXF'),
  of('VC-3 CLASS_220_10BIT', { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_220_10BIT' } }, 'MXF'),
  of('AVC-Intra CLASS_100', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } }, 'RAW'),
  of(
    'AVC-Intra CLASS_200',
    { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_200', ...at50 } },
    'RAW',
  ),
  of('AVC-Intra CLASS_50', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_50' } }, 'RAW', {
    width: 960,
    height: 720,
  }),
  of(
    'AVC-Intra CLASS_4K_2K SINGLE_PASS',
    { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_4K_2K' } },
    'RAW',
    uhd,
  ),
  of(
    'XAVC 4K intra CBG CLASS_480',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_4K_INTRA_CBG',
        xavc4kIntraCbgProfileSettings: { xavcClass: 'CLASS_480' },
      },
    },
    'RAW',
    uhd,
  ),
  of(
    'AVC-Intra CLASS_4K_2K MULTI_PASS',
    {
      codec: 'AVC_INTRA',
      avcIntraSettings: {
        avcIntraClass: 'CLASS_4K_2K',
        avcIntraUhdSettings: { qualityTuningLevel: 'MULTI_PASS' },
      },
    },
    'RAW',
    uhd,
  ),
  of(
    'XAVC 4K intra VBR CLASS_300',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_4K_INTRA_VBR',
        xavc4kIntraVbrProfileSettings: { xavcClass: 'CLASS_300' },
      },
    },
    'RAW',
    uhd,
  ),
  ...levels.map((qualityTuningLevel) =>
    of(
      `XAVC HD ${qualityTuningLevel}`,
      {
        codec: 'XAVC',
        xavcSettings: {
          profile: 'XAVC_HD',
          xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_25', qualityTuningLevel },
        },
      },
      'RAW',
      hd,
    ),
  ),
  of('uncompressed', { codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc: 'I420' } }, 'Y4M'),
  of('GIF', { codec: 'GIF', gifSettings: {} }, 'GIF'),
  of(
    'frame capture',
    { codec: 'FRAME_CAPTURE', frameCaptureSettings: { framerateNumerator: 25, framerateDenominator: 1 } },
    'RAW',
  ),
  of(
    'uncompressed at half size',
    { codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc: 'I420' } },
    'Y4M',
    { width: 640, height: 360 },
  ),
  of('passthrough', { codec: 'PASSTHROUGH' }, 'MP4'),
];
