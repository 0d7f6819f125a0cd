/**
 * Cuts the frames of one output, which come in order of time, into segments (spec packaging.md 3).
 *
 * What decides a cut, by kind of frame:
 * - video: its own key frames; the group's leading output tells its cuts to the others;
 * - audio beside video: none, it goes where the video is; after the video's end, the plain grid;
 * - audio alone: the leading output's cuts; a frame waits until they are known.
 */
import type { Packet } from 'node-av/lib';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import { type SignalReader, signalRate } from '../signals/signal-timeline.ts';
import { type Instant, toMicroseconds } from './instant.ts';
import type { Ordered } from './interleaver.ts';
import type { KeyFrameFiles } from './key-frame-files.ts';
import type { TrackMeter } from './measured-tracks.ts';
import { type CutTimeline, gridCuts, type KeyFrameCuts } from './segment-cuts.ts';
import type { SegmentFiles } from './segment-files.ts';
import type { SegmentMuxer } from './segment-muxer.ts';
import { signalTicks } from './splice-cuts.ts';

/** One encoded frame on its way into a segment. */
export type SegmentItem = VideoItem | AudioItem;

interface VideoItem extends Ordered {
  readonly kind: 'video';
  readonly start: Instant;
  /** When it is decoded: earlier than it is shown, where pictures are reordered. */
  readonly decode: Instant;
  readonly packet: Packet;
  /** Decoding can begin here. */
  readonly isKey: boolean;
  /** A segment begins here. */
  readonly isCut: boolean;
}

interface AudioItem extends Ordered {
  readonly kind: 'audio';
  readonly start: Instant;
  readonly trackIndex: number;
  readonly bytes: Uint8Array;
  /** In the time base of `start`. */
  readonly durationTicks: bigint;
}

/** What a segmenter works with; its writer owns and closes all of it. */
export interface SegmenterParts {
  readonly group: HlsOutputGroup;
  readonly output: HlsOutput;
  readonly timeline: CutTimeline;
  /** True for the one output whose cuts the others follow. */
  readonly leads: boolean;
  readonly files: SegmentFiles;
  readonly muxer: SegmentMuxer;
  /** Key frames in files of their own; null: parts of segments, where a playlist wants them. */
  readonly keyFrameFiles: KeyFrameFiles | null;
  readonly meter: TrackMeter;
  /** Data that goes into the segments; null: none. */
  readonly data: SignalReader | null;
}

/** Puts frames into segments. */
export interface Segmenter {
  /** Decides where the next frame goes; false when that is not known yet: ask again after a change of the timeline. */
  place(item: SegmentItem): boolean;
  /** Writes the frame that was placed last. */
  write(item: SegmentItem): void;
  /** The last video frame is written: what follows is audio alone. */
  endVideo(): void;
  /** Everything is written: the data up to the end of the output follows. */
  finish(endUs: number): void;
}

/** Starts before the first segment. */
export function createSegmenter({
  group,
  output,
  timeline,
  leads,
  files,
  muxer,
  keyFrameFiles,
  meter,
  data,
}: SegmenterParts): Segmenter {
  const hasVideo = output.videoRenditionId !== null;
  const placeInTimeline = timeline.follower();
  let hasBegun = false;
  let isCutPlaced = false;
  /** The leader's cut whose segment may still be merged away. */
  let pendingCut: Instant | null = null;
  let tailCuts: KeyFrameCuts | null = null;

  function isCut(item: SegmentItem): boolean {
    if (item.kind === 'video') return item.isCut;
    return hasVideo ? (tailCuts?.(item.start) ?? false) : isCutPlaced;
  }

  /** Data stands in the segment of its time, behind the first frame: tables come before everything. */
  function writeDataBefore(ticks: number): void {
    for (const signal of data?.takeBefore(ticks) ?? []) muxer.writeData(signal);
  }

  function beginSegment(start: Instant): void {
    if (hasBegun) writeDataBefore(signalTicks(start));
    muxer.flush();
    files.begin(Math.max(0, toMicroseconds(start)));
    muxer.beginSegment(start);
    // After the video's end everyone finds the grid alone.
    if (hasBegun && leads && tailCuts === null) pendingCut = start;
    hasBegun = true;
    tellCut();
  }

  /** Followers hear of a cut only when it is certain that the segment behind it will stand. */
  function tellCut(): void {
    if (pendingCut === null || files.isPending) return;
    timeline.cutAt(pendingCut);
    pendingCut = null;
  }

  function writeVideo({ packet, isKey, start }: VideoItem, startUs: number): void {
    meter.countVideo(packet.size);
    if (isKey && keyFrameFiles !== null) {
      files.noteKeyFrame(keyFrameFiles.write(packet, start, startUs));
      muxer.writeVideo(packet);
      return;
    }
    if (!isKey || output.iFramePlaylistLocation === null) {
      muxer.writeVideo(packet);
      return;
    }
    muxer.flush();
    const offsetBytes = files.positionBytes;
    if (offsetBytes > 0) muxer.repeatTables();
    muxer.writeVideo(packet);
    muxer.flush();
    files.noteKeyFrame({ offsetBytes, sizeBytes: files.positionBytes - offsetBytes, startUs });
  }

  return {
    place(item) {
      if (item.kind === 'video' || hasVideo) return true;
      const place = placeInTimeline(item.start);
      isCutPlaced = place === 'cut';
      return place !== 'wait';
    },
    write(item) {
      const startUs = toMicroseconds(item.start);
      files.advance(startUs);
      tellCut();
      if (isCut(item) || !hasBegun) beginSegment(item.start);
      if (item.kind === 'audio') {
        meter.countAudio(item.trackIndex, item.bytes.length);
        muxer.writeAudio(item.trackIndex, item);
        if (!hasVideo) writeDataBefore(signalTicks(item.start) + 1);
        return;
      }
      writeVideo(item, startUs);
      writeDataBefore(signalTicks(item.start) + 1);
      if (leads) timeline.advanceTo(pendingCut ?? item.order);
    },
    endVideo() {
      if (tailCuts !== null) return;
      const end = meter.videoEnd;
      tailCuts = gridCuts(group.segmentSeconds, end);
      if (!leads) return;
      if (end !== null) files.advance(toMicroseconds(end));
      tellCut();
      timeline.end(end);
    },
    finish(endUs) {
      writeDataBefore((endUs * signalRate) / 1_000_000);
    },
  };
}
