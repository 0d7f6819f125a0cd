/** What an output may hold (spec README "400 or 1040", kind 3): one changed thing, one refusal. */
import { describe, expect, it } from 'vitest';
import {
  aac,
  audio,
  audioOutput,
  type Change,
  captions,
  codec,
  dependency,
  file,
  group,
  h264,
  output,
  refusal,
} from './one-change.ts';

describe('relations of containers and captions', () => {
  it.each<[string, readonly Change[], string]>([
    [
      'a container of another group',
      [[`${output}/containerSettings`, { container: 'MP4' }]],
      `${output}/containerSettings/container: Should be equal to one of the allowed values in ["M3U8"]`,
    ],
    [
      'settings of another container',
      [[`${file}/containerSettings`, { container: 'MP4', movSettings: {} }]],
      `${file}/containerSettings/movSettings: ${dependency} | ${file}/containerSettings/container: Must be MOV`,
    ],
    [
      'a codec the container does not take',
      [[codec, { codec: 'VP8', vp8Settings: { bitrate: 1_000_000 } }]],
      `${codec}/codec: Should be equal to one of the allowed values in ["H_264","H_265","PASSTHROUGH"]`,
    ],
    [
      'MPEG-2 in F4V',
      [
        [
          file,
          {
            containerSettings: { container: 'F4V' },
            videoDescription: { codecSettings: { codec: 'MPEG2', mpeg2Settings: { bitrate: 1_000_000 } } },
          },
        ],
      ],
      `${file}/videoDescription/codecSettings/codec: Should be equal to one of the allowed values in ["H_264"]`,
    ],
    [
      'an audio codec the container does not take',
      [[`${audio}/codecSettings`, { codec: 'OPUS', opusSettings: {} }]],
      `${audio}/codecSettings/codec: Should be equal to one of the allowed values in ["AAC","AC3","AC4","EAC3","EAC3_ATMOS","PASSTHROUGH"]`,
    ],
    [
      'AAC beside ProRes',
      [
        [
          file,
          {
            containerSettings: { container: 'MOV' },
            videoDescription: { codecSettings: { codec: 'PRORES', proresSettings: {} } },
            audioDescriptions: [{ codecSettings: aac }],
          },
        ],
      ],
      `${file}/audioDescriptions/0/codecSettings/codec: Should be equal to one of the allowed values in ["AIFF"]`,
    ],
    [
      'audio beside a frame capture',
      [
        [
          file,
          {
            containerSettings: { container: 'RAW' },
            videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
            audioDescriptions: [{ codecSettings: aac }],
          },
        ],
      ],
      `${file}/audioDescriptions: Should have at most 0 items`,
    ],
    [
      'preset and container',
      [[`${file}/preset`, 'P']],
      `${file}: Should not specify both preset and containerSettings`,
    ],
    [
      'an empty output',
      [[file, { containerSettings: { container: 'MP4' } }]],
      `${file}: Should match any schema defined in ["videoDescription","audioDescriptions","captionDescriptions"]`,
    ],
    [
      'LATM outside RAW',
      [[`${audio}/codecSettings/aacSettings/rawFormat`, 'LATM_LOAS']],
      `${audio}/codecSettings/aacSettings/rawFormat: Should be equal to one of the allowed values in ["NONE"]`,
    ],
    [
      'channel tags outside MOV',
      [[`${audio}/audioChannelTaggingSettings`, { channelTag: 'L' }]],
      `${audio}/audioChannelTaggingSettings: Should only be specified for AAC, AIFF or WAV in MOV`,
    ],
    [
      'two tracks in an audio-only output',
      [
        [
          file,
          {
            containerSettings: { container: 'MP4' },
            audioDescriptions: [{ codecSettings: aac }, { codecSettings: aac }],
          },
        ],
      ],
      `${file}/audioDescriptions: Should have at most 1 items`,
    ],
    [
      'composition offsets without their box',
      [[`${file}/containerSettings/mp4Settings`, { cttsVersion: 1, cslgAtom: 'EXCLUDE' }]],
      `${file}/containerSettings/mp4Settings/cttsVersion: ${dependency} | ${file}/containerSettings/mp4Settings/cslgAtom: Must be INCLUDE`,
    ],
    [
      'segmentation markers without a time',
      [
        [
          file,
          {
            containerSettings: { container: 'M2TS', m2tsSettings: { segmentationMarkers: 'EBP' } },
            videoDescription: { codecSettings: h264 },
          },
        ],
      ],
      `${file}/containerSettings/m2tsSettings: segmentationTime is a required property`,
    ],
    [
      'muxed CMAF',
      [
        group('CMAF', {}, [
          {
            nameModifier: '_v',
            containerSettings: { container: 'CMFC' },
            videoDescription: { codecSettings: h264 },
            audioDescriptions: [{ codecSettings: aac }],
          },
        ]),
      ],
      `${output}/audioDescriptions: Should have at most 0 items`,
    ],
    [
      'captions the container does not take',
      [[`${output}/captionDescriptions`, [captions('DVB_SUB')]]],
      `${output}/captionDescriptions/0/destinationSettings/destinationType: Should be equal to one of the allowed values in ["BURN_IN","EMBEDDED","EMBEDDED_PLUS_SCTE20","SCTE20_PLUS_EMBEDDED","WEBVTT"]`,
    ],
    [
      'a sidecar beside video',
      [[`${output}/captionDescriptions`, [captions('WEBVTT')]]],
      `${output}/captionDescriptions/0/destinationSettings/destinationType: Should be in an output without video and audio: WEBVTT is written as an object of its own`,
    ],
    [
      'burn-in without video',
      [['/outputGroups/0/outputs/1', { ...audioOutput, captionDescriptions: [captions('BURN_IN')] }]],
      '/outputGroups/0/outputs/1/captionDescriptions/0/destinationSettings/destinationType: Should be in an output with video: BURN_IN is carried in it',
    ],
    [
      'burn-in twice',
      [[`${output}/captionDescriptions`, [captions('BURN_IN'), captions('BURN_IN')]]],
      `${output}/captionDescriptions/1: Should be the only BURN_IN captions of the output`,
    ],
    [
      'a hexadecimal colour without digits',
      [
        [
          `${output}/captionDescriptions`,
          [captions('BURN_IN', { burninDestinationSettings: { fontColor: 'HEX' } })],
        ],
      ],
      `${output}/captionDescriptions/0/destinationSettings/burninDestinationSettings: hexFontColor is a required property`,
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });
});
