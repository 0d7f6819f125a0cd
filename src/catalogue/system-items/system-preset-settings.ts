/**
 * The settings a system preset stands for, built from what its name says and from the rules that answers of the service
 * show for presets of its group (`system-preset-rules.table.ts`).
 */
import type {
  AudioDescription,
  H264Settings,
  H265Settings,
  PresetSettings,
  VideoCodecSettings,
  VideoDescription,
} from '../../contract/types.generated.ts';
import type { NamedPreset, NamedVideo } from './system-preset-name.ts';
import {
  aacBesidePicture,
  containerOf,
  type GroupRules,
  h264LevelOf,
  rulesOfGroups,
  videoOfAll,
} from './system-preset-rules.table.ts';
import type { PresetGroup } from './system-preset-words.table.ts';

/** Settings of the preset, wire names. */
export function systemPresetSettings({ group, video, audio }: NamedPreset): PresetSettings {
  const descriptions = audio === null ? [] : audioDescriptions(audio, group, video);
  return {
    ...(video === null ? {} : { videoDescription: videoDescription(video, group) }),
    ...(descriptions.length === 0 ? {} : { audioDescriptions: descriptions }),
    containerSettings: containerOf(group, video !== null),
  };
}

function videoDescription(video: NamedVideo, group: PresetGroup): VideoDescription {
  const { deinterlacer, ...all } = videoOfAll;
  return {
    ...all,
    width: video.widthPx,
    height: video.heightPx,
    ...(video.isInterlaced ? {} : { videoPreprocessors: { deinterlacer } }),
    codecSettings: videoCodec(video, rulesOfGroups[group]),
  };
}

function videoCodec(video: NamedVideo, rules: GroupRules): VideoCodecSettings {
  switch (video.codec) {
    case 'Avc':
      return { codec: 'H_264', h264Settings: h264(video, rules) };
    case 'Hevc':
    case 'Hev1':
      return { codec: 'H_265', h265Settings: h265(video, rules) };
    case 'Av1':
      return { codec: 'AV1', av1Settings: av1(video) };
    case 'Mpeg2':
      return { codec: 'MPEG2', mpeg2Settings: mpeg2(video) };
  }
}

function h264(video: NamedVideo, rules: GroupRules): H264Settings {
  const { profile, level } = h264LevelOf(video, rules);
  const isLarge = video.heightPx >= 720;
  return {
    ...rateControl(video, rules),
    codecProfile: profile,
    codecLevel: level,
    adaptiveQuantization: isLarge || rules.isStrongAlways ? 'HIGH' : 'MEDIUM',
    spatialAdaptiveQuantization: 'ENABLED',
    temporalAdaptiveQuantization: 'ENABLED',
    flickerAdaptiveQuantization: rules.isOlder ? 'DISABLED' : 'ENABLED',
    entropyEncoding: 'CABAC',
    fieldEncoding: 'PAFF',
    numberBFramesBetweenReferenceFrames: rules.isOlder && isLarge ? 1 : 3,
    gopBReference: rules.isOlder ? 'DISABLED' : 'ENABLED',
    numberReferenceFrames: 3,
    slices: 1,
    syntax: 'DEFAULT',
    minIInterval: 0,
    repeatPps: 'DISABLED',
    ...timing(video, rules),
    sceneChangeDetect: 'ENABLED',
    unregisteredSeiTimecode: 'DISABLED',
  };
}

function h265(video: NamedVideo, rules: GroupRules): H265Settings {
  return {
    ...rateControl(video, rules),
    codecProfile: 'MAIN_MAIN',
    codecLevel: 'AUTO',
    tiles: 'DISABLED',
    adaptiveQuantization: 'HIGH',
    spatialAdaptiveQuantization: 'ENABLED',
    temporalAdaptiveQuantization: 'ENABLED',
    flickerAdaptiveQuantization: 'ENABLED',
    numberBFramesBetweenReferenceFrames: 3,
    gopBReference: 'ENABLED',
    numberReferenceFrames: 3,
    slices: 1,
    minIInterval: 0,
    ...timing(video, rules),
    sceneChangeDetect: 'ENABLED',
    sampleAdaptiveOffsetFilterMode: 'ADAPTIVE',
    unregisteredSeiTimecode: 'DISABLED',
    ...(video.codec === 'Hev1' ? { writeMp4PackagingType: 'HEV1' } : { writeMp4PackagingType: 'HVC1' }),
  };
}

/** AV1 groups of pictures are counted in frames: two seconds. */
function av1(video: NamedVideo): NonNullable<VideoCodecSettings['av1Settings']> {
  const { frameRate, bitrateBps, qvbrLevel } = video;
  return {
    ...(qvbrLevel === null
      ? { rateControlMode: 'CBR', bitrate: bitrateBps }
      : {
          rateControlMode: 'QVBR',
          maxBitrate: bitrateBps,
          qvbrSettings: { qvbrQualityLevel: qvbrLevel },
        }),
    gopSize: Math.round((2 * frameRate.numerator) / frameRate.denominator),
    numberBFramesBetweenReferenceFrames: 7,
    slices: 1,
    adaptiveQuantization: 'HIGH',
    spatialAdaptiveQuantization: 'ENABLED',
    framerateControl: 'SPECIFIED',
    framerateNumerator: frameRate.numerator,
    framerateDenominator: frameRate.denominator,
    framerateConversionAlgorithm: 'DUPLICATE_DROP',
  };
}

/** What the XDCAM HD profile fixes (spec containers.md, MXF profiles). */
function mpeg2(video: NamedVideo): NonNullable<VideoCodecSettings['mpeg2Settings']> {
  const { frameRate, bitrateBps, isInterlaced } = video;
  return {
    rateControlMode: 'CBR',
    bitrate: bitrateBps,
    codecProfile: 'MAIN',
    codecLevel: 'HIGH',
    syntax: 'DEFAULT',
    interlaceMode: isInterlaced ? 'TOP_FIELD' : 'PROGRESSIVE',
    gopSize: 15,
    gopSizeUnits: 'FRAMES',
    gopClosedCadence: 1,
    numberBFramesBetweenReferenceFrames: 2,
    intraDcPrecision: 'AUTO',
    framerateControl: 'SPECIFIED',
    framerateNumerator: frameRate.numerator,
    framerateDenominator: frameRate.denominator,
    framerateConversionAlgorithm: 'DUPLICATE_DROP',
    qualityTuningLevel: 'SINGLE_PASS',
  };
}

/** Bit rate and its buffer. Quality-defined rates are encoded in one pass, constant ones in two (observed). */
function rateControl(
  { bitrateBps, qvbrLevel }: NamedVideo,
  { hrdSeconds }: GroupRules,
): Pick<
  H264Settings & H265Settings,
  | 'rateControlMode'
  | 'bitrate'
  | 'maxBitrate'
  | 'qvbrSettings'
  | 'hrdBufferSize'
  | 'hrdBufferInitialFillPercentage'
  | 'qualityTuningLevel'
> {
  const buffer = {
    hrdBufferSize: Math.round(bitrateBps * hrdSeconds),
    hrdBufferInitialFillPercentage: 90,
  };
  return qvbrLevel === null
    ? { rateControlMode: 'CBR', bitrate: bitrateBps, ...buffer, qualityTuningLevel: 'MULTI_PASS_HQ' }
    : {
        rateControlMode: 'QVBR',
        maxBitrate: bitrateBps,
        qvbrSettings: { qvbrQualityLevel: qvbrLevel },
        ...buffer,
        qualityTuningLevel: 'SINGLE_PASS_HQ',
      };
}

/** Frame rate, pixels, groups of pictures. */
function timing(
  { frameRate }: NamedVideo,
  { gop }: GroupRules,
): Pick<
  H264Settings & H265Settings,
  | 'interlaceMode'
  | 'framerateControl'
  | 'framerateNumerator'
  | 'framerateDenominator'
  | 'framerateConversionAlgorithm'
  | 'slowPal'
  | 'telecine'
  | 'parControl'
  | 'parNumerator'
  | 'parDenominator'
  | 'gopSize'
  | 'gopSizeUnits'
  | 'gopClosedCadence'
> {
  const framesPerSecond = Math.round(frameRate.numerator / frameRate.denominator);
  return {
    interlaceMode: 'PROGRESSIVE',
    framerateControl: 'SPECIFIED',
    framerateNumerator: frameRate.numerator,
    framerateDenominator: frameRate.denominator,
    framerateConversionAlgorithm: 'DUPLICATE_DROP',
    slowPal: 'DISABLED',
    telecine: 'NONE',
    parControl: 'SPECIFIED',
    parNumerator: 1,
    parDenominator: 1,
    ...(gop.units === 'FRAMES'
      ? { gopSize: gop.seconds * framesPerSecond, gopSizeUnits: 'FRAMES' }
      : { gopSize: gop.seconds, gopSizeUnits: 'SECONDS' }),
    gopClosedCadence: 1,
  };
}

function audioDescriptions(
  audio: NonNullable<NamedPreset['audio']>,
  group: PresetGroup,
  video: NamedVideo | null,
): readonly AudioDescription[] {
  const follow: AudioDescription = {
    audioTypeControl: 'FOLLOW_INPUT',
    audioType: 0,
    languageCodeControl: 'FOLLOW_INPUT',
    audioSourceName: 'Audio Selector 1',
  };
  if (audio.kind === 'pcm') return ['left', 'right'].map((side) => ({ ...follow, ...monoTrack(side) }));
  const { profile, bitrateBps } =
    audio.kind === 'alone' ? audio : aacBesidePicture(group, video?.heightPx ?? 0);
  return [
    {
      ...follow,
      codecSettings: {
        codec: 'AAC',
        aacSettings: {
          audioDescriptionBroadcasterMix: 'NORMAL',
          bitrate: bitrateBps,
          rateControlMode: 'CBR',
          codecProfile: profile,
          codingMode: 'CODING_MODE_2_0',
          rawFormat: 'NONE',
          sampleRate: 48_000,
          specification: 'MPEG4',
        },
      },
    },
  ];
}

/** XDCAM carries each channel in a track of its own (spec containers.md 12). */
function monoTrack(side: string): Pick<AudioDescription, 'remixSettings' | 'codecSettings'> {
  const silentDb = -60;
  const inputChannels = side === 'left' ? [0, silentDb] : [silentDb, 0];
  return {
    remixSettings: {
      channelsIn: 2,
      channelsOut: 1,
      channelMapping: { outputChannels: [{ inputChannels }] },
    },
    codecSettings: { codec: 'WAV', wavSettings: { bitDepth: 24, sampleRate: 48_000, channels: 1 } },
  };
}
