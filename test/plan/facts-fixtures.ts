/** Facts written by hand: what a probe would report of a few typical inputs. No media is needed to plan. */
import { rational } from '../../src/exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../../src/plan/facts.ts';

/** 1920×1080 H.264 at 30000/1001, 60.06 s, with stereo AAC, as most uploads are. */
export function hdFacts(changes: Partial<InputFacts> = {}): InputFacts {
  return {
    location: 's3://in/film.mp4',
    container: 'mp4',
    demuxer: 'mov,mp4,m4a,3gp,3g2,mj2',
    sizeBytes: 40_000_000,
    eTag: null,
    durationUs: 60_060_000,
    startUs: 0,
    bitrateBps: 5_300_000,
    startTimecode: null,
    videoTracks: [videoTrack()],
    audioTracks: [audioTrack()],
    dataTracks: [],
    programs: [],
    ...changes,
  };
}

export function videoTrack(changes: Partial<VideoTrackFacts> = {}): VideoTrackFacts {
  return {
    kind: 'video',
    streamIndex: 0,
    trackId: 1,
    codec: 'h264',
    fourCc: 'avc1',
    profile: 'High',
    timeBase: rational(1, 30000),
    startTicks: 0,
    durationTicks: 1_801_800,
    bitrateBps: 5_000_000,
    language: null,
    widthPx: 1920,
    heightPx: 1080,
    frameRate: rational(30000, 1001),
    isVariableFrameRate: false,
    frameCount: 1800,
    sampleAspectRatio: rational(1),
    bitDepth: 8,
    chroma: '4:2:0',
    pixelFormat: 'yuv420p',
    hasAlpha: false,
    scan: 'progressive',
    colorPrimaries: 'bt709',
    colorTransfer: 'bt709',
    colorMatrix: 'bt709',
    colorRange: 'limited',
    rotationDegrees: 0,
    isAttachedPicture: false,
    level: 40,
    hasEmbeddedCaptions: false,
    ...changes,
  };
}

export function audioTrack(changes: Partial<AudioTrackFacts> = {}): AudioTrackFacts {
  return {
    kind: 'audio',
    streamIndex: 1,
    trackId: 2,
    codec: 'aac',
    fourCc: 'mp4a',
    profile: 'LC',
    timeBase: rational(1, 48000),
    startTicks: 0,
    durationTicks: 2_882_880,
    bitrateBps: 192_000,
    language: 'eng',
    channels: 2,
    channelLayout: 'stereo',
    sampleRateHz: 48000,
    bitDepth: 16,
    audioType: null,
    ...changes,
  };
}
