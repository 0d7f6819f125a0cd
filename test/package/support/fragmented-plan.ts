/** Plans of CMAF and DASH groups for tests: the service's defaults, changed where a test says so. */
import { rational } from '../../../src/exact-time.ts';
import type {
  CmafOutputGroup,
  DashOutputGroup,
  FragmentedOutput,
  MpdRules,
  SmoothOutputGroup,
} from '../../../src/plan/group-plan.ts';

export const mpdRules: MpdRules = {
  location: 's3://out/vod/clip.mpd',
  additional: [],
  profile: 'MAIN_PROFILE',
  isHbbtv: false,
  bandwidthType: 'AVERAGE',
  minBufferMs: null,
  hasTimelines: true,
  style: 'BASIC',
  groupsByCodec: false,
  channelScheme: 'MPEG',
  baseUrl: '',
};

const fragmentation = {
  groupIndex: 0,
  pointer: '/outputGroups/0',
  encryption: null,
  objectSettings: { cannedAcl: null, storageClass: null, encryption: null },
  segmentSeconds: rational(2),
  minFinalSegmentSeconds: 0,
  segmentControl: 'SEGMENTED_FILES',
  segmentLengthControl: 'EXACT',
  fragmentSeconds: rational(1),
  compositionOffsets: 'edit',
} as const;

export function cmafGroup(
  outputs: readonly FragmentedOutput[],
  changes: Partial<CmafOutputGroup> = {},
): CmafOutputGroup {
  return {
    type: 'CMAF_GROUP',
    ...fragmentation,
    outputs,
    multivariant: { location: 's3://out/vod/clip.m3u8' },
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
    mpd: mpdRules,
    ...changes,
  };
}

export function dashGroup(
  outputs: readonly FragmentedOutput[],
  changes: Partial<DashOutputGroup> = {},
): DashOutputGroup {
  return { type: 'DASH_ISO_GROUP', ...fragmentation, outputs, mpd: mpdRules, ...changes };
}

export function smoothGroup(
  outputs: readonly FragmentedOutput[],
  changes: Partial<SmoothOutputGroup> = {},
): SmoothOutputGroup {
  return {
    type: 'MS_SMOOTH_GROUP',
    ...fragmentation,
    segmentControl: 'SINGLE_FILE',
    fragmentSeconds: rational(2),
    compositionOffsets: 'shift',
    outputs,
    smooth: {
      location: 's3://out/vod/clip.ism',
      clientLocation: 's3://out/vod/clip.ismc',
      additional: [],
      encoding: 'UTF-8',
    },
    ...changes,
  };
}

/** A Smooth file of video, of video with sound, or of sound alone. */
export function smoothFile(
  outputIndex: number,
  modifier: string,
  changes: Partial<FragmentedOutput> = {},
): FragmentedOutput {
  const isSound = changes.videoRenditionId === null;
  return videoTrackFile(outputIndex, modifier, {
    playlistLocation: null,
    initLocation: null,
    segmentLocation: `s3://out/vod/clip${modifier}.${isSound ? 'isma' : 'ismv'}`,
    contentType: isSound ? 'audio/mp4' : 'video/mp4',
    brand: 'piff',
    sampleEntry: isSound ? null : 'avc1',
    ...changes,
  });
}

export function videoTrackFile(
  outputIndex: number,
  modifier: string,
  changes: Partial<FragmentedOutput> = {},
): FragmentedOutput {
  return {
    outputIndex,
    pointer: `/outputGroups/0/outputs/${outputIndex}`,
    videoRenditionId: `v${outputIndex}`,
    audioRenditionIds: [],
    playlistLocation: `s3://out/vod/clip${modifier}.m3u8`,
    iFramePlaylistLocation: null,
    audioTrackType: null,
    audioGroupId: null,
    audioRenditionSets: null,
    describesVideo: false,
    initLocation: `s3://out/vod/clip${modifier}init.cmfv`,
    segmentLocation: `s3://out/vod/clip${modifier}_%09d.cmfv`,
    contentType: 'video/mp4',
    brand: 'cmfc',
    sampleEntry: 'avc1',
    hasNameModifier: true,
    ...changes,
  };
}

export function audioTrackFile(
  outputIndex: number,
  modifier: string,
  changes: Partial<FragmentedOutput> = {},
): FragmentedOutput {
  return videoTrackFile(outputIndex, modifier, {
    videoRenditionId: null,
    audioRenditionIds: [`a${outputIndex}`],
    audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
    audioGroupId: 'program_audio_0',
    initLocation: `s3://out/vod/clip${modifier}init.cmfa`,
    segmentLocation: `s3://out/vod/clip${modifier}_%09d.cmfa`,
    contentType: 'audio/mp4',
    sampleEntry: null,
    ...changes,
  });
}
