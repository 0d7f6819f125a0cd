/** Plans written by hand, as the planner would freeze them. */

import { rational } from '../../src/exact-time.ts';
import { plainPictures } from '../../src/plan/encoder-plan.ts';
import type {
  FileOutput,
  FileOutputGroup,
  HlsOutputGroup,
  PlannedOutputGroup,
} from '../../src/plan/group-plan.ts';
import type {
  AudioRendition,
  EncoderPlan,
  JobPlan,
  PlannedAudioSource,
  PlannedInput,
  PlannedVideoSource,
  VideoRendition,
} from '../../src/plan/plan.ts';

const mp4Demuxer = 'mov,mp4,m4a,3gp,3g2,mj2';

/** A plan over `s3://inputs/<key>` with the sample clip's tracks: video 0, audio 1. */
export function jobPlan(parts: {
  readonly key: string;
  readonly demuxer?: string;
  readonly video?: Partial<PlannedVideoSource> | null;
  readonly audio?: readonly PlannedAudioSource[];
  readonly originUs?: number;
  readonly videoRenditions?: readonly VideoRendition[];
  readonly audioRenditions?: readonly AudioRendition[];
  readonly groups: readonly PlannedOutputGroup[];
}): JobPlan {
  const input: PlannedInput = {
    inputIndex: 0,
    location: `s3://inputs/${parts.key}`,
    demuxer: parts.demuxer ?? mp4Demuxer,
    demuxerOptions: {},
    video:
      parts.video === null
        ? null
        : {
            streamIndex: 0,
            decoderThreads: 1,
            sharedFilters: [],
            frameRate: rational(30),
            frameCount: 60,
            ...parts.video,
          },
    audio: parts.audio ?? [audioSource()],
    originUs: parts.originUs ?? 0,
    durationUs: 2_000_000,
  };
  return {
    planVersion: 1,
    inputs: [input],
    videoRenditions: parts.videoRenditions ?? [],
    audioRenditions: parts.audioRenditions ?? [],
    outputGroups: parts.groups,
    estimate: { memoryBytes: 0, scratchBytes: 0, wallMs: null, outputBytes: null },
  };
}

/** Track 1 of the input, or other streams. Empty: silence. */
export function audioSource(streamIndexes: readonly number[] = [1], id = 'sound'): PlannedAudioSource {
  return {
    id,
    streamIndexes,
    offsetMs: 0,
    selectorName: 'Audio Selector 1',
    trackNumbers: streamIndexes.map((_, i) => i + 1),
  };
}

const encoderDefaults: EncoderPlan = {
  codec: 'H_264',
  encoder: 'libx264',
  options: { preset: 'ultrafast', bf: '2' },
  bitrateBps: 0,
  maxBitrateBps: 0,
  bufferSizeBits: 0,
  gopSizeFrames: 30,
  maxBFrames: 2,
  threads: 1,
  codecTag: null,
  passes: 1,
  color: null,
  endOfStreamMarkers: false,
};

export function encoderPlan(parts: Partial<EncoderPlan> = {}): EncoderPlan {
  return { ...encoderDefaults, ...parts };
}

/** H.264 of 320×180 at 30 per second unless told otherwise. */
export function videoRendition(id: string, parts: Partial<VideoRendition> = {}): VideoRendition {
  return {
    id,
    pointer: `/outputGroups/0/outputs/0/videoDescription`,
    ordinal: 1,
    inputIndex: 0,
    ...plainPictures,
    filters: [],
    widthPx: 320,
    heightPx: 180,
    frameRate: rational(30),
    sampleAspectRatio: rational(1),
    pixelFormat: 'yuv420p',
    encoder: encoderPlan(),
    forcedKeyFrameSeconds: null,
    dropCaptions: true,
    frameLimit: null,
    ...parts,
  };
}

/** AAC of 48 kHz stereo unless told otherwise. */
export function audioRendition(id: string, parts: Partial<AudioRendition> = {}): AudioRendition {
  return {
    id,
    pointer: `/outputGroups/0/outputs/0/audioDescriptions/0`,
    inputIndex: 0,
    audioSourceId: 'sound',
    filters: [],
    sampleRateHz: 48_000,
    channelLayout: 'stereo',
    sampleFormat: 'fltp',
    encoder: encoderPlan({
      codec: 'AAC',
      encoder: 'aac',
      options: {},
      bitrateBps: 96_000,
      gopSizeFrames: null,
      maxBFrames: null,
    }),
    language: 'eng',
    manifestLanguage: null,
    streamName: null,
    audioType: null,
    loudness: null,
    endsWithVideo: null,
    channelLabels: null,
    ...parts,
  };
}

const objectSettings = { cannedAcl: null, storageClass: null, encryption: null };

/** An MP4 with its index in front unless told otherwise. */
export function fileOutput(key: string, parts: Partial<FileOutput> = {}): FileOutput {
  return {
    outputIndex: 0,
    pointer: '/outputGroups/0/outputs/0',
    videoRenditionId: null,
    audioRenditionIds: [],
    container: 'MP4',
    muxer: 'mp4',
    muxerOptions: { movflags: '+faststart' },
    location: `s3://outputs/${key}`,
    contentType: 'video/mp4',
    needsScratch: true,
    transport: null,
    loudnessLogs: [],
    ...parts,
  };
}

export function fileGroup(outputs: readonly FileOutput[], groupIndex = 0): FileOutputGroup {
  return {
    type: 'FILE_GROUP',
    groupIndex,
    pointer: `/outputGroups/${groupIndex}`,
    objectSettings,
    outputs: outputs.map((output, outputIndex) => ({ ...output, outputIndex })),
  };
}

/** A transport stream group; each output carries one video rendition and the same sound. */
export function hlsGroup(
  name: string,
  videoIds: readonly string[],
  audioId: string,
  segmentSeconds: number,
): HlsOutputGroup {
  return {
    type: 'HLS_GROUP',
    encryption: null,
    groupIndex: 0,
    pointer: '/outputGroups/0',
    objectSettings,
    outputs: videoIds.map((id, outputIndex) => ({
      outputIndex,
      pointer: `/outputGroups/0/outputs/${outputIndex}`,
      videoRenditionId: id,
      audioRenditionIds: [audioId],
      playlistLocation: `s3://outputs/${name}_${id}.m3u8`,
      segmentLocation: `s3://outputs/${name}_${id}_%05d.ts`,
      segmentFormat: 'mpegts',
      muxerOptions: {},
      pids: { video: 481, audio: [482], pmt: 480, pcr: 481 },
      iFramePlaylistLocation: null,
      audioTrackType: null,
      audioGroupId: null,
      audioRenditionSets: null,
      describesVideo: false,
      pesAudioFrames: 0,
      timestampOffsetMs: 0,
      timedId3Header: false,
    })),
    multivariant: { location: `s3://outputs/${name}.m3u8` },
    segmentSeconds: rational(segmentSeconds),
    minFinalSegmentSeconds: 0,
    segmentControl: 'SEGMENTED_FILES',
    segmentLengthControl: 'GOP_MULTIPLE',
    durationFormat: 'FLOATING_POINT',
    targetDurationMode: 'LEGACY',
    clientCacheDisabled: false,
    includeResolution: true,
    closedCaptionsNone: false,
    programDateTimePeriodSeconds: null,
    programDateTimeStartMs: null,
    gzipManifests: false,
    progressiveManifests: false,
    baseUrl: '',
    additionalManifests: [],
  };
}
