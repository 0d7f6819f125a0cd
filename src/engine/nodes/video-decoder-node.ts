/**
 * Node: decodes the one video track of an input, applies the filters all renditions share, gives each picture its
 * output tick and hands a reference to every branch. One decode, however many renditions (design D9).
 */
import {
  AV_FRAME_DATA_DISPLAYMATRIX,
  AV_NOPTS_VALUE,
  AV_PICTURE_TYPE_NONE,
  AVERROR_EOF,
} from 'node-av/constants';
import type { CodecContext, Frame, Packet, Stream } from 'node-av/lib';
import { jobFault } from '../../catalogue/fault.ts';
import { type Rational, rationalToNumber, rescaleTicks, type Span } from '../../exact-time.ts';
import type { PlannedVideoSource } from '../../plan/plan.ts';
import { createBreather } from '../breathe.ts';
import type { ClipWindow } from '../clip-window.ts';
import type { Edge } from '../edge.ts';
import { openFilterChain, videoShapeOf } from '../filter-chain.ts';
import { keepFirstPicture } from '../first-picture.ts';
import type { Graph } from '../graph.ts';
import { createPacketSender } from '../inline-call.ts';
import { assertDone, isAgain, isEnd, isExit, LibraryError } from '../library-error.ts';
import { recentLibraryLog } from '../library-log.ts';
import { openDecoder } from '../open-decoder.ts';
import { elementaryDemuxers } from '../probe/demuxers.table.ts';
import type { RunCounters } from '../run-counters.ts';
import { createTickClock } from '../tick-clock.ts';
import { createVideoFilter } from '../video-filter.ts';
import { shareFrame } from './share-frame.ts';
import { wholeFrames } from './video-generator-node.ts';

/** The library's own time base for origins. */
const microseconds: Rational = { num: 1, den: 1_000_000 };
/** Slice threads of the shared filters; branches use one each because they run beside each other. */
const sharedFilterThreads = 2;

const mostMissingSeconds = 10;

/** What the node needs to know of its place in the graph. */
export interface VideoDecoderPlace {
  readonly window: ClipWindow;
  readonly video: PlannedVideoSource;
  readonly stream: Stream;
  readonly isMp4: boolean;
  readonly packets: Edge<Packet>;
  /** Decode on the event loop while that is quick: beside a single encode a hop to the thread pool is dear. */
  readonly inline: boolean;
  /** Flow out: pictures in display order, timestamps in ticks of 1/frameRate from the clip's first picture. */
  readonly branches: readonly Edge<Frame>[];
  readonly counters: RunCounters;
  /** Called with each picture of the source and its tick, before others can change it. */
  readonly onPicture: (frame: Frame, tick: bigint) => void;
  /** Called for each black picture that stands where the source has none. */
  readonly onPadding: () => void;
  /** Called with the tick after each picture, and at the end (silence follows it). */
  readonly onTick: (nextTick: bigint, hasEnded: boolean) => void;
  /** Length of the clip's sound, once it has ended. */
  readonly soundLength: () => Promise<Span>;
}

/** Adds the node. Faults: 1020 when nothing decodes, 1060 when nothing of a clip does. */
export function addVideoDecoderNode(graph: Graph, place: VideoDecoderPlace): void {
  const { video, counters, branches, window } = place;
  const decoder = graph.own(openVideoDecoder(place), (context) => context.freeContext());
  const clock = createTickClock(video.frameRate);
  const timeBase: Rational = { num: place.stream.timeBase.num, den: place.stream.timeBase.den };
  const restamp = createRestamp(place, timeBase);
  const isBeforeClip = createClipStart(window, timeBase, video.frameRate);
  const filter = createVideoFilter({
    steps: video.sharedFilters,
    timeBase,
    frameRate: video.frameRate,
    target: null,
    threads: sharedFilterThreads,
    inline: false,
    frames: graph.frames,
  });
  graph.own(filter, (open) => open.close());

  /** A whole input whose first picture is later than this has a clock that nothing can be told from. */
  const mostMissing = BigInt(Math.ceil(mostMissingSeconds * rationalToNumber(video.frameRate)));
  /** Ticks of the clip that have a picture. */
  let given = 0n;
  let isDone = false;
  const first = keepFirstPicture(graph.frames);
  let isShort = false;
  const give = async (frame: Frame, tick: bigint): Promise<void> => {
    frame.pts = tick;
    frame.duration = 1n;
    given = tick + 1n;
    place.onTick(given, false);
    await shareFrame(graph, frame, branches);
  };
  const emit = async (frame: Frame, base: Rational): Promise<void> => {
    const tick = clock.tickOf(frame.pts, base);
    isDone ||= tick !== null && window.lastTick !== null && tick >= window.lastTick;
    const isKept =
      tick !== null && tick >= window.firstTick && (window.lastTick === null || tick <= window.lastTick);
    if (!isKept || (isShort && given > 0n)) return graph.frames.give(frame);
    const local = tick - window.firstTick;
    if (video.padsBlack) {
      keepShape(frame);
      if (given === 0n) await giveBlack(local);
    }
    // Where reading begins behind the start (no earlier key frame), the first picture stands for those before it.
    if (given === 0n && (window.clip !== null || local <= mostMissing)) {
      for (let missing = 0n; missing < local; missing += 1n) {
        const repeated = graph.frames.take();
        assertDone(repeated.ref(frame), 'frame reference');
        place.onPicture(repeated, missing);
        await give(repeated, missing);
      }
    }
    place.onPicture(frame, local);
    await give(frame, local);
  };
  /** A picture to make black ones like. */
  let like: Frame | null = null;
  const keepShape = (frame: Frame): void => {
    if (like !== null) return;
    like = graph.frames.take();
    assertDone(like.ref(frame), 'frame reference');
  };
  const giveBlack = async (until: bigint): Promise<void> => {
    if (like === null || given >= until) return;
    const black = blackLike(graph, like);
    while (given < until) {
      const repeated = graph.frames.take();
      assertDone(repeated.ref(black), 'frame reference');
      place.onPadding();
      await give(repeated, given);
    }
    graph.frames.give(black);
  };
  let decoded = 0;
  /** The picture that is still shown when the clip begins. */
  let held: Frame | null = null;
  const pass = async (frame: Frame): Promise<void> => {
    if (isBeforeClip(frame)) {
      if (held !== null) graph.frames.give(held);
      held = frame;
      return;
    }
    if (held !== null) await filter.filter(held, emit);
    held = null;
    first.see(frame, given > 0n);
    await filter.filter(frame, emit);
  };
  const receiveAll = async (): Promise<void> => {
    for (;;) {
      const frame = graph.frames.take();
      const result = isDone ? AVERROR_EOF : decoder.receiveFrameSync(frame);
      if (result < 0) {
        graph.frames.give(frame);
        if (isAgain(result) || isEnd(result)) return;
        noteDamage(result, place);
        return;
      }
      decoded += 1;
      counters.framesDecoded += 1;
      if (counters.framesDecoded === 1) counters.onFirstFrame();
      if (frame.decodeErrorFlags !== 0) countDamage(place);
      // The source's picture types would bind the encoder; its rotation was applied by the plan's filters.
      frame.pictType = AV_PICTURE_TYPE_NONE;
      frame.removeSideData(AV_FRAME_DATA_DISPLAYMATRIX);
      restamp(frame);
      await pass(frame);
    }
  };

  graph.node('video decoder', async () => {
    const send = createPacketSender(decoder, place.inline);
    const breathe = createBreather();
    for (;;) {
      const packet = await place.packets.take();
      if (packet === null) break;
      const result = await send(packet);
      graph.packets.give(packet);
      if (result < 0) noteDamage(result, place);
      await receiveAll();
      // Nothing later is wanted: neither by the clip nor by any rendition.
      isDone ||= branches.every((branch) => branch.isLeft);
      if (isDone) break;
      await breathe();
    }
    if (isDone) place.packets.leave();
    else {
      await send(null);
      await receiveAll();
      if (held !== null) await filter.filter(held, emit);
      held = null;
      const period = rationalToNumber(timeBase) * rationalToNumber(video.frameRate);
      const again = first.again(given > 0n, 1 / period);
      isShort = again !== null;
      if (again !== null) await filter.filter(again, emit);
      await filter.finish(emit);
    }
    if (decoded === 0 || given === 0n) throw noPicturesFault(window, decoded);
    if (video.padsBlack && window.lastTick === null) {
      await giveBlack(wholeFrames(await place.soundLength(), video));
    }
    place.onTick(given, true);
    for (const branch of branches) branch.end();
  });
}

/** A black picture of the same size and format. */
function blackLike(graph: Graph, frame: Frame): Frame {
  const chain = openFilterChain(
    [{ ...videoShapeOf(frame), timeBase: { num: 1, den: 25 } }],
    '[in0]drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill[out]',
    1,
  );
  const pushed = graph.frames.take();
  const black = graph.frames.take();
  assertDone(pushed.ref(frame), 'frame reference');
  try {
    chain.pushNow(0, pushed);
    chain.pushNow(0, null);
    chain.pull(black);
    return black;
  } finally {
    graph.frames.give(pushed);
    chain.free();
  }
}

function openVideoDecoder(place: VideoDecoderPlace): CodecContext {
  try {
    return openDecoder(place.stream, place.video.decoderThreads);
  } catch (error) {
    throw jobFault(
      1020,
      'no-usable-video',
      { url: place.window.input.location },
      { component: 'decoder', mediaFact: (error as Error).message, detail: recentLibraryLog() },
      error,
    );
  }
}

/**
 * Moves timestamps to the plan's origin; a picture without one follows its predecessor, as all of an elementary stream
 * do: what the library gives those are guesses. Containers that state no
 * duration, or that of a field, would let rate filters drop the last picture: it lasts at least as long as the one
 * before it did, up to one period of the rate.
 */
function createRestamp(
  { window: { input }, video: { frameRate }, stream }: VideoDecoderPlace,
  timeBase: Rational,
): (frame: Frame) => void {
  const period = rescaleTicks(1n, { num: frameRate.den, den: frameRate.num }, timeBase);
  // AVI numbers pictures in decoding order: they come out late by as many as the decoder holds back.
  const delay = input.demuxer === 'avi' ? BigInt(stream.codecpar.videoDelay) * period : 0n;
  const origin = rescaleTicks(BigInt(Math.round(input.originUs)), microseconds, timeBase) + delay;
  const isStamped = !elementaryDemuxers.has(input.demuxer);
  let next = origin;
  let last: bigint | null = null;
  return (frame) => {
    const hasOwn = isStamped && frame.bestEffortTimestamp !== AV_NOPTS_VALUE;
    const own = hasOwn ? frame.bestEffortTimestamp : next;
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
  countDamage(place);
}

/** Warning 230008 speaks of MP4 inputs; damage elsewhere has no code (spec errors.md 6). */
function countDamage({ isMp4, counters }: VideoDecoderPlace): void {
  if (isMp4) counters.videoPacketsDamaged += 1;
}

function noPicturesFault({ clip }: ClipWindow, decoded: number): Error {
  const facts = { component: 'decoder', detail: recentLibraryLog() };
  if (clip !== null) {
    const mediaFact = `${decoded} pictures were decoded, none of them between ${clip.startTimecode} and ${clip.endTimecode ?? 'the end'}`;
    return jobFault(1060, 'no-pictures', {}, { ...facts, mediaFact });
  }
  return jobFault(
    1020,
    'too-few-frames',
    {},
    { ...facts, mediaFact: 'not one picture of the video track decodes' },
  );
}

/** Pictures before the clip are decoded for those that refer to them, and not filtered. */
function createClipStart(
  { firstTick }: ClipWindow,
  timeBase: Rational,
  frameRate: Rational,
): (frame: Frame) => boolean {
  if (firstTick === 0n) return () => false;
  // Half a frame early: containers round instants to their own ticks.
  const start = rescaleTicks(2n * firstTick - 1n, { num: frameRate.den, den: 2 * frameRate.num }, timeBase);
  return (frame) => frame.pts < start;
}
