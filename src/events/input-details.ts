/**
 * Body of INPUT_INFORMATION: what was found in each input, in MediaConvert's names (spec events.md 3).
 */
import { rationalToNumber } from '../exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../plan/facts.ts';
import { writtenLocation } from '../plan/source-locations.ts';
import type { EventBody } from './bodies.ts';
import { audioCodecNames, videoCodecNames } from './codec-names.table.ts';

/** One input. `video` and `audio` are absent when the input has none (observed). */
export interface InputDetail {
  /** Number of the input in the job, from 1. */
  readonly id: number;
  /** The URL as given in the job. */
  readonly uri: string;
  readonly video?: readonly VideoTrackDetail[];
  readonly audio?: readonly AudioTrackDetail[];
}

/** One video track. */
export interface VideoTrackDetail {
  /** Container track number, or PID. */
  readonly streamId: number;
  readonly codec: string;
  readonly fourCC: string;
  readonly width: number;
  readonly height: number;
  /** Rounded to 2 decimals; absent when the container knows no rate. */
  readonly frameRate?: number;
  readonly bitDepth: number;
  readonly colorFormat: string;
  readonly interlaceMode: string;
  /** `num:den`. */
  readonly sar: string;
  readonly standard: string;
}

/** One audio track. */
export interface AudioTrackDetail {
  readonly streamId: number;
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  /** ISO 639-2 in upper case; `UND` when the container names none. */
  readonly language: string;
}

/** One event for all inputs, in job order. Cover art is no video track. */
export function inputInformationBody(
  facts: readonly InputFacts[],
): Extract<EventBody, { status: 'INPUT_INFORMATION' }> {
  return {
    status: 'INPUT_INFORMATION',
    inputDetails: facts.map((input, index) => inputDetail(input, index + 1)),
  };
}

function inputDetail(input: InputFacts, id: number): InputDetail {
  const video = input.videoTracks.filter((track) => !track.isAttachedPicture).map(videoTrackDetail);
  const audio = input.audioTracks.map(audioTrackDetail);
  return {
    id,
    uri: writtenLocation(input.location),
    ...(video.length > 0 ? { video } : {}),
    ...(audio.length > 0 ? { audio } : {}),
  };
}

function videoTrackDetail(track: VideoTrackFacts): VideoTrackDetail {
  const { num, den } = track.sampleAspectRatio;
  return {
    streamId: track.trackId,
    codec: videoCodecNames[track.codec] ?? track.codec.toUpperCase(),
    fourCC: track.fourCc,
    width: track.widthPx,
    height: track.heightPx,
    ...(track.frameRate === null
      ? {}
      : { frameRate: Math.round(rationalToNumber(track.frameRate) * 100) / 100 }),
    bitDepth: track.bitDepth,
    colorFormat: colorFormats[track.chroma],
    interlaceMode: track.scan === 'progressive' ? 'PROGRESSIVE' : 'INTERLACED',
    sar: num > 0 ? `${num}:${den}` : '1:1',
    standard: 'UNSPECIFIED',
  };
}

/** Chroma formats in the event's spelling; only YUV_420 was observed, the others follow its form. */
const colorFormats: Readonly<Record<VideoTrackFacts['chroma'], string>> = {
  '4:0:0': 'YUV_400',
  '4:2:0': 'YUV_420',
  '4:2:2': 'YUV_422',
  '4:4:4': 'YUV_444',
  rgb: 'RGB',
  other: 'UNSPECIFIED',
};

function audioTrackDetail(track: AudioTrackFacts): AudioTrackDetail {
  return {
    streamId: track.trackId,
    codec:
      audioCodecNames[track.codec] ?? (track.codec.startsWith('pcm_') ? 'PCM' : track.codec.toUpperCase()),
    channels: track.channels,
    sampleRate: track.sampleRateHz,
    language: (track.language ?? 'und').toUpperCase(),
  };
}
