/**
 * Writes one output of an HLS group: takes encoded packets of its tracks, puts them in order of time and hands them to
 * the segmenter. One step after the other, whoever calls: packets are queued at once, and one loop works the queue.
 *
 * States: made → started (`start`) → finished or aborted. The loop runs while a frame can be placed; it rests when
 * another track must show its next packet first, or when audio waits for the group's cuts, and goes on with the next
 * packet or cut. A failure stops it for good and is thrown by every later call.
 */
import type { Packet } from 'node-av/lib';
import type { EngineObjects } from '../engine/objects.ts';
import type { EncodedTrack, OutputWriter } from '../engine/output-writer.ts';
import type { OutputResult } from '../engine/protocol.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/plan.ts';
import { isInstantRefresh } from './annex-b.ts';
import { compareInstants, type Instant, toMicroseconds } from './instant.ts';
import { createInterleaver, type Interleaver } from './interleaver.ts';
import { type MeasuredTracks, measureTracks, type TrackMeter } from './measured-tracks.ts';
import { openPackedAudioMuxer } from './packed-audio-muxer.ts';
import { createPacketShelf, type PacketShelf } from './packet-shelf.ts';
import { type CutTimeline, keyFrameCuts } from './segment-cuts.ts';
import { createSegmentFiles, type WrittenSegment } from './segment-files.ts';
import type { SegmentMuxer } from './segment-muxer.ts';
import { createSegmenter, type Segmenter, type SegmentItem } from './segmenter.ts';
import { openTsMuxer } from './ts-muxer.ts';

/** An output in the making, as its group sees it. */
export interface HlsOutputWriter extends OutputWriter {
  readonly output: HlsOutput;
  /** What players are told of its tracks; null before `start`. */
  readonly tracks: MeasuredTracks | null;
  /** Segments that a playlist may name. */
  readonly published: readonly WrittenSegment[];
}

/** What a writer needs of its group. */
export interface HlsWriterOptions {
  readonly group: HlsOutputGroup;
  readonly output: HlsOutput;
  readonly objects: EngineObjects;
  readonly timeline: CutTimeline;
  /** True for the one output whose cuts the others follow. */
  readonly leads: boolean;
  readonly onPublished: () => void;
}

/** Makes the writer; nothing is created before the first packet. */
export function createHlsOutputWriter(options: HlsWriterOptions): HlsOutputWriter {
  const { group, output, timeline } = options;
  const hasVideo = output.videoRenditionId !== null;
  // Followers cut where the leader does, and it has weighed the last segment already.
  const minFinalUs = hasVideo || timeline.hasEnded ? Math.round(group.minFinalSegmentSeconds * 1e6) : 0;
  const files = createSegmentFiles({ ...options, minFinalUs });
  const isKeyFrameCut = keyFrameCuts(group.segmentLengthControl, group.segmentSeconds);
  let machine: Machine | null = null;
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

  async function workLoop(running: Machine): Promise<void> {
    const { queue, segmenter } = running;
    try {
      for (
        let item = queue.peek();
        item !== null && failure === null && segmenter.place(item);
        item = queue.peek()
      ) {
        queue.take();
        writeItem(running, item);
        const room = files.ready();
        if (room !== null) await room;
      }
      if (failure === null && running.videoEnded && running.queuedVideo === 0) segmenter.endVideo();
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      isWorking = false;
      wake();
    }
  }

  function writeItem(running: Machine, item: SegmentItem): void {
    try {
      running.segmenter.write(item);
    } finally {
      if (item.kind === 'video') {
        running.shelf.give(item.packet);
        running.queuedVideo -= 1;
      }
    }
  }

  /** Works until every queued packet is written. */
  async function drain(running: Machine): Promise<void> {
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

  function queueVideo(running: Machine, track: EncodedTrack, trackIndex: number, packet: Packet): void {
    const start: Instant = { ticks: packet.pts, base: track.timeBase };
    const decode: Instant = { ticks: packet.dts, base: track.timeBase };
    const isKey =
      packet.isKeyframe && packet.data !== null && isInstantRefresh(packet.data, nalCodecOf(track));
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
    published: files.published,
    async start(tracks) {
      const meter = measureTracks(tracks);
      const open = output.segmentFormat === 'mpegts' ? openTsMuxer : openPackedAudioMuxer;
      const muxer = open(output, tracks, files.write);
      machine = {
        tracks,
        meter,
        queue: createInterleaver<SegmentItem>(tracks.length),
        muxer,
        shelf: createPacketShelf(),
        segmenter: createSegmenter({ ...options, files, muxer, meter }),
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
        running.queue.push(trackIndex, { kind: 'audio', order: start, start, trackIndex, bytes });
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
        running.muxer.flush();
        await files.finish(toMicroseconds(running.meter.outputEnd()));
      } catch (error) {
        fail(error);
        throw error;
      } finally {
        close(running);
      }
      return outputResult(output, running.meter, files.published);
    },
    async abort() {
      fail(new Error(`output ${output.pointer} was aborted`));
      await files.abort();
      if (machine !== null) close(machine);
    },
  };
}

/** What exists once the tracks are known. */
interface Machine {
  readonly tracks: readonly EncodedTrack[];
  readonly meter: TrackMeter;
  readonly queue: Interleaver<SegmentItem>;
  readonly muxer: SegmentMuxer;
  readonly shelf: PacketShelf;
  readonly segmenter: Segmenter;
  /** The newest cut among queued video frames. */
  lastCut: Instant | null;
  queuedVideo: number;
  videoEnded: boolean;
}

function assertRunning(machine: Machine | null, failure: unknown): Machine {
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
function close({ queue, shelf, muxer }: Machine): void {
  queue.clear();
  shelf.free();
  muxer.close();
}

function nalCodecOf(track: EncodedTrack): 'H_264' | 'H_265' {
  const { codec } = track.rendition.encoder;
  if (codec === 'H_264' || codec === 'H_265') return codec;
  throw new TypeError(`HLS transport streams carry no ${codec}`);
}

function outputResult(
  output: HlsOutput,
  meter: TrackMeter,
  segments: readonly WrittenSegment[],
): OutputResult {
  const first = segments[0];
  const last = segments.at(-1);
  const durationUs = first === undefined || last === undefined ? 0 : last.endUs - first.startUs;
  const sizes = new Map<string, number>();
  for (const { location, sizeBytes } of segments) sizes.set(location, (sizes.get(location) ?? 0) + sizeBytes);
  return {
    outputIndex: output.outputIndex,
    locations: output.playlistLocation === null ? [] : [output.playlistLocation],
    objects: [...sizes].map(([location, sizeBytes]) => ({ location, sizeBytes })),
    durationMs: Math.round(durationUs / 1000),
    video: meter.videoResult(durationUs),
    audio: meter.audioResults(),
  };
}
