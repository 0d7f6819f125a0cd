/**
 * Node: decodes the one video track of an input, applies the filters all renditions share, gives each picture its
 * output tick and hands a reference to every branch. One decode, however many renditions (design D9).
 */
import { AV_FRAME_DATA_DISPLAYMATRIX, AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE } from 'node-av/constants';
import type { CodecContext, Frame, Packet, Stream } from 'node-av/lib';
import { jobFault } from '../../catalogue/fault.ts';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { PlannedInput, PlannedVideoSource } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { isAgain, isEnd, isExit, LibraryError } from '../library-error.ts';
import { recentLibraryLog } from '../library-log.ts';
import { openDecoder } from '../open-decoder.ts';
import type { RunCounters } from '../run-counters.ts';
import { createTickClock } from '../tick-clock.ts';
import { createVideoFilter } from '../video-filter.ts';
import { shareFrame } from './share-frame.ts';

/** The library's own time base for origins. */
const microseconds: Rational = { num: 1, den: 1_000_000 };
/** Slice threads of the shared filters; branches use one each because they run beside each other. */
const sharedFilterThreads = 2;

/** What the node needs to know of its place in the graph. */
export interface VideoDecoderPlace {
  readonly input: PlannedInput;
  readonly video: PlannedVideoSource;
  readonly stream: Stream;
  readonly isMp4: boolean;
  readonly packets: Edge<Packet>;
  /** Flow out: pictures in display order, timestamps in ticks of 1/frameRate from the origin. */
  readonly branches: readonly Edge<Frame>[];
  readonly counters: RunCounters;
  /** Called with the output tick after each picture, and at the end (silence follows it). */
  readonly onTick: (nextTick: bigint, hasEnded: boolean) => void;
}

/** Adds the node. Faults: 1020 when nothing decodes. */
export function addVideoDecoderNode(graph: Graph, place: VideoDecoderPlace): void {
  const { video, counters, branches } = place;
  const decoder = graph.own(openVideoDecoder(place), (context) => context.freeContext());
  const clock = createTickClock(video.frameRate);
  const timeBase: Rational = { num: place.stream.timeBase.num, den: place.stream.timeBase.den };
  const restamp = createRestamp(place.input.originUs, timeBase, video.frameRate);
  const filter = createVideoFilter({
    steps: video.sharedFilters,
    timeBase,
    frameRate: video.frameRate,
    target: null,
    threads: sharedFilterThreads,
    frames: graph.frames,
  });
  graph.own(filter, (open) => open.close());

  const emit = async (frame: Frame, base: Rational): Promise<void> => {
    const tick = clock.tickOf(frame.pts, base);
    if (tick === null) return graph.frames.give(frame);
    frame.pts = tick;
    frame.duration = 1n;
    place.onTick(clock.next, false);
    await shareFrame(graph, frame, branches);
  };
  let decoded = 0;
  const receiveAll = async (): Promise<void> => {
    for (;;) {
      const frame = graph.frames.take();
      const result = decoder.receiveFrameSync(frame);
      if (result < 0) {
        graph.frames.give(frame);
        if (isAgain(result) || isEnd(result)) return;
        noteDamage(result, place);
        return;
      }
      decoded += 1;
      counters.framesDecoded += 1;
      if (counters.framesDecoded === 1) counters.onFirstFrame();
      if (frame.decodeErrorFlags !== 0) counters.videoPacketsDamaged += 1;
      // The source's picture types would bind the encoder; its rotation was applied by the plan's filters.
      frame.pictType = AV_PICTURE_TYPE_NONE;
      frame.removeSideData(AV_FRAME_DATA_DISPLAYMATRIX);
      restamp(frame);
      await filter.filter(frame, emit);
    }
  };

  graph.node('video decoder', async () => {
    for (;;) {
      const packet = await place.packets.take();
      if (packet === null) break;
      const result = await decoder.sendPacket(packet);
      graph.packets.give(packet);
      if (result < 0) noteDamage(result, place);
      await receiveAll();
    }
    await decoder.sendPacket(null);
    await receiveAll();
    await filter.finish(emit);
    if (decoded === 0 || clock.next === 0n) throw noPicturesFault();
    place.onTick(clock.next, true);
    for (const branch of branches) branch.end();
  });
}

function openVideoDecoder(place: VideoDecoderPlace): CodecContext {
  try {
    return openDecoder(place.stream, place.video.decoderThreads);
  } catch (error) {
    throw jobFault(
      1020,
      'no-usable-video',
      { url: place.input.location },
      { component: 'decoder', mediaFact: (error as Error).message, detail: recentLibraryLog() },
      error,
    );
  }
}

/**
 * Moves timestamps to the plan's origin; a picture without one follows its predecessor. Containers that state no
 * duration, or that of a field, would let rate filters drop the last picture: it lasts at least as long as the one
 * before it did, up to one period of the rate.
 */
function createRestamp(originUs: number, timeBase: Rational, frameRate: Rational): (frame: Frame) => void {
  const origin = rescaleTicks(BigInt(Math.round(originUs)), microseconds, timeBase);
  const period = rescaleTicks(1n, { num: frameRate.den, den: frameRate.num }, timeBase);
  let next = origin;
  let last: bigint | null = null;
  return (frame) => {
    const own = frame.bestEffortTimestamp === AV_NOPTS_VALUE ? next : frame.bestEffortTimestamp;
    const distance = last === null ? period : own - last;
    const shown = distance < period ? distance : period;
    if (frame.duration < shown) frame.duration = shown;
    last = own;
    next = own + (frame.duration > 0n ? frame.duration : period);
    frame.pts = own - origin;
  };
}

function noteDamage(result: number, place: VideoDecoderPlace): void {
  if (isExit(result)) throw new LibraryError('video decoder', result);
  if (place.isMp4) place.counters.videoPacketsDamaged += 1;
}

function noPicturesFault(): Error {
  return jobFault(
    1020,
    'too-few-frames',
    {},
    {
      component: 'decoder',
      mediaFact: 'not one picture of the video track decodes',
      detail: recentLibraryLog(),
    },
  );
}
