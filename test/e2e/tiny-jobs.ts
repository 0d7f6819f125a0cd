/** Small jobs over a small clip, as job documents of the AWS CLI. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openconvert, temporaryFolder } from './openconvert-process.ts';

/** 320×180, 3 s at 30 fps, sound, timecode track. */
export const clip = { location: 's3://media/clip.mp4', frames: 90, durationMs: 3000 };

/** Makes a data folder with a clip in bucket `media` and an empty bucket `out`. */
export async function prepareData(data: string): Promise<void> {
  await mkdir(path.join(data, 'buckets', 'media'), { recursive: true });
  await mkdir(path.join(data, 'buckets', 'out'), { recursive: true });
  const made = await openconvert(
    'sample',
    path.join(data, 'buckets', 'media', 'clip.mp4'),
    '--seconds',
    '3',
    '--size',
    '320x180',
  );
  if (made.exitCode !== 0) throw new Error(`the clip could not be made: ${made.stderr}`);
}

/** Gives the tests of a file a data folder like that, and removes it behind them. */
export function useData(take: (data: string) => void): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>> | null = null;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await prepareData(folder.path);
    take(folder.path);
  }, 120_000);
  afterAll(() => folder?.[Symbol.asyncDispose]());
}

/** The role of the deployment's own account. */
export const role = 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role';

const input = {
  FileInput: clip.location,
  AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
} as const;

const aac = {
  CodecSettings: {
    Codec: 'AAC',
    AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 },
  },
} as const;

/** One MP4, 160×90. */
export function mp4Settings(destination = 's3://out/clip') {
  return {
    Inputs: [input],
    OutputGroups: [
      {
        OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: { Destination: destination } },
        Outputs: [
          {
            ContainerSettings: { Container: 'MP4' },
            VideoDescription: {
              Width: 160,
              Height: 90,
              CodecSettings: {
                Codec: 'H_264',
                H264Settings: { RateControlMode: 'CBR', Bitrate: 200_000, QualityTuningLevel: 'SINGLE_PASS' },
              },
            },
            AudioDescriptions: [aac],
          },
        ],
      },
    ],
  } as const;
}

/** An MP4 that takes long enough to be canceled: upscaled, two passes of a slow preset. */
export function slowSettings(destination = 's3://out/slow') {
  const settings = structuredClone(mp4Settings(destination)) as unknown as {
    OutputGroups: { Outputs: { VideoDescription: object }[] }[];
  };
  for (const output of settings.OutputGroups[0]?.Outputs ?? []) {
    output.VideoDescription = {
      Width: 3840,
      Height: 2160,
      CodecSettings: {
        Codec: 'H_265',
        H265Settings: {
          RateControlMode: 'QVBR',
          MaxBitrate: 20_000_000,
          QualityTuningLevel: 'MULTI_PASS_HQ',
        },
      },
    };
  }
  return settings as never;
}

/** An HLS ladder of two silent renditions, and the sound as a rendition of its own. */
export function hlsSettings(destination = 's3://out/hls/main') {
  const rung = (modifier: string, width: number, height: number, bitrate: number) => ({
    NameModifier: modifier,
    ContainerSettings: { Container: 'M3U8' },
    VideoDescription: {
      Width: width,
      Height: height,
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'VBR',
          Bitrate: bitrate,
          MaxBitrate: bitrate * 2,
          QualityTuningLevel: 'SINGLE_PASS',
          GopSize: 1,
          GopSizeUnits: 'SECONDS',
        },
      },
    },
  });
  return {
    Inputs: [input],
    OutputGroups: [
      {
        OutputGroupSettings: {
          Type: 'HLS_GROUP_SETTINGS',
          HlsGroupSettings: { Destination: destination, SegmentLength: 1, MinSegmentLength: 0 },
        },
        Outputs: [
          rung('_180', 320, 180, 300_000),
          rung('_90', 160, 90, 100_000),
          {
            NameModifier: '_audio',
            ContainerSettings: { Container: 'M3U8' },
            OutputSettings: {
              HlsSettings: { AudioGroupId: 'sound', AudioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' },
            },
            AudioDescriptions: [aac],
          },
        ],
      },
    ],
  } as never;
}
