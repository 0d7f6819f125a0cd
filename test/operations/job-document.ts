import type { JobSettings } from '@aws-sdk/client-mediaconvert';

/** A role as documents have it; its form is not examined at submit. */
export const role = 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role';

/** A small complete job: one input, one MP4 with H.264 and AAC. */
export function mp4Settings(fileInput = 's3://media/in.mp4'): JobSettings {
  return {
    Inputs: [
      {
        FileInput: fileInput,
        VideoSelector: {},
        AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
      },
    ],
    OutputGroups: [
      {
        Name: 'File Group',
        OutputGroupSettings: {
          Type: 'FILE_GROUP_SETTINGS',
          FileGroupSettings: { Destination: 's3://media/out/' },
        },
        Outputs: [
          {
            ContainerSettings: { Container: 'MP4', Mp4Settings: {} },
            VideoDescription: {
              Width: 1280,
              Height: 720,
              CodecSettings: {
                Codec: 'H_264',
                H264Settings: {
                  RateControlMode: 'QVBR',
                  MaxBitrate: 5_000_000,
                  QvbrSettings: { QvbrQualityLevel: 7 },
                },
              },
            },
            AudioDescriptions: [
              {
                AudioSourceName: 'Audio Selector 1',
                CodecSettings: {
                  Codec: 'AAC',
                  AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 },
                },
              },
            ],
          },
        ],
      },
    ],
  };
}
