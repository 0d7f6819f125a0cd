/** Jobs in which the settings of video codecs and preprocessors count: one host for each block. */
import type {
  ContainerType,
  JobSettings,
  Output,
  VideoDescription,
} from '../../../src/contract/types.generated.ts';
import type { InputFacts } from '../../../src/plan/facts.ts';
import { hdFacts, videoTrack } from '../facts-fixtures.ts';

interface VideoHost {
  readonly name: string;
  readonly settings: JobSettings;
  readonly facts: InputFacts;
}

const specified = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
const shaped = { ...specified, parControl: 'SPECIFIED', parNumerator: 4, parDenominator: 3 } as const;

const interlaced = hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first' })] });
const doubleRate = hdFacts({ videoTracks: [videoTrack({ frameRate: { num: 50, den: 1 } })] });
const film = hdFacts({ videoTracks: [videoTrack({ frameRate: { num: 24, den: 1 } })] });
const hdr10 = hdFacts({
  videoTracks: [
    videoTrack({
      pixelFormat: 'yuv420p10le',
      bitDepth: 10,
      colorPrimaries: 'bt2020',
      colorTransfer: 'smpte2084',
      colorMatrix: 'bt2020nc',
      colorRange: 'full',
    }),
  ],
});

function host(
  name: string,
  video: VideoDescription,
  { container = 'MP4', facts = hdFacts(), group = {}, input = {} }: HostParts = {},
): VideoHost {
  const output: Output = { containerSettings: { container }, videoDescription: video };
  return {
    name,
    facts,
    settings: {
      timecodeConfig: { source: 'ZEROBASED' },
      inputs: [{ fileInput: 's3://in/film.mp4', videoSelector: {}, ...input }],
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: 's3://out/file' },
            ...group,
          },
          outputs: [output],
        },
      ],
    },
  };
}

interface HostParts {
  readonly container?: ContainerType;
  readonly facts?: InputFacts;
  readonly group?: object;
  readonly input?: object;
}

const sized = { width: 1280, height: 720 };
const rate = { rateControlMode: 'VBR', bitrate: 3_000_000 } as const;

function h264(settings: object = {}, description: Partial<VideoDescription> = {}): VideoDescription {
  return { ...sized, ...description, codecSettings: { codec: 'H_264', h264Settings: { ...rate, ...settings } } };
}

function h265(settings: object = {}, description: Partial<VideoDescription> = {}): VideoDescription {
  return { ...sized, ...description, codecSettings: { codec: 'H_265', h265Settings: { ...rate, ...settings } } };
}

const qvbr = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 5_000_000 } as const;
const bounded = {
  ...qvbr,
  qualityTuningLevel: 'MULTI_PASS_HQ',
  perFrameMetrics: ['QVBR'],
  qvbrSettings: { qvbrQualityLevel: 7, maxAverageBitrate: 2_000_000 },
} as const;
const windowed = { maxBitrate: 4_000_000, slidingWindowPeakBitrate: 5_000_000, slidingWindowMs: 500 } as const;

const fields = { ...specified, interlaceMode: 'TOP_FIELD', scanTypeConversionMode: 'INTERLACED' } as const;
const ntsc = { framerateControl: 'SPECIFIED', framerateNumerator: 30000, framerateDenominator: 1001 } as const;
const telecined = {
  ...ntsc,
  interlaceMode: 'TOP_FIELD',
  telecine: 'HARD',
} as const;

const lightLevels = { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 } as const;
const mastering = {
  ...lightLevels,
  redPrimaryX: 34000,
  redPrimaryY: 16000,
  greenPrimaryX: 13250,
  greenPrimaryY: 34500,
  bluePrimaryX: 7500,
  bluePrimaryY: 3000,
  whitePointX: 15635,
  whitePointY: 16450,
  minLuminance: 50,
  maxLuminance: 10_000_000,
} as const;

const allBits = { codecProfile: 'MAIN10_HIGH' } as const;

function corrected(colorCorrector: object, parts: HostParts = {}): VideoHost {
  const name = `colour corrector ${Object.values(colorCorrector).join(' ')}`;
  return host(name, h265(allBits, { videoPreprocessors: { colorCorrector } }), parts);
}

/** All hosts of video. */
export const videoHosts: readonly VideoHost[] = [
  host('bounded quality', h264(bounded)),
  host('bounded quality of H.265', h265(bounded)),
  host('sliding window', h264(windowed)),
  host('sliding window of H.265', h265(windowed)),
  host('fields', h264(fields, { height: 720 }), { facts: doubleRate }),
  host('telecine', h264(telecined)),
  host('slow PAL', h264({ ...specified, slowPal: 'ENABLED' }), { facts: film }),
  host('slow PAL of H.265', h265({ ...specified, slowPal: 'ENABLED' }), { facts: film }),
  host('high profile', h264({ codecProfile: 'HIGH', softness: 16 })),
  host('bandwidth reduction', h264({ bandwidthReductionFilter: { strength: 'LOW', sharpening: 'LOW' } })),
  host('bandwidth reduction of H.265', h265({ bandwidthReductionFilter: { strength: 'LOW', sharpening: 'LOW' } })),
  host('AV1', {
    ...sized,
    codecSettings: {
      codec: 'AV1',
      av1Settings: { ...specified, rateControlMode: 'QVBR', maxBitrate: 4_000_000, gopSize: 60, qvbrSettings: { qvbrQualityLevel: 7 } },
    },
  }),
  host('AV1 in a window', {
    ...sized,
    codecSettings: {
      codec: 'AV1',
      av1Settings: { rateControlMode: 'QVBR', maxBitrate: 4_000_000, slidingWindowPeakBitrate: 5_000_000, slidingWindowMs: 500 },
    },
  }),
  host('AV1 of constant rate', {
    ...sized,
    codecSettings: { codec: 'AV1', av1Settings: { rateControlMode: 'CBR', bitrate: 4_000_000 } },
  }),
  host('MPEG-2', { ...sized, codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...shaped, gopSize: 12, bitrate: 8_000_000 } } }, { container: 'RAW' }),
  host(
    'MPEG-2 in a window',
    {
      ...sized,
      codecSettings: {
        codec: 'MPEG2',
        mpeg2Settings: { ...specified, bitrate: 8_000_000, maxBitrate: 12_000_000, minIInterval: 4, gopClosedCadence: 0, slidingWindowPeakBitrate: 14_000_000, slidingWindowMs: 500 },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'MPEG-2 fields',
    { ...sized, codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...fields, bitrate: 8_000_000 } } },
    { container: 'RAW', facts: doubleRate },
  ),
  host(
    'MPEG-2 telecine',
    { ...sized, codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...telecined, bitrate: 8_000_000 } } },
    { container: 'RAW' },
  ),
  host(
    'MPEG-2 slow PAL',
    { ...sized, codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...specified, slowPal: 'ENABLED', bitrate: 8_000_000 } } },
    { container: 'RAW', facts: film },
  ),
  host(
    'VC-3',
    { codecSettings: { codec: 'VC3', vc3Settings: { ...specified, vc3Class: 'CLASS_145_8BIT', interlaceMode: 'INTERLACED' } } },
    { container: 'RAW', facts: doubleRate },
  ),
  host(
    'VC-3 pictures',
    { codecSettings: { codec: 'VC3', vc3Settings: { ...specified, vc3Class: 'CLASS_145_8BIT' } } },
    { container: 'RAW', facts: doubleRate },
  ),
  host('VC-3 at 23.976', { codecSettings: { codec: 'VC3', vc3Settings: { ...ntsc, framerateNumerator: 24000, vc3Class: 'CLASS_145_8BIT' } } }, { container: 'RAW' }),
  host('MPEG-2 at 29.97', { ...sized, codecSettings: { codec: 'MPEG2', mpeg2Settings: { ...ntsc, bitrate: 8_000_000 } } }, { container: 'RAW' }),
  host(
    'AVC-Intra pictures',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...specified, avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW', facts: doubleRate },
  ),
  host(
    'AVC-Intra at 29.97',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...ntsc, avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW' },
  ),
  host(
    'AVC-Intra at 50',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...specified, framerateNumerator: 50, avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW', facts: doubleRate },
  ),
  host(
    'AVC-Intra at 23.976',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...ntsc, framerateNumerator: 24_000, avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW' },
  ),
  host(
    'VC-3 telecine',
    {
      codecSettings: {
        codec: 'VC3',
        vc3Settings: { ...telecined, interlaceMode: 'INTERLACED', vc3Class: 'CLASS_145_8BIT' },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'VC-3 slow PAL',
    { codecSettings: { codec: 'VC3', vc3Settings: { ...specified, slowPal: 'ENABLED', vc3Class: 'CLASS_145_8BIT' } } },
    { container: 'RAW', facts: film },
  ),
  host(
    'AVC-Intra',
    {
      codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...fields, avcIntraClass: 'CLASS_100' } },
    },
    { container: 'RAW', facts: doubleRate },
  ),
  host(
    'AVC-Intra telecine',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...telecined, avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW' },
  ),
  host(
    'AVC-Intra slow PAL',
    { codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { ...specified, slowPal: 'ENABLED', avcIntraClass: 'CLASS_100' } } },
    { container: 'RAW', facts: film },
  ),
  host(
    'AVC-Intra 4K',
    {
      width: 3840,
      height: 2160,
      codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_4K_2K', avcIntraUhdSettings: {} } },
    },
    { container: 'RAW' },
  ),
  host(
    'XAVC',
    {
      codecSettings: {
        codec: 'XAVC',
        xavcSettings: {
          ...specified,
          profile: 'XAVC_HD',
          adaptiveQuantization: 'HIGH',
          xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_50' },
        },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'XAVC telecine',
    {
      codecSettings: {
        codec: 'XAVC',
        xavcSettings: {
          framerateControl: 'SPECIFIED',
          framerateNumerator: 30000,
          framerateDenominator: 1001,
          profile: 'XAVC_HD',
          xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_50', interlaceMode: 'TOP_FIELD', telecine: 'HARD' },
        },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'XAVC slow PAL',
    {
      codecSettings: {
        codec: 'XAVC',
        xavcSettings: {
          ...specified,
          slowPal: 'ENABLED',
          profile: 'XAVC_HD_INTRA_CBG',
          xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_100' },
        },
      },
    },
    { container: 'RAW', facts: film },
  ),
  host(
    'XAVC 4K',
    {
      width: 3840,
      height: 2160,
      codecSettings: {
        codec: 'XAVC',
        xavcSettings: { profile: 'XAVC_4K', xavc4kProfileSettings: { bitrateClass: 'BITRATE_CLASS_100' } },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'XAVC 4K intra',
    {
      width: 3840,
      height: 2160,
      codecSettings: {
        codec: 'XAVC',
        xavcSettings: { profile: 'XAVC_4K_INTRA_CBG', xavc4kIntraCbgProfileSettings: { xavcClass: 'CLASS_300' } },
      },
    },
    { container: 'RAW' },
  ),
  host(
    'GIF',
    { ...sized, codecSettings: { codec: 'GIF', gifSettings: { ...specified } } },
    { container: 'RAW' },
  ),
  host('deinterlacer', h264({}, { videoPreprocessors: { deinterlacer: { mode: 'DEINTERLACE' } } }), { facts: interlaced }),
  host(
    'inverse telecine',
    h264(
      { framerateControl: 'SPECIFIED', framerateNumerator: 24000, framerateDenominator: 1001 },
      { videoPreprocessors: { deinterlacer: { mode: 'INVERSE_TELECINE' } } },
    ),
    { facts: interlaced },
  ),
  ...(['BILATERAL', 'CONSERVE'] as const).map((filter) =>
    host(`noise reducer ${filter}`, h264({}, { videoPreprocessors: { noiseReducer: { filter, filterSettings: { strength: 1 } } } })),
  ),
  host('spatial noise reducer', h264({}, { videoPreprocessors: { noiseReducer: { filter: 'SPATIAL', spatialFilterSettings: { strength: 3 } } } })),
  host(
    'temporal noise reducer',
    h264({}, { videoPreprocessors: { noiseReducer: { filter: 'TEMPORAL', temporalFilterSettings: { strength: 3, postTemporalSharpening: 'ENABLED' } } } }),
  ),
  corrected({ brightness: 60, contrast: 60, saturation: 60, hue: 10 }),
  corrected({ colorSpaceConversion: 'FORCE_HDR10', hdr10Metadata: mastering }),
  corrected({ colorSpaceConversion: 'FORCE_HDR10', sdrReferenceWhiteLevel: 203, hdr10Metadata: lightLevels }),
  corrected({ colorSpaceConversion: 'FORCE_709' }, { facts: hdr10 }),
  corrected({ sampleRangeConversion: 'LIMITED_RANGE_SQUEEZE' }, { facts: hdr10 }),
  corrected({ sampleRangeConversion: 'LIMITED_RANGE_CLIP', clipLimits: { minimumYUV: 64, maximumYUV: 940, minimumRGBTolerance: -1, maximumRGBTolerance: 101 } }),
  host('mastering display of the input', h265(allBits), {
    facts: hdr10,
    input: { videoSelector: { hdr10Metadata: mastering } },
  }),
  host('timecode burn-in', h264({}, { videoPreprocessors: { timecodeBurnin: { fontSize: 32, position: 'TOP_LEFT', prefix: 'A' } } }), {
    facts: hdFacts({ videoTracks: [videoTrack({ frameRate: { num: 30000, den: 1001 } })] }),
  }),
  host('timecodes in the stream', h264({ unregisteredSeiTimecode: 'ENABLED' }, { timecodeInsertion: 'PIC_TIMING_SEI' })),
  host('fixed active format', h264({}, { afdSignaling: 'FIXED', fixedAfd: 9 })),
  host('measured group', h264({}), { group: { perFrameMetrics: ['PSNR'] } }),
];
