/** Relations inside codec blocks and preprocessors (spec README "400 or 1040", kind 1): one changed thing, one refusal. */
import { describe, expect, it } from 'vitest';
import { audio, type Change, codec, dependency, file, refusal, video } from './one-change.ts';

describe('relations inside codec settings', () => {
  it.each<[string, readonly Change[], string]>([
    [
      'a codec without its block',
      [[codec, { codec: 'H_264' }]],
      `${codec}: h264Settings is a required property`,
    ],
    [
      'whole seconds without the most that may be compressed',
      [
        [
          `${video}/videoPreprocessors`,
          { durationControl: { integerDurationMaximumCompressionDenominator: 100 } },
        ],
      ],
      `${video}/videoPreprocessors/durationControl: integerDurationMaximumCompressionNumerator is a required property`,
    ],
    [
      'VBR without bitrate',
      [[`${codec}/h264Settings`, { rateControlMode: 'VBR' }]],
      `${codec}/h264Settings: bitrate is a required property`,
    ],
    [
      'a maximum below the average',
      [[`${codec}/h264Settings`, { rateControlMode: 'VBR', bitrate: 2000, maxBitrate: 1000 }]],
      `${codec}/h264Settings/maxBitrate: Should be greater than or equal to 2000`,
    ],
    [
      'AV1 CBR without bitrate',
      [
        [
          file,
          {
            containerSettings: { container: 'MP4' },
            videoDescription: { codecSettings: { codec: 'AV1', av1Settings: { rateControlMode: 'CBR' } } },
          },
        ],
      ],
      `${file}/videoDescription/codecSettings/av1Settings: bitrate is a required property`,
    ],
    [
      'VP9 without bitrate',
      [
        [
          file,
          {
            containerSettings: { container: 'WEBM' },
            videoDescription: { codecSettings: { codec: 'VP9', vp9Settings: {} } },
          },
        ],
      ],
      `${file}/videoDescription/codecSettings/vp9Settings: bitrate is a required property`,
    ],
    [
      'quality settings without QVBR',
      [
        [
          `${codec}/h264Settings`,
          { rateControlMode: 'CBR', bitrate: 1_000_000, qvbrSettings: { qvbrQualityLevel: 7 } },
        ],
      ],
      `${codec}/h264Settings/qvbrSettings: ${dependency} | ${codec}/h264Settings/rateControlMode: Must be QVBR`,
    ],
    [
      'an average limit in one pass',
      [[`${codec}/h264Settings/qvbrSettings`, { maxAverageBitrate: 500_000 }]],
      `${codec}/h264Settings/qvbrSettings/maxAverageBitrate: ${dependency} | ${codec}/h264Settings/qualityTuningLevel: Must be MULTI_PASS_HQ`,
    ],
    [
      'a specified rate without numbers',
      [[`${codec}/h264Settings/framerateControl`, 'SPECIFIED']],
      `${codec}/h264Settings: framerateNumerator is a required property | ${codec}/h264Settings: framerateDenominator is a required property`,
    ],
    [
      'a specified pixel aspect without numbers',
      [
        [`${codec}/h264Settings/parControl`, 'SPECIFIED'],
        [`${codec}/h264Settings/parNumerator`, 1],
      ],
      `${codec}/h264Settings: parDenominator is a required property`,
    ],
    [
      'a GOP of half a frame',
      [
        [`${codec}/h264Settings/gopSizeUnits`, 'FRAMES'],
        [`${codec}/h264Settings/gopSize`, 45.5],
      ],
      `${codec}/h264Settings/gopSize: Should be a multiple of 1`,
    ],
    [
      'an open GOP in segments',
      [[`${codec}/h264Settings/gopClosedCadence`, 0]],
      `${codec}/h264Settings/gopClosedCadence: Should be greater than or equal to 1`,
    ],
    [
      'two noise filters',
      [
        [`${codec}/h264Settings/bandwidthReductionFilter`, { strength: 'LOW' }],
        [`${video}/videoPreprocessors`, { noiseReducer: { filter: 'MEAN' } }],
      ],
      `${codec}/h264Settings/bandwidthReductionFilter: ${dependency} | ${video}/videoPreprocessors/noiseReducer: Should not be specified together with bandwidthReductionFilter`,
    ],
    [
      'clip limits without clipping',
      [[`${video}/videoPreprocessors`, { colorCorrector: { clipLimits: {} } }]],
      `${video}/videoPreprocessors/colorCorrector/clipLimits: ${dependency} | ${video}/videoPreprocessors/colorCorrector/sampleRangeConversion: Must be LIMITED_RANGE_CLIP`,
    ],
    [
      'HDR in eight bits',
      [[`${video}/videoPreprocessors`, { colorCorrector: { colorSpaceConversion: 'FORCE_HLG_2020' } }]],
      `${codec}/h264Settings/codecProfile: Should be equal to one of the allowed values in ["HIGH_10BIT","HIGH_422_10BIT"]`,
    ],
    [
      'HDR10 without light levels',
      [
        [`${video}/videoPreprocessors`, { colorCorrector: { colorSpaceConversion: 'FORCE_HDR10' } }],
        [`${codec}/h264Settings/codecProfile`, 'HIGH_10BIT'],
      ],
      `${video}/videoPreprocessors/colorCorrector: hdr10Metadata is a required property`,
    ],
    [
      'fixed AFD without a value',
      [[`${video}/afdSignaling`, 'FIXED']],
      `${video}: fixedAfd is a required property`,
    ],
    [
      'temporal settings of another noise filter',
      [[`${video}/videoPreprocessors`, { noiseReducer: { filter: 'MEAN', temporalFilterSettings: {} } }]],
      `${video}/videoPreprocessors/noiseReducer/temporalFilterSettings: ${dependency} | ${video}/videoPreprocessors/noiseReducer/filter: Must be TEMPORAL`,
    ],
    [
      'an AAC rate without operating point',
      [[`${audio}/codecSettings/aacSettings/sampleRate`, 20_000]],
      `${audio}/codecSettings/aacSettings: Your job contains values for the following settings that are incompatible: Profile LC, Coding mode CODING_MODE_2_0, and Sample rate 20000. Adjust your settings and resubmit your job.`,
    ],
    [
      'HE-AAC in VBR',
      [
        [`${audio}/codecSettings/aacSettings/codecProfile`, 'HEV1'],
        [`${audio}/codecSettings/aacSettings/rateControlMode`, 'VBR'],
      ],
      `${audio}/codecSettings/aacSettings/rateControlMode: ${dependency} | ${audio}/codecSettings/aacSettings/codecProfile: Must be LC`,
    ],
    [
      'AC-3 mono above its range',
      [
        [
          `${audio}/codecSettings`,
          { codec: 'AC3', ac3Settings: { codingMode: 'CODING_MODE_1_0', bitrate: 192_000 } },
        ],
      ],
      `${audio}/codecSettings/ac3Settings/bitrate: You specified a Dolby Digital audio bitrate that is outside the allowed values for the coding mode you selected. Specify a bitrate from 64000 up to 128000, and resubmit your job.`,
    ],
    [
      'three channels of PCM',
      [
        [
          file,
          {
            containerSettings: { container: 'RAW' },
            audioDescriptions: [{ codecSettings: { codec: 'WAV', wavSettings: { channels: 3 } } }],
          },
        ],
      ],
      `${file}/audioDescriptions/0/codecSettings/wavSettings/channels: Should be a multiple of 2`,
    ],
    [
      'MP3 VBR without quality',
      [
        [
          file,
          {
            containerSettings: { container: 'RAW' },
            audioDescriptions: [{ codecSettings: { codec: 'MP3', mp3Settings: { rateControlMode: 'VBR' } } }],
          },
        ],
      ],
      `${file}/audioDescriptions/0/codecSettings/mp3Settings: vbrQuality is a required property`,
    ],
    [
      'a remix of the wrong size',
      [
        [
          `${audio}/remixSettings`,
          { channelsIn: 2, channelsOut: 2, channelMapping: { outputChannels: [{ inputChannels: [0] }] } },
        ],
      ],
      `${audio}/remixSettings/channelMapping/outputChannels: Should have at least 2 items | ${audio}/remixSettings/channelMapping/outputChannels/0/inputChannels: Should have at least 2 items`,
    ],
    [
      'two kinds of gains',
      [
        [
          `${audio}/remixSettings`,
          {
            channelsIn: 1,
            channelsOut: 1,
            channelMapping: { outputChannels: [{ inputChannels: [0], inputChannelsFineTune: [0] }] },
          },
        ],
      ],
      `${audio}/remixSettings/channelMapping/outputChannels/0: Should not specify both inputChannels and inputChannelsFineTune`,
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });
});
