/**
 * The graph of one clip: source → decoders → branches → lanes. It lives inside the graph of the pass, which owns
 * encoders and outputs, and ends with the clip; the lanes carry what must go on (design 5).
 */
import type { Frame, Packet, Stream } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import {
  addSpans,
  countIn,
  longerSpan,
  noTime,
  type Rational,
  rational,
  rationalToNumber,
  type Span,
  spanOf,
} from '../exact-time.ts';
import type { PlannedAudioSource, PlannedInput, VideoRendition } from '../plan/plan.ts';
import { connectCopies } from './clip-copies.ts';
import type { ClipPlace, ClipSources, EdgeFor, Lanes } from './clip-place.ts';
import { addTails, audioWay, connectSound, noteRepairs, soundLengthOf } from './clip-sound.ts';
import { clipWindows } from './clip-window.ts';
import { connectVideoCopies } from './copied-video.ts';
import type { Edge } from './edge.ts';
import { refuseEmptyClip } from './empty-clip.ts';
import { createGraph, type Graph } from './graph.ts';
import { addPreparationNodes, type PreparedBranch } from './nodes/preparation-node.ts';
import { untilSettled } from './nodes/sound-tail-node.ts';
import { addSourceNode } from './nodes/source-node.ts';
import { addVideoBranchNode } from './nodes/video-branch-node.ts';
import { addVideoDecoderNode, type VideoDecoderPlace } from './nodes/video-decoder-node.ts';
import { addVideoGeneratorNode } from './nodes/video-generator-node.ts';
import { noteTruncation } from './note-truncation.ts';
import { openInput } from './open-input.ts';
import type { OpenSource } from './open-source.ts';
import type { Pass } from './pass.ts';
import { hasQuickFilters, mostInlinePixels } from './quick-filters.ts';
import { observeSignals, signalLeadUs } from './signal-source.ts';
import { readStillPicture } from './still-picture.ts';
import { createVideoClock } from './video-clock.ts';
import { inlet, isFrameCapture, type VideoLane } from './video-lane.ts';

/** Queue lengths. Pictures are large; packets and sound are small. */
const pictureEdge = 4;
const packetEdge = 64;

/** Bytes read, added up over the clips. */
export interface ReadMeter {
  watch(source: OpenSource): void;
}

/** How long a clip turned out: all of it, and its pictures alone. */
export interface ClipLength {
  readonly whole: Span;
  readonly pictures: Span;
}

/** Runs one clip to its end. Throws JobFault with everything of the clip freed: 1060 when nothing is in it. */
export async function runClip(
  outer: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  meter: ReadMeter,
): Promise<ClipLength> {
  const graph = createGraph(outer.signal, outer);
  try {
    const sources = await openSources(graph, pass, lanes, place, meter);
    const videoLength = connectClip(graph, pass, lanes, place, sources);
    await graph.run();
    noteRepairs(pass, lanes, place, sources);
    const sound = soundLengthOf(lanes);
    const pictures = longerSpan(videoLength(), silentLength(lanes, place, sources));
    // Sound that was given before the picture turned out shorter keeps its place: the last picture stands for it.
    const whole = longerSpan(sound, pictures);
    refuseEmptyClip(place.window, lanes.audio.length > 0, whole);
    return { whole, pictures };
  } catch (error) {
    await graph.close();
    throw error;
  }
}

/** An input without sound is silent as long as it lasts, also where the job has no pictures to tell how long. */
function silentLength(
  { video, audio, videoCopies }: Lanes,
  { window }: ClipPlace,
  sources: ClipSources,
): Span {
  const isSilent = sources.ofAudio.size === 0 && audio.length > 0;
  if (!isSilent || video.length > 0 || videoCopies.length > 0) return noTime;
  const reached = audio.reduce((longest, lane) => longerSpan(longest, lane.reached), noTime);
  return addSpans(reached, window.length ?? expectedLength(window));
}

/** What is planned of the input without its other clips: pictures that the probe could not count. */
function expectedLength({ input }: ClipPlace['window']): Span {
  const lengths = clipWindows(input).map(({ length }) => length);
  if (input.durationUs === null || lengths.filter((length) => length === null).length > 1) return noTime;
  const known = lengths.reduce<Span>((sum, length) => addSpans(sum, length ?? noTime), noTime);
  const microseconds = rational(1_000_000);
  const left = BigInt(input.durationUs) - countIn(known, microseconds);
  return left <= 0n ? noTime : spanOf(left, microseconds);
}

async function openSources(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  { window: { input, skippedUs } }: ClipPlace,
  meter: ReadMeter,
): Promise<ClipSources> {
  const open = async (from: PlannedInput): Promise<OpenSource> => {
    // Splice messages come before their points.
    const leadUs = from.data === undefined ? 0 : signalLeadUs;
    const source = await openInput(from, pass.objects, Math.max(0, skippedUs - leadUs));
    meter.watch(source);
    return graph.own(source, (opened) => opened.close());
  };
  const own = input.audio.filter(({ file }) => file === undefined);
  const main = input.location === '' ? null : await open({ ...input, audio: own });
  const ofAudio = new Map<PlannedAudioSource, OpenSource>();
  for (const audio of input.audio) {
    const isHeard = [...lanes.audio, ...lanes.copies].some(
      ({ rendition }) => audioWay(rendition, input)?.audioSourceId === audio.id,
    );
    if (audio.streamIndexes.length === 0 || !isHeard) continue;
    const source = audio.file === undefined ? main : await open(inputOf(input, audio, audio.file));
    if (source !== null) ofAudio.set(audio, source);
  }
  return { main, ofAudio };
}

/** A sound file as an input of its own. */
function inputOf(
  input: PlannedInput,
  audio: PlannedAudioSource,
  { location, demuxer, originUs }: NonNullable<PlannedAudioSource['file']>,
): PlannedInput {
  const { composition: _ofTheInput, ...own } = input;
  return { ...own, location, demuxer, demuxerOptions: {}, video: null, audio: [audio], data: [], originUs };
}

/** Connects everything; the result tells the length of the video once the graph has run. */
function connectClip(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  sources: ClipSources,
): () => Span {
  const { input } = place.window;
  const edges = new Map<OpenSource, Map<number, Edge<Packet>[]>>();
  const edgeFor = (source: OpenSource, streamIndexes: readonly number[]): Edge<Packet> => {
    const edge = graph.packetEdge(packetEdge);
    const ofSource = edges.get(source) ?? new Map<number, Edge<Packet>[]>();
    edges.set(source, ofSource);
    for (const index of new Set(streamIndexes)) ofSource.set(index, [...(ofSource.get(index) ?? []), edge]);
    return edge;
  };
  const clock = createVideoClock();
  graph.signal.addEventListener('abort', () => clock.fail(graph.signal.reason), { once: true });

  let ticks = 0n;
  const onTick = (next: bigint, hasEnded: boolean): void => {
    ticks = next;
    clock.advance(next, hasEnded);
  };
  if (lanes.video.length > 0) connectVideo(graph, pass, lanes, place, sources, edgeFor, onTick);
  connectSound(graph, pass, lanes, place, sources, edgeFor);
  connectCopies(graph, pass, lanes.copies, place.window, sources.ofAudio, edgeFor);
  connectVideoCopies(graph, pass, lanes.videoCopies, place, sources.main, edgeFor);
  if (lanes.video.length > 0) addTails(graph, lanes, place, clock);
  for (const [source, ofSource] of edges) {
    addSourceNode(
      graph,
      source,
      ofSource,
      () => noteTruncation(pass, source),
      source === sources.main ? observeSignals(pass, place, source) : undefined,
    );
  }
  // Pictures that are not decoded last as long as was found when they were cut.
  const copied = place.window.cut === undefined ? noTime : (place.window.length ?? noTime);
  return () =>
    input.video === null || lanes.video.length === 0 ? copied : spanOf(ticks, input.video.frameRate);
}

/** Tells the black watch of every picture's place in the output; the first of two passes does not look. */
function blackLookout(
  { analysis }: Pass,
  { start }: ClipPlace,
  rate: Rational,
): Pick<VideoDecoderPlace, 'onPicture' | 'onPadding'> {
  if (analysis === null) return { onPicture() {}, onPadding() {} };
  const startMs = (Number(start.num) * 1000) / Number(start.den);
  const tickMs = 1000 / rationalToNumber(rate);
  return {
    onPicture(frame, tick) {
      const at = startMs + Number(tick) * tickMs;
      analysis.black.look(frame, at, at + tickMs);
    },
    onPadding: () => analysis.black.insert(tickMs),
  };
}

function connectVideo(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  { main }: ClipSources,
  edgeFor: EdgeFor,
  onTick: (next: bigint, hasEnded: boolean) => void,
): void {
  const { window } = place;
  const { video } = window.input;
  const decoded =
    video === null || video.generated !== undefined ? undefined : main?.stream(video.streamIndex);
  const inline = decoded !== undefined && isLightDecode(decoded, lanes.video.length);
  const common = {
    window,
    branches: addPreparationNodes(
      graph,
      lanes.video.map((lane) => connectVideoLane(graph, lane, place, inline)),
      video?.frameRate ?? rational(1),
    ),
    counters: pass.counters,
    onTick,
    async soundLength() {
      await Promise.all(lanes.audio.map((lane) => untilSettled(lane.ended, graph.signal)));
      return soundLengthOf(lanes);
    },
  };
  if (video?.generated !== undefined) {
    const { imageLocation } = video.generated;
    const size = video.generated;
    addVideoGeneratorNode(graph, {
      ...common,
      video: { ...video, generated: video.generated },
      openStill:
        imageLocation === null
          ? null
          : async () =>
              graph.own(await readStillPicture(pass.objects, imageLocation, size), (one) => one.free()),
    });
    return;
  }
  if (video === null || main === null) throw missingVideo(window.input);
  addVideoDecoderNode(graph, {
    ...common,
    video,
    ...blackLookout(pass, place, video.frameRate),
    stream: main.stream(video.streamIndex),
    isMp4: main.isMp4,
    packets: edgeFor(main, [video.streamIndex]),
    inline,
  });
}

/** Beside several encodes a hop costs little, and the event loop has more to do. */
function isLightDecode({ codecpar: { width, height } }: Stream, renditions: number): boolean {
  return renditions === 1 && width * height <= mostInlinePixels;
}

/** The first input goes through the rendition's own filters, another one through those planned for it. */
function connectVideoLane(
  graph: Graph,
  lane: VideoLane,
  { window, start }: ClipPlace,
  inline: boolean,
): PreparedBranch {
  const { input } = window;
  const pictures = graph.frameEdge(pictureEdge);
  const other = lane.rendition.otherInputs?.find(({ inputIndex }) => inputIndex === input.inputIndex);
  const rendition = other === undefined ? lane.rendition : { ...lane.rendition, ...other };
  const { preparation } = rendition;
  const rate = preparation?.frameRate ?? input.video?.frameRate ?? rendition.frameRate;
  const isShifted = isFrameCapture(rendition) && start.num > 0n;
  const planned = isShifted ? captureFrom(rendition, start) : rendition;
  addVideoBranchNode(graph, planned, {
    sourceRate: rate,
    pictures,
    toEncoder: lane.open(start, input.inputIndex),
    inline: inline && hasQuickFilters(planned),
  });
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

function missingVideo(input: PlannedInput): Error {
  return jobFault(1020, 'no-usable-video', { url: input.location }, { component: 'planner' });
}
