/** Jobs in which the settings of intermediate codecs, and of the containers they go into, count. */
import type {
  AudioDescription,
  ContainerSettings,
  JobSettings,
  Output,
  VideoCodecSettings,
  VideoDescription,
} from '../../../src/contract/types.generated.ts';
import type { InputFacts } from '../../../src/plan/facts.ts';
import { audioTrack, hdFacts, videoTrack } from '../facts-fixtures.ts';

interface FileHost {
  readonly name: string;
  readonly settings: JobSettings;
  readonly facts: InputFacts;
}

const doubleRate = hdFacts({ videoTracks: [videoTrack({ frameRate: { num: 50, den: 1 } })] });
const film = hdFacts({ videoTracks: [videoTrack({ frameRate: { num: 24, den: 1 } })] });
/** 400 ms longer than a minute. */
const uneven = hdFacts({ durationUs: 60_400_000, videoTracks: [videoTrack({ frameRate: { num: 25, den: 1 }, frameCount: 1510 })] });
const fullChroma = hdFacts({ videoTracks: [videoTrack({ codec: 'prores', chroma: '4:4:4', pixelFormat: 'yuv444p10le' })] });
const monoTracks = hdFacts({
  audioTracks: [1, 2].map((streamIndex) => audioTrack({ streamIndex, trackId: streamIndex + 1, channels: 1, channelLayout: 'mono' })),
});
const described = hdFacts({ videoTracks: [videoTrack({ codec: 'mpeg2video', activeFormat: 9 })], audioTracks: monoTracks.audioTracks });

const specified = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
const shaped = { ...specified, parControl: 'SPECIFIED', parNumerator: 4, parDenominator: 3 } as const;
const ntsc = { framerateControl: 'SPECIFIED', framerateNumerator: 30000, framerateDenominator: 1001 } as const;
const fields = { ...specified, interlaceMode: 'TOP_FIELD', scanTypeConversionMode: 'INTERLACED' } as const;
const telecined = { ...ntsc, interlaceMode: 'TOP_FIELD', telecine: 'HARD' } as const;
const slow = { ...specified, slowPal: 'ENABLED' } as const;

interface Parts {
  readonly facts?: InputFacts;
  readonly description?: Partial<VideoDescription>;
  readonly audioDescriptions?: readonly AudioDescription[];
  readonly input?: object;
}

function host(name: string, containerSettings: ContainerSettings, codecSettings: VideoCodecSettings, parts: Parts = {}): FileHost {
  const { facts = hdFacts(), description = {}, audioDescriptions, input = {} } = parts;
  const videoDescription: VideoDescription = { ...description, codecSettings };
  const output: Output = {
    containerSettings,
    videoDescription,
    ...(audioDescriptions === undefined ? {} : { audioDescriptions }),
  };
  return {
    name,
    facts,
    settings: {
      timecodeConfig: { source: 'ZEROBASED' },
      inputs: [{ fileInput: 's3://in/film.mp4', videoSelector: {}, ...input }],
      outputGroups: [
        {
          outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination: 's3://out/file' } },
          outputs: [output],
        },
      ],
    },
  };
}

const mov = { container: 'MOV', movSettings: {} } as const;
const webm = { container: 'WEBM' } as const;
const y4m = { container: 'Y4M' } as const;

const prores = (settings: object): VideoCodecSettings => ({ codec: 'PRORES', proresSettings: { ...shaped, ...settings } });
const uncompressed = (settings: object): VideoCodecSettings => ({ codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc: 'I420', ...settings } });

const wav = (track: number, bitDepth: number): AudioDescription => ({
  audioSourceName: `Audio Selector ${track}`,
  codecSettings: { codec: 'WAV', wavSettings: { bitDepth, channels: 1, sampleRate: 48000 } },
});

const selectors = { audioSelectors: { 'Audio Selector 1': { tracks: [1] }, 'Audio Selector 2': { tracks: [2] } } } as const;

/** IMX: intra pictures of 50 Mbit/s, 608 lines. */
const imx = {
  ...specified,
  rateControlMode: 'CBR',
  bitrate: 50_000_000,
  gopSize: 1,
  numberBFramesBetweenReferenceFrames: 0,
  codecProfile: 'PROFILE_422',
  interlaceMode: 'TOP_FIELD',
  syntax: 'D_10',
} as const;

const xdcam = {
  ...specified,
  rateControlMode: 'CBR',
  bitrate: 50_000_000,
  gopSize: 12,
  codecProfile: 'PROFILE_422',
} as const;

const hdr10 = hdFacts({
  videoTracks: [videoTrack({ pixelFormat: 'yuv420p10le', bitDepth: 10, colorPrimaries: 'bt2020', colorTransfer: 'smpte2084', colorMatrix: 'bt2020nc' })],
});

/** HDR10 of one mastering display into another's, by a table. */
function withTable(name: string): FileHost {
  const colorCorrector = {
    colorSpaceConversion: 'FORCE_HDR10',
    hdr10Metadata: { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400, maxLuminance: 10_000_000 },
  } as const;
  const { settings, ...rest } = host(
    name,
    { container: 'MP4' },
    { codec: 'H_265', h265Settings: { rateControlMode: 'VBR', bitrate: 3_000_000, codecProfile: 'MAIN10_HIGH' } },
    { facts: hdr10, description: { videoPreprocessors: { colorCorrector } }, input: { videoSelector: { maxLuminance: 40_000_000 } } },
  );
  const table = {
    fileInput: 's3://in/table.cube',
    inputColorSpace: 'HDR10',
    inputMasteringLuminance: 40_000_000,
    outputColorSpace: 'HDR10',
    outputMasteringLuminance: 10_000_000,
  } as const;
  return { ...rest, settings: { ...settings, colorConversion3DLUTSettings: [table] } };
}

/** All hosts of files. */
export const fileHosts: readonly FileHost[] = [
  withTable('3D LUT'),
  host('passed through', { container: 'MP4' }, { codec: 'PASSTHROUGH', passthroughSettings: {} }),
  host('clips passed through', { container: 'MP4' }, { codec: 'PASSTHROUGH', passthroughSettings: {} }, {
    input: { timecodeSource: 'ZEROBASED', inputClippings: [{ startTimecode: '00:00:01:00', endTimecode: '00:00:05:00' }] },
  }),
  host('whole seconds', { container: 'MP4' }, { codec: 'H_264', h264Settings: { bitrate: 3_000_000 } }, {
    facts: uneven,
    description: { videoPreprocessors: { durationControl: { integerDurationMaximumCompressionNumerator: 1, integerDurationMaximumCompressionDenominator: 100 } } },
  }),
  host('ProRes', mov, prores({})),
  host('ProRes of 4:4:4', mov, prores({ codecProfile: 'APPLE_PRORES_4444', chromaSampling: 'SUBSAMPLE_TO_422' }), { facts: fullChroma }),
  host('ProRes fields', mov, prores(fields), { facts: doubleRate }),
  host('ProRes telecine', mov, prores(telecined)),
  host('ProRes slow PAL', mov, prores(slow), { facts: film }),
  host('slow PAL with sound', mov, { codec: 'H_264', h264Settings: { ...slow, bitrate: 3_000_000 } }, {
    facts: { ...film, audioTracks: hdFacts().audioTracks },
    input: { audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } },
    audioDescriptions: [{ ...wav(1, 16), audioPitchCorrectionSettings: {} }],
  }),
  host('MPEG-2 in QuickTime', mov, { codec: 'MPEG2', mpeg2Settings: xdcam }),
  host('VP8', webm, { codec: 'VP8', vp8Settings: { ...shaped, rateControlMode: 'VBR', bitrate: 2_000_000, gopSize: 60, qualityTuningLevel: 'MULTI_PASS' } }),
  host('VP9', webm, { codec: 'VP9', vp9Settings: { ...shaped, rateControlMode: 'VBR', bitrate: 2_000_000, gopSize: 60, qualityTuningLevel: 'MULTI_PASS' } }),
  host('uncompressed', y4m, uncompressed(specified)),
  host('uncompressed fields', y4m, uncompressed({ ...fields, interlaceMode: 'INTERLACED' }), { facts: doubleRate }),
  host('uncompressed telecine', y4m, uncompressed({ ...telecined, interlaceMode: 'INTERLACED' })),
  host('uncompressed slow PAL', y4m, uncompressed(slow), { facts: film }),
  host('fields of H.265', { container: 'MP4' }, { codec: 'H_265', h265Settings: { ...fields, bitrate: 3_000_000 } }, { facts: doubleRate }),
  host('telecine of H.265', { container: 'MP4' }, { codec: 'H_265', h265Settings: { ...telecined, bitrate: 3_000_000 } }),
  host('MXF of D-10', { container: 'MXF', mxfSettings: { profile: 'D_10' } }, { codec: 'MPEG2', mpeg2Settings: imx }, { description: { width: 720, height: 608 } }),
  host(
    'MXF of XDCAM',
    { container: 'MXF', mxfSettings: { profile: 'XDCAM_RDD9' } },
    { codec: 'MPEG2', mpeg2Settings: xdcam },
    { facts: described, input: selectors, audioDescriptions: [wav(1, 16), wav(2, 16)], description: { width: 1920, height: 1080, afdSignaling: 'AUTO' } },
  ),
  host(
    'MXF of XAVC intra pictures',
    { container: 'MXF', mxfSettings: { profile: 'XAVC', xavcProfileSettings: { durationMode: 'ALLOW_ANY_DURATION' } } },
    { codec: 'XAVC', xavcSettings: { ...specified, profile: 'XAVC_HD_INTRA_CBG', xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_100' } } },
    { facts: monoTracks, input: selectors, audioDescriptions: [wav(1, 24), wav(2, 24)] },
  ),
  host(
    'MXF of OP1a',
    { container: 'MXF', mxfSettings: { profile: 'OP1A' } },
    { codec: 'MPEG2', mpeg2Settings: { bitrate: 20_000_000 } },
    { facts: described, input: selectors, audioDescriptions: [wav(1, 16)], description: { afdSignaling: 'FIXED', fixedAfd: 10 } },
  ),
  host(
    'XAVC 4K of variable rate',
    { container: 'RAW' },
    { codec: 'XAVC', xavcSettings: { profile: 'XAVC_4K_INTRA_VBR', xavc4kIntraVbrProfileSettings: { xavcClass: 'CLASS_300' } } },
    { description: { width: 3840, height: 2160 } },
  ),
];
