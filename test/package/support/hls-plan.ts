/** Plans of HLS groups for tests: the service's defaults, changed where a test says so. */
import { rational } from '../../../src/exact-time.ts';
import type { HlsOutput, HlsOutputGroup } from '../../../src/plan/group-plan.ts';

export function hlsGroup(
  outputs: readonly HlsOutput[],
  changes: Partial<HlsOutputGroup> = {},
): HlsOutputGroup {
  return {
    type: 'HLS_GROUP',
    groupIndex: 0,
    pointer: '/outputGroups/0',
    encryption: null,
    objectSettings: { cannedAcl: null, storageClass: null, encryption: null },
    outputs,
    multivariant: { location: 's3://out/vod/clip.m3u8' },
    segmentSeconds: rational(2),
    minFinalSegmentSeconds: 0,
    segmentControl: 'SEGMENTED_FILES',
    segmentLengthControl: 'EXACT',
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
    ...changes,
  };
}

export function videoOutput(
  outputIndex: number,
  modifier: string,
  changes: Partial<HlsOutput> = {},
): HlsOutput {
  return {
    outputIndex,
    pointer: `/outputGroups/0/outputs/${outputIndex}`,
    videoRenditionId: `v${outputIndex}`,
    audioRenditionIds: [],
    playlistLocation: `s3://out/vod/clip${modifier}.m3u8`,
    segmentLocation: `s3://out/vod/clip${modifier}_%05d.ts`,
    segmentFormat: 'mpegts',
    muxerOptions: {},
    pids: { video: 481, audio: [482, 483], pmt: 480, pcr: 481 },
    iFramePlaylistLocation: null,
    audioTrackType: null,
    audioGroupId: null,
    audioRenditionSets: null,
    describesVideo: false,
    pesAudioFrames: 4,
    timestampOffsetMs: 2000,
    timedId3Header: false,
    ...changes,
  };
}

export function audioOutput(
  outputIndex: number,
  modifier: string,
  changes: Partial<HlsOutput> = {},
): HlsOutput {
  return videoOutput(outputIndex, modifier, {
    videoRenditionId: null,
    audioRenditionIds: [`a${outputIndex}`],
    segmentLocation: `s3://out/vod/clip${modifier}_%05d.aac`,
    segmentFormat: 'adts',
    pids: { video: 0, audio: [], pmt: 0, pcr: 0 },
    audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
    timedId3Header: true,
    ...changes,
  });
}
