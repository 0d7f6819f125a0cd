/**
 * Writes one output of a streaming group: takes encoded packets of its tracks, puts them in order of time and hands them
 * to what cuts them into segments. One step after the other, whoever calls: packets are queued at once, and one loop
 * works the queue.
 *
 * States: made → started (`start`) → finished or aborted. The loop runs while a frame can be placed; it rests when
 * another track must show its next packet first, or when audio waits for the group's cuts, and goes on with the next
 * packet or cut. A failure stops it for good and is thrown by every later call.
 */
import type { Packet } from 'node-av/lib';
import type { EncodedTrack, OutputWriter } from '../engine/output-writer.ts';
import type { OutputResult } from '../engine/protocol.ts';
import type { PlaylistMember } from '../plan/group-plan.ts';
import type { SegmentationPlan } from '../plan/streaming-plan.ts';
import { isInstantRefresh } from './annex-b.ts';
import { compareInstants, type Instant, toMicroseconds } from './instant.ts';
import { createInterleaver, type Interleaver } from './interleaver.ts';
import { type MeasuredTracks, measureTracks, type TrackMeter } from './measured-tracks.ts';
import { createPacketShelf, type PacketShelf } from './packet-shelf.ts';
import { type CutTimeline, groupCountCuts, keyFrameCuts } from './segment-cuts.ts';
import type { WrittenSegment } from './segment-files.ts';
import type { SegmentItem } from './segmenter.ts';
import type { SpliceCuts } from './splice-cuts.ts';

/** Cuts the frames of one output, in order of time, into segments and publishes them. */
export interface Segmentation<Segment extends WrittenSegment = WrittenSegment> {
  /** Decides where the next frame goes; false when that is not known yet: ask again after a change of the timeline. */
  place(item: SegmentItem): boolean;
  /** Writes the frame that was placed last. */
  write(item: SegmentItem): void;
  /** The last video frame is written: what follows is audio alone. */
  endVideo(): void;
  /** Resolves when more frames are welcome, or at once; rejects with the failure of a segment before. */
  ready(): Promise<void> | null;
  /** Ends the last segment and publishes everything. */
  finish(endUs: number): Promise<void>;
  abort(): Promise<void>;
  /** Frees what is native. Tolerates being called twice. */
  close(): void;
  /** Segments that a manifest may name; the same array, growing. */
  readonly published: readonly Segment[];
}

/** An output in the making, as its group sees it. */
export interface SegmentedWriter<Output, Segment extends WrittenSegment = WrittenSegment>
  extends OutputWriter {
  readonly output: Output;
  /** What players are told of its tracks; null before `start`. */
  readonly tracks: MeasuredTracks | null;
  readonly published: readonly Segment[];
}

/** What a writer needs of its group. */
export interface SegmentedWriterOptions<
  Output extends PlaylistMember,
  Segment extends WrittenSegment = WrittenSegment,
> {
  readonly group: SegmentationPlan;
  readonly output: Output;
  readonly timeline: CutTimeline;
  /** Null: the group knows of no splices. */
  readonly splices: SpliceCuts | null;
  /** Called once, when the tracks are known. */
  readonly open: (tracks: readonly EncodedTrack[], meter: TrackMeter) => Segmentation<Segment>;
  /** What is written beside the segments: an initialization, or the beginning of the single file. */
  readonly otherObjects?: () => OutputResult['objects'];
  /** Named in the COMPLETE event. */
  readonly reportedLocations: readonly string[];
  /** Pictures between key frames are left out, and key frames are decoded when they are shown. */
  readonly isKeyFramesOnly?: boolean;
}

/** Makes the writer; nothing is created before the first packet. */
export function createSegmentedWriter<Output extends PlaylistMember, Segment extends WrittenSegment>(
  options: SegmentedWriterOptions<Output, Segment>,
): SegmentedWriter<Output, Segment> {
  const { group, output, timeline } = options;
  const hasVideo = output.videoRenditionId !== null;
  const groupCount = output.passedVideo?.gopsPerSegment ?? null;
  const isKeyFrameCut =
    groupCount === null
      ? keyFrameCuts(group.segmentLengthControl, group.segmentSeconds, options.splices)
      : groupCountCuts(groupCount, options.splices);
  let machine: Machine<Segment> | null = null;
  let isWorking = false;
  let working: Promise<void> | undefined;
  let failure: unknown = null;
  let wake: () => void = () => {};

  function fail(error: unknown): void {
    failure ??= error;
    wake();
  }

  /** Works the queue until more packets or cuts are needed. */
  function work(): Promise<void> | undefined {
    if (isWorking) return working;
    if (machine === null || failure !== null) return undefined;
    isWorking = true;
    working = workLoop(machine);
    return working;
  }

  async function workLoop(running: Machine<Segment>): Promise<void> {
    const { queue, segmentation } = running;
    try {
      for (
        let item = queue.peek();
        item !== null && failure === null && segmentation.place(item);
        item = queue.peek()
      ) {
        queue.take();
        writeItem(running, item);
        const room = segmentation.ready();
        if (room !== null) await room;
      }
      if (failure === null && running.videoEnded && running.queuedVideo === 0) segmentation.endVideo();
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      isWorking = false;
      wake();
    }
  }

  function writeItem(running: Machine<Segment>, item: SegmentItem): void {
    try {
      running.segmentation.write(item);
    } finally {
      if (item.kind === 'video') {
        running.shelf.give(item.packet);
        running.queuedVideo -= 1;
      }
    }
  }

  /** Works until every queued packet is written. */
  async function drain(running: Machine<Segment>): Promise<void> {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await work();
      if (failure !== null) throw failure;
      if (running.queue.isDrained && !isWorking) return;
      await changed;
    }
  }

  function queueVideo(
    running: Machine<Segment>,
    track: EncodedTrack,
    trackIndex: number,
    packet: Packet,
  ): void {
    const { isKeyFramesOnly = false } = options;
    const start: Instant = { ticks: packet.pts, base: track.timeBase };
    const decode: Instant = isKeyFramesOnly ? start : { ticks: packet.dts, base: track.timeBase };
    const isKey = packet.isKeyframe && packet.data !== null && beginsDecoding(packet.data, track);
    if (isKeyFramesOnly && !isKey) return;
    const isCut = isKey && isKeyFrameCut(start);
    if (isCut) running.lastCut = start;
    // Audio that begins before a cut must be written before it, although the cut's decoding time is earlier.
    const order =
      running.lastCut !== null && compareInstants(decode, running.lastCut) < 0 ? running.lastCut : decode;
    running.queuedVideo += 1;
    running.queue.push(trackIndex, {
      kind: 'video',
      order,
      start,
      decode,
      packet: running.shelf.keep(packet),
      isKey,
      isCut,
    });
  }

  timeline.subscribe(() => {
    // A failure is kept and thrown at the next call of this writer's own producer.
    if (!hasVideo) work()?.catch(() => {});
  });

  return {
    output,
    get tracks() {
      return machine?.meter.description ?? null;
    },
    get published() {
      return machine?.segmentation.published ?? [];
    },
    async start(tracks) {
      const meter = measureTracks(tracks);
      machine = {
        tracks,
        meter,
        queue: createInterleaver<SegmentItem>(tracks.length),
        shelf: createPacketShelf(),
        segmentation: options.open(tracks, meter),
        lastCut: null,
        queuedVideo: 0,
        videoEnded: false,
      };
    },
    writePacket(trackIndex, packet) {
      const running = assertRunning(machine, failure);
      const track = running.tracks[trackIndex];
      if (track === undefined) throw new RangeError(`track ${trackIndex} of ${output.pointer}`);
      if (isSparePriming(track, packet)) return undefined;
      running.meter.see(trackIndex, packet);
      if (track.kind === 'video') queueVideo(running, track, trackIndex, packet);
      else {
        const start: Instant = { ticks: packet.pts, base: track.timeBase };
        const bytes = Buffer.from(packet.data ?? []);
        running.queue.push(trackIndex, {
          kind: 'audio',
          order: start,
          start,
          trackIndex,
          bytes,
          durationTicks: packet.duration,
        });
      }
      return work();
    },
    endTrack(trackIndex) {
      const running = assertRunning(machine, failure);
      running.queue.end(trackIndex);
      if (running.tracks[trackIndex]?.kind === 'video') running.videoEnded = true;
      return work();
    },
    async finish() {
      const running = assertRunning(machine, failure);
      await drain(running);
      try {
        await running.segmentation.finish(toMicroseconds(running.meter.outputEnd()));
      } catch (error) {
        fail(error);
        throw error;
      } finally {
        close(running);
      }
      return outputResult(options, running.meter, running.segmentation.published);
    },
    async abort() {
      fail(new Error(`output ${output.pointer} was aborted`));
      if (machine === null) return;
      await machine.segmentation.abort();
      close(machine);
    },
  };
}

/** What exists once the tracks are known. */
interface Machine<Segment extends WrittenSegment> {
  readonly tracks: readonly EncodedTrack[];
  readonly meter: TrackMeter;
  readonly queue: Interleaver<SegmentItem>;
  readonly shelf: PacketShelf;
  readonly segmentation: Segmentation<Segment>;
  /** The newest cut among queued video frames. */
  lastCut: Instant | null;
  queuedVideo: number;
  videoEnded: boolean;
}

function assertRunning<Segment extends WrittenSegment>(
  machine: Machine<Segment> | null,
  failure: unknown,
): Machine<Segment> {
  if (failure !== null) throw failure;
  if (machine === null) throw new TypeError('the writer is not started');
  return machine;
}

/**
 * A decoder of overlapping frames needs one frame of run-up before time 0. Encoders with a longer delay give two; the
 * first would only make the sound's timestamps begin more than a frame before the picture's.
 */
function isSparePriming(track: EncodedTrack, packet: Packet): boolean {
  return track.kind === 'audio' && packet.pts + 2n * packet.duration <= 0n;
}

/** Frees what is native. Tolerates being called twice. */
function close({ queue, shelf, segmentation }: Machine<WrittenSegment>): void {
  queue.clear();
  shelf.free();
  segmentation.close();
}

/** Nothing before such a frame is needed to decode what follows; other codecs than these two mark it themselves. */
function beginsDecoding(data: Uint8Array, { rendition }: EncodedTrack): boolean {
  const { codec } = rendition.encoder;
  return codec === 'H_264' || codec === 'H_265' ? isInstantRefresh(data, codec) : true;
}

function outputResult<Output extends PlaylistMember>(
  { output, reportedLocations, otherObjects }: SegmentedWriterOptions<Output>,
  meter: TrackMeter,
  segments: readonly WrittenSegment[],
): OutputResult {
  const first = segments[0];
  const last = segments.at(-1);
  const durationUs = first === undefined || last === undefined ? 0 : last.endUs - first.startUs;
  const sizes = new Map<string, number>();
  for (const { location, sizeBytes } of [...(otherObjects?.() ?? []), ...segments])
    sizes.set(location, (sizes.get(location) ?? 0) + sizeBytes);
  return {
    outputIndex: output.outputIndex,
    locations: reportedLocations,
    objects: [...sizes].map(([location, sizeBytes]) => ({ location, sizeBytes })),
    durationMs: Math.round(durationUs / 1000),
    video: meter.videoResult(durationUs),
    audio: meter.audioResults(),
  };
}
