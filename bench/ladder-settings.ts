/** The ladder of the bench, once for both sides: as a plan of ours and as arguments of an `ffmpeg` command. */
import { plainPictures } from '../src/plan/encoder-plan.ts';
import type { EncoderPlan, JobPlan } from '../src/plan/plan.ts';

/** What both sides encode with. */
export interface LadderSettings {
  /** Of x264. */
  readonly preset: string;
  /** Of each encoder. */
  readonly threads: number;
  readonly seconds: number;
}

/** A picture size and its rate. */
export interface Rung {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitrateBps: number;
}

/** Of the ladder, largest first. */
export const rungs: readonly Rung[] = [
  { widthPx: 1920, heightPx: 1080, bitrateBps: 5_000_000 },
  { widthPx: 1280, heightPx: 720, bitrateBps: 3_000_000 },
  { widthPx: 640, heightPx: 360, bitrateBps: 1_000_000 },
];
const gopFrames = 60;
const audioBitrateBps = 128_000;
const scaleFlags = 'bicubic';

/** Arguments of one command with the outputs of `selected` rungs. `inFolder` gives a file's path as the command sees it. */
export function ffmpegArguments(
  selected: readonly Rung[],
  {
    preset,
    threads,
    inFolder,
  }: Omit<LadderSettings, 'seconds'> & { readonly inFolder: (name: string) => string },
): readonly string[] {
  const output = ({ widthPx, heightPx, bitrateBps }: Rung): string[] => [
    ...['-map', '0:v:0', '-map', '0:a:0'],
    ...(heightPx === rungs[0]?.heightPx ? [] : ['-vf', `scale=${widthPx}:${heightPx}:flags=${scaleFlags}`]),
    ...[
      '-c:v',
      'libx264',
      '-preset',
      preset,
      '-threads',
      `${threads}`,
      '-b:v',
      `${bitrateBps}`,
      '-g',
      `${gopFrames}`,
    ],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', `${audioBitrateBps}`, '-ac', '2', '-ar', '48000'],
    ...[
      '-map_metadata',
      '-1',
      '-write_tmcd',
      '0',
      '-movflags',
      '+faststart',
      inFolder(`ffmpeg-${heightPx}.mp4`),
    ],
  ];
  return ['-v', 'error', '-nostdin', '-y', '-i', inFolder('source.mp4'), ...selected.flatMap(output)];
}

/** The same ladder as a frozen plan. Audio is one rendition that all outputs carry. */
export function ladderPlan({ preset, threads, seconds }: LadderSettings): JobPlan {
  const rate = { num: 30, den: 1 };
  const encoder: EncoderPlan = {
    codec: 'H_264',
    encoder: 'libx264',
    options: { preset },
    bitrateBps: 0,
    maxBitrateBps: 0,
    bufferSizeBits: 0,
    gopSizeFrames: gopFrames,
    maxBFrames: null,
    threads,
    codecTag: null,
    passes: 1,
    color: null,
    endOfStreamMarkers: false,
  };
  return {
    planVersion: 1,
    inputs: [
      {
        inputIndex: 0,
        location: 's3://bench/source.mp4',
        demuxer: 'mov,mp4,m4a,3gp,3g2,mj2',
        demuxerOptions: {},
        video: {
          streamIndex: 0,
          decoderThreads: 1,
          sharedFilters: [],
          frameRate: rate,
          frameCount: seconds * 30,
        },
        audio: [
          {
            id: 'sound',
            streamIndexes: [1],
            offsetMs: 0,
            selectorName: 'Audio Selector 1',
            trackNumbers: [1],
          },
        ],
        originUs: 0,
        durationUs: seconds * 1_000_000,
      },
    ],
    videoRenditions: rungs.map(({ widthPx, heightPx, bitrateBps }, index) => ({
      id: `video-${heightPx}`,
      pointer: `/outputGroups/0/outputs/${index}/videoDescription`,
      ordinal: index + 1,
      inputIndex: 0,
      ...plainPictures,
      filters:
        index === 0
          ? []
          : [{ name: 'scale', options: { w: `${widthPx}`, h: `${heightPx}`, flags: scaleFlags } }],
      widthPx,
      heightPx,
      frameRate: rate,
      sampleAspectRatio: { num: 1, den: 1 },
      pixelFormat: 'yuv420p',
      encoder: { ...encoder, bitrateBps },
      forcedKeyFrameSeconds: null,
      dropCaptions: true,
      frameLimit: null,
    })),
    audioRenditions: [
      {
        id: 'audio',
        pointer: '/outputGroups/0/outputs/0/audioDescriptions/0',
        inputIndex: 0,
        audioSourceId: 'sound',
        filters: [],
        sampleRateHz: 48_000,
        channelLayout: 'stereo',
        sampleFormat: 'fltp',
        encoder: {
          ...encoder,
          codec: 'AAC',
          encoder: 'aac',
          options: {},
          bitrateBps: audioBitrateBps,
          gopSizeFrames: null,
          threads: 1,
        },
        language: null,
        manifestLanguage: null,
        streamName: null,
        audioType: null,
        loudness: null,
        endsWithVideo: null,
        channelLabels: null,
      },
    ],
    outputGroups: [
      {
        type: 'FILE_GROUP',
        groupIndex: 0,
        pointer: '/outputGroups/0',
        objectSettings: { cannedAcl: null, storageClass: null, encryption: null },
        outputs: rungs.map(({ heightPx }, outputIndex) => ({
          outputIndex,
          pointer: `/outputGroups/0/outputs/${outputIndex}`,
          videoRenditionId: `video-${heightPx}`,
          audioRenditionIds: ['audio'],
          container: 'MP4',
          muxer: 'mp4',
          muxerOptions: { movflags: '+faststart' },
          location: `s3://bench/openconvert-${heightPx}.mp4`,
          contentType: 'video/mp4',
          needsScratch: true,
          transport: null,
          loudnessLogs: [],
        })),
      },
    ],
    estimate: { memoryBytes: 0, scratchBytes: 0, wallMs: null, outputBytes: null },
  };
}
