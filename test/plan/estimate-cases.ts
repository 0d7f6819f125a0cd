/** One encode of every codec, at 25 pictures a second, with the rate that its format names. */
import type {
  AudioCodec,
  AudioCodecSettings,
  ContainerType,
  VideoCodec,
  VideoCodecSettings,
} from '../../src/contract/types.generated.ts';

/** What is planned, and what it should come to. */
export interface EstimateCase<Settings> {
  readonly settings: Settings;
  readonly container: ContainerType;
  readonly size?: readonly [widthPx: number, heightPx: number];
  readonly kbps: number;
  /** The estimate may be so many times as much, or as little; absent: a twentieth beside. */
  readonly within?: number;
  /** Where the rate comes from. */
  readonly source: string;
}

type VideoCase = EstimateCase<Omit<VideoCodecSettings, 'codec'>>;
type AudioCase = EstimateCase<Omit<AudioCodecSettings, 'codec'>>;

const job = 'as the job asks';
const bench = 'bench/README.md, intra formats';
const jpeg = '1 picture a second, half a bit a pixel';
const uhd = [3840, 2160] as const;

/** By codec, so that none is forgotten. */
export const videoCases: Readonly<Record<VideoCodec, readonly VideoCase[]>> = {
  AV1: [
    video({ av1Settings: { rateControlMode: 'CBR', bitrate: 3_000_000 } }, 'MP4', 3000, job),
    video(
      { av1Settings: { rateControlMode: 'QVBR', maxBitrate: 5_000_000 } },
      'MP4',
      2250,
      'bench/README.md, rate-control',
      2,
    ),
  ],
  AVC_INTRA: [
    video({ avcIntraSettings: { avcIntraClass: 'CLASS_50' } }, 'RAW', 56_200, bench, undefined, [1440, 1080]),
    video({ avcIntraSettings: { avcIntraClass: 'CLASS_100' } }, 'RAW', 113_800, bench),
    video({ avcIntraSettings: { avcIntraClass: 'CLASS_200' } }, 'RAW', 228_900, bench),
    video({ avcIntraSettings: { avcIntraClass: 'CLASS_4K_2K' } }, 'RAW', 252_000, bench, undefined, uhd),
    video(
      {
        avcIntraSettings: {
          avcIntraClass: 'CLASS_4K_2K',
          avcIntraUhdSettings: { qualityTuningLevel: 'MULTI_PASS' },
        },
      },
      'RAW',
      252_000,
      bench,
      undefined,
      uhd,
    ),
  ],
  FRAME_CAPTURE: [
    video({ frameCaptureSettings: { framerateNumerator: 1, framerateDenominator: 1 } }, 'RAW', 1037, jpeg, 2),
    video(
      { frameCaptureSettings: { framerateNumerator: 25, framerateDenominator: 1 } },
      'RAW',
      25_920,
      jpeg,
      2,
    ),
    video({ frameCaptureSettings: { maxCaptures: 6 } }, 'RAW', 103.7, `${jpeg}, six of them`, 2),
  ],
  GIF: [video({ gifSettings: {} }, 'GIF', 207_360, 'half a byte a pixel', 2)],
  H_264: [
    ...(['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const).flatMap((qualityTuningLevel) => [
      video(
        { h264Settings: { rateControlMode: 'VBR', bitrate: 4_000_000, qualityTuningLevel } },
        'MP4',
        4000,
        job,
      ),
      video(
        { h264Settings: { rateControlMode: 'QVBR', maxBitrate: 5_000_000, qualityTuningLevel } },
        'MP4',
        2900,
        'bench/README.md, rate-control',
        2,
      ),
    ]),
  ],
  H_265: [
    ...(['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const).map((qualityTuningLevel) =>
      video(
        { h265Settings: { rateControlMode: 'VBR', bitrate: 4_000_000, qualityTuningLevel } },
        'MP4',
        4000,
        job,
      ),
    ),
  ],
  MPEG2: [
    video({ mpeg2Settings: { bitrate: 8_000_000 } }, 'MOV', 8000, job),
    video({ mpeg2Settings: { bitrate: 8_000_000, qualityTuningLevel: 'MULTI_PASS' } }, 'MOV', 8000, job),
  ],
  PASSTHROUGH: [video({}, 'MP4', 5000, 'the track of the source')],
  PRORES: [
    prores('APPLE_PRORES_422_PROXY', 41_000),
    prores('APPLE_PRORES_422_LT', 91_100),
    prores('APPLE_PRORES_422', 129_900),
    prores('APPLE_PRORES_422', 62_900, [1280, 720]),
    prores('APPLE_PRORES_422', 41_600, [848, 480]),
    prores('APPLE_PRORES_422_HQ', 194_200),
    prores('APPLE_PRORES_4444', 287_400),
    prores('APPLE_PRORES_4444_XQ', 351_400),
  ],
  UNCOMPRESSED: [
    video({ uncompressedSettings: { fourcc: 'I420' } }, 'Y4M', 622_080, 'bits of the samples'),
    video({ uncompressedSettings: { fourcc: 'I444' } }, 'Y4M', 1_244_160, 'bits of the samples'),
  ],
  VC3: [
    video({ vc3Settings: { vc3Class: 'CLASS_145_8BIT' } }, 'MXF', 121_200, bench),
    video({ vc3Settings: { vc3Class: 'CLASS_220_8BIT' } }, 'MXF', 183_500, bench),
    video({ vc3Settings: { vc3Class: 'CLASS_220_10BIT' } }, 'MXF', 183_500, bench),
  ],
  VP8: [
    video({ vp8Settings: { bitrate: 2_000_000 } }, 'WEBM', 2000, job),
    video({ vp8Settings: { bitrate: 2_000_000, qualityTuningLevel: 'MULTI_PASS_HQ' } }, 'WEBM', 2000, job),
  ],
  VP9: [
    video({ vp9Settings: { bitrate: 2_000_000 } }, 'WEBM', 2000, job),
    video({ vp9Settings: { bitrate: 2_000_000, qualityTuningLevel: 'MULTI_PASS_HQ' } }, 'WEBM', 2000, job),
  ],
  XAVC: [
    video(
      {
        xavcSettings: {
          profile: 'XAVC_HD_INTRA_CBG',
          xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_100' },
        },
      },
      'RAW',
      113_800,
      bench,
    ),
    video(
      {
        xavcSettings: {
          profile: 'XAVC_4K_INTRA_CBG',
          xavc4kIntraCbgProfileSettings: { xavcClass: 'CLASS_300' },
        },
      },
      'RAW',
      252_000,
      bench,
      undefined,
      uhd,
    ),
    video(
      {
        xavcSettings: {
          profile: 'XAVC_4K_INTRA_CBG',
          xavc4kIntraCbgProfileSettings: { xavcClass: 'CLASS_480' },
        },
      },
      'RAW',
      401_900,
      bench,
      undefined,
      uhd,
    ),
    video(
      {
        xavcSettings: {
          profile: 'XAVC_4K_INTRA_VBR',
          xavc4kIntraVbrProfileSettings: { xavcClass: 'CLASS_300' },
        },
      },
      'RAW',
      165_000,
      bench,
      1.5,
      uhd,
    ),
    video(
      { xavcSettings: { profile: 'XAVC_HD', xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_50' } } },
      'RAW',
      50_000,
      'the class',
    ),
  ],
};

/** By codec, but for those that are refused for want of an encoder. Beside each stands nothing: sound alone. */
export const audioCases: Readonly<Record<Exclude<AudioCodec, 'AC4' | 'EAC3_ATMOS'>, readonly AudioCase[]>> = {
  AAC: [
    audio(
      { aacSettings: { bitrate: 128_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } },
      'MP4',
      128,
      job,
    ),
    audio(
      {
        aacSettings: {
          rateControlMode: 'VBR',
          vbrQuality: 'HIGH',
          codingMode: 'CODING_MODE_2_0',
          sampleRate: 48_000,
        },
      },
      'MP4',
      220,
      'spec of the qualities',
      1.5,
    ),
  ],
  AC3: [audio({ ac3Settings: { bitrate: 192_000 } }, 'MP4', 192, job)],
  AIFF: [
    audio(
      { aiffSettings: { bitDepth: 16, channels: 2, sampleRate: 48_000 } },
      'RAW',
      1536,
      'bits of the samples',
    ),
  ],
  EAC3: [audio({ eac3Settings: { bitrate: 192_000 } }, 'MP4', 192, job)],
  FLAC: [
    audio(
      { flacSettings: { bitDepth: 16, channels: 2, sampleRate: 48_000 } },
      'RAW',
      920,
      'three fifths of the samples',
    ),
  ],
  MP2: [audio({ mp2Settings: { bitrate: 192_000 } }, 'RAW', 192, job)],
  MP3: [
    audio({ mp3Settings: { bitrate: 128_000 } }, 'RAW', 128, job),
    audio({ mp3Settings: { rateControlMode: 'VBR', vbrQuality: 2 } }, 'RAW', 190, 'LAME, V2', 1.3),
  ],
  OPUS: [audio({ opusSettings: { bitrate: 96_000 } }, 'WEBM', 96, job)],
  PASSTHROUGH: [audio({}, 'MP4', 384, 'the track of the source')],
  VORBIS: [audio({ vorbisSettings: { vbrQuality: 4 } }, 'OGG', 128, 'the quality', 1.2)],
  WAV: [
    audio(
      { wavSettings: { bitDepth: 24, channels: 2, sampleRate: 48_000 } },
      'RAW',
      2304,
      'bits of the samples',
    ),
    audio(
      { wavSettings: { bitDepth: 16, channels: 1, sampleRate: 44_100 } },
      'RAW',
      705.6,
      'bits of the samples',
    ),
  ],
};

function video(
  settings: VideoCase['settings'],
  container: ContainerType,
  kbps: number,
  source: string,
  within?: number,
  size?: VideoCase['size'],
): VideoCase {
  return {
    settings,
    container,
    kbps,
    source,
    ...(within === undefined ? {} : { within }),
    ...(size === undefined ? {} : { size }),
  };
}

/** Measured on moving pictures; easy ones take a fifth. */
function prores(
  codecProfile: NonNullable<NonNullable<VideoCodecSettings['proresSettings']>['codecProfile']>,
  kbps: number,
  size?: VideoCase['size'],
): VideoCase {
  return video({ proresSettings: { codecProfile } }, 'MOV', kbps, bench, 1.05, size);
}

function audio(
  settings: AudioCase['settings'],
  container: ContainerType,
  kbps: number,
  source: string,
  within?: number,
): AudioCase {
  return video(settings as never, container, kbps, source, within) as AudioCase;
}
