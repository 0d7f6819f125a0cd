/** A small job the service accepts; tests change one thing in it. */
import type { CreateJobRequest, JobSettings, OutputGroup } from '../../src/contract/types.generated.ts';

/** A CreateJob request: one input, one HLS group with a muxed rendition, one file group. */
export function validJob(): CreateJobRequest {
  return structuredClone(job);
}

/** The settings of `validJob`. */
export function validSettings(): JobSettings {
  return structuredClone(job.settings);
}

/** A copy of the document with the value at a JSON pointer replaced; `undefined` removes it. Missing parents are made. */
export function changed<Document>(document: Document, pointer: string, value: unknown): Document {
  const copy = structuredClone(document);
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = parts.pop() ?? '';
  let parent = copy as Record<string, unknown>;
  for (const part of parts) {
    parent[part] ??= {};
    parent = parent[part] as Record<string, unknown>;
  }
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

const hls: OutputGroup = {
  name: 'Apple HLS',
  outputGroupSettings: {
    type: 'HLS_GROUP_SETTINGS',
    hlsGroupSettings: { destination: 's3://out/hls/clip', segmentLength: 6, minSegmentLength: 0 },
  },
  outputs: [
    {
      nameModifier: '_720p',
      containerSettings: { container: 'M3U8', m3u8Settings: {} },
      videoDescription: {
        width: 1280,
        height: 720,
        codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'QVBR', maxBitrate: 4_000_000 } },
      },
      audioDescriptions: [
        {
          audioSourceName: 'Audio Selector 1',
          codecSettings: {
            codec: 'AAC',
            aacSettings: { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
          },
        },
      ],
    },
  ],
};

const file: OutputGroup = {
  name: 'File Group',
  outputGroupSettings: {
    type: 'FILE_GROUP_SETTINGS',
    fileGroupSettings: { destination: 's3://out/file/clip' },
  },
  outputs: [
    {
      containerSettings: { container: 'MP4' },
      videoDescription: {
        codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'CBR', bitrate: 2_000_000 } },
      },
    },
  ],
};

const job: CreateJobRequest = {
  role: 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role',
  settings: {
    inputs: [
      {
        fileInput: 's3://in/clip.mp4',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
      },
    ],
    outputGroups: [hls, file],
  },
};
