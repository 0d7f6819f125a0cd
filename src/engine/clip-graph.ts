/**
 * The graph of one clip: source → decoders → branches → lanes. It lives inside the graph of the pass, which owns
 * encoders and outputs, and ends with the clip; the lanes carry what must go on (design 5).
 */
import type { Frame, Packet } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import {
  addSpans,
  countIn,
  longerSpan,
  noTime,
  type Rational,
  rationalToNumber,
  type Span,
  spanOf,
} from '../exact-time.ts';
import type { AudioRendition, PlannedAudioSource, PlannedInput, VideoRendition } from '../plan/plan.ts';
import type { AudioLane } from './audio-lane.ts';
import type { ClipWindow } from './clip-window.ts';
import type { Edge } from './edge.ts';
import { createGraph, type Graph } from './graph.ts';
import { addAudioBranchNode } from './nodes/audio-branch-node.ts';
import { addAudioDecoderNode } from './nodes/audio-decoder-node.ts';
import { addPreparationNodes, type PreparedBranch } from './nodes/preparation-node.ts';
import { addSoundTailNode } from './nodes/sound-tail-node.ts';
import { addSourceNode } from './nodes/source-node.ts';
import { addVideoBranchNode } from './nodes/video-branch-node.ts';
import { addVideoDecoderNode } from './nodes/video-decoder-node.ts';
import { type OpenSource, openSource } from './open-source.ts';
import type { Pass } from './pass.ts';
import { createVideoClock, type VideoClock } from './video-clock.ts';
import { inlet, isFrameCapture, type VideoLane } from './video-lane.ts';

/** Queue lengths. Pictures are large; packets and sound are small. */
const pictureEdge = 4;
const soundEdge = 32;
const packetEdge = 64;

/** The renditions of a pass, each with its place on the output timeline. */
export interface Lanes {
  readonly video: readonly VideoLane[];
  readonly audio: readonly AudioLane[];
}

/** One clip on the output timeline. */
export interface ClipPlace {
  readonly window: ClipWindow;
  readonly start: Span;
  /** Nothing follows: sound may outlast the picture. */
  readonly isLast: boolean;
}

/** Bytes read, added up over the clips. */
export interface ReadMeter {
  watch(source: OpenSource): void;
}

/** Runs one clip to its end and returns its length. Throws JobFault with everything of the clip freed. */
export async function runClip(
  outer: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  meter: ReadMeter,
): Promise<Span> {
  const graph = createGraph(outer.signal, outer);
  try {
    const { input, skippedUs } = place.window;
    const source = await openSource(input, pass.objects, skippedUs);
    graph.own(source, (open) => open.close());
    meter.watch(source);
    const videoLength = connectClip(graph, pass, lanes, place, source);
    await graph.run();
    return longestOf(place, lanes, videoLength());
  } catch (error) {
    await graph.close();
    throw error;
  }
}

/** Sound that was given before the picture turned out shorter keeps its place: the last picture stands for it. */
function longestOf({ start }: ClipPlace, lanes: Lanes, videoLength: Span): Span {
  return lanes.audio.reduce((longest, lane) => {
    const given = spanOf(lane.samples, { num: lane.rendition.sampleRateHz, den: 1 });
    const own = { num: given.num * start.den - start.num * given.den, den: given.den * start.den };
    return longerSpan(longest, own);
  }, videoLength);
}

/** Connects everything; the result tells the length of the video once the graph has run. */
function connectClip(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  source: OpenSource,
): () => Span {
  const { input } = place.window;
  const packetEdges = new Map<number, Edge<Packet>[]>();
  const edgeFor = (streamIndexes: readonly number[]): Edge<Packet> => {
    const edge = graph.packetEdge(packetEdge);
    for (const index of new Set(streamIndexes))
      packetEdges.set(index, [...(packetEdges.get(index) ?? []), edge]);
    return edge;
  };
  const clock = createVideoClock();
  graph.signal.addEventListener('abort', () => clock.fail(graph.signal.reason), { once: true });

  let ticks = 0n;
  if (lanes.video.length > 0) {
    if (input.video === null) throw missingVideo(input);
    addVideoDecoderNode(graph, {
      window: place.window,
      video: input.video,
      stream: source.stream(input.video.streamIndex),
      isMp4: source.isMp4,
      packets: edgeFor([input.video.streamIndex]),
      branches: addPreparationNodes(
        graph,
        lanes.video.map((lane) => connectVideoLane(graph, lane, place)),
        input.video.frameRate,
      ),
      counters: pass.counters,
      onPicture: blackLookout(pass, place, input.video.frameRate),
      onTick(next, hasEnded) {
        ticks = next;
        clock.advance(next, hasEnded);
      },
    });
  }
  connectSound(graph, pass, lanes, place, source, edgeFor);
  if (lanes.video.length > 0) addTails(graph, lanes, place, clock);
  addSourceNode(graph, source, packetEdges, () => noteTruncation(pass, source));
  return () =>
    input.video === null || lanes.video.length === 0 ? noTime : spanOf(ticks, input.video.frameRate);
}

/** Tells the black watch of every picture's place in the output; the first of two passes does not look. */
function blackLookout(
  { analysis }: Pass,
  { start }: ClipPlace,
  rate: Rational,
): (frame: Frame, tick: bigint) => void {
  if (analysis === null) return () => {};
  const startMs = (Number(start.num) * 1000) / Number(start.den);
  const tickMs = 1000 / rationalToNumber(rate);
  return (frame, tick) => {
    const at = startMs + Number(tick) * tickMs;
    analysis.black.look(frame, at, at + tickMs);
  };
}

/** The first input goes through the rendition's own filters, another one through those planned for it. */
function connectVideoLane(graph: Graph, lane: VideoLane, { window, start }: ClipPlace): PreparedBranch {
  const { input } = window;
  const pictures = graph.frameEdge(pictureEdge);
  const other = lane.rendition.otherInputs?.find(({ inputIndex }) => inputIndex === input.inputIndex);
  const rendition = other === undefined ? lane.rendition : { ...lane.rendition, ...other };
  const { preparation } = rendition;
  const rate = preparation?.frameRate ?? input.video?.frameRate ?? rendition.frameRate;
  const isShifted = isFrameCapture(rendition) && start.num > 0n;
  const planned = isShifted ? captureFrom(rendition, start) : rendition;
  addVideoBranchNode(graph, planned, rate, pictures, lane.open(start));
  return { preparation, pictures: isShifted ? shifted(pictures, countIn(start, rate)) : pictures };
}

/** Captures stand at whole periods of the output, so their filter counts from the start of the job. */
function captureFrom(rendition: VideoRendition, start: Span): VideoRendition {
  const seconds = Number((start.num * 1_000_000n) / start.den) / 1_000_000;
  const filters = rendition.filters.map((step) =>
    step.options.start_time === undefined
      ? step
      : { ...step, options: { ...step.options, start_time: seconds.toFixed(6) } },
  );
  return { ...rendition, filters };
}

function shifted(edge: Edge<Frame>, ticks: bigint): Edge<Frame> {
  return inlet(
    (frame) => {
      frame.pts += ticks;
      return edge.put(frame);
    },
    () => edge.isLeft,
    () => edge.end(),
  );
}

function connectSound(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  source: OpenSource,
  edgeFor: (streamIndexes: readonly number[]) => Edge<Packet>,
): void {
  const { input, length, clip } = place.window;
  // What follows decides how much fits: sound that outlasts the picture belongs to no later clip.
  const isBounded = clip?.lastFrame != null || !place.isLast;
  const limit = length === null || !isBounded ? null : addSpans(place.start, length);
  const open = new Map<AudioLane, Edge<Frame>>(lanes.audio.map((lane) => [lane, lane.open(limit)]));
  for (const audio of input.audio) {
    const fed = lanes.audio.filter(({ rendition }) => audioWay(rendition, input)?.audioSourceId === audio.id);
    if (fed.length === 0 || audio.streamIndexes.length === 0) continue;
    const branches = fed.map((lane) => {
      const sound = graph.frameEdge(soundEdge);
      const into = open.get(lane);
      open.delete(lane);
      const way = audioWay(lane.rendition, input);
      if (into !== undefined) addAudioBranchNode(graph, { ...lane.rendition, ...way }, 0, sound, into);
      return sound;
    });
    connectAudioSource(graph, pass, place, audio, source, edgeFor(audio.streamIndexes), branches, fed);
  }
  // Lanes that this input has no sound for: their clip is silent.
  for (const into of open.values()) into.end();
}

/** Source and filters of a rendition's sound in an input; null when the input gives it none. */
function audioWay(
  rendition: AudioRendition,
  { inputIndex }: PlannedInput,
): Pick<AudioRendition, 'audioSourceId' | 'filters'> | null {
  if (rendition.inputIndex === inputIndex) return rendition;
  return rendition.otherInputs?.find((other) => other.inputIndex === inputIndex) ?? null;
}

function connectAudioSource(
  graph: Graph,
  pass: Pass,
  { window }: ClipPlace,
  audio: PlannedAudioSource,
  source: OpenSource,
  packets: Edge<Packet>,
  branches: readonly Edge<Frame>[],
  fed: readonly AudioLane[],
): void {
  addAudioDecoderNode(graph, {
    source: audio,
    isClip: window.clip !== null,
    isFull: () => fed.every((lane) => lane.isFull),
    streams: audio.streamIndexes.map((index) => source.stream(index)),
    originUs: window.originUs,
    packets,
    branches,
    counters: pass.counters,
  });
}

function addTails(graph: Graph, lanes: Lanes, place: ClipPlace, clock: VideoClock): void {
  const rate = place.window.input.video?.frameRate;
  if (rate === undefined) return;
  for (const lane of lanes.audio) addSoundTailNode(graph, lane, clock, place.start, rate);
}

function missingVideo(input: PlannedInput): Error {
  return jobFault(1020, 'no-usable-video', { url: input.location }, { component: 'planner' });
}

/** Missing samples fail the job; a damaged tail is a warning, because outputs exist (spec errors.md 1076, 220000). */
function noteTruncation(pass: Pass, source: OpenSource): void {
  const truncation = source.truncation();
  if (truncation === 'missing-samples') {
    const mediaFact = `the object ends at byte ${source.sizeBytes}, before samples that its index declares`;
    throw jobFault(1076, 'truncated', { bytes: source.sizeBytes }, { component: 'demuxer', mediaFact });
  }
  if (truncation === 'tail' && pass.passNumber !== 1) pass.counters.inputsTruncated += 1;
}
