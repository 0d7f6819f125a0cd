/**
 * Builds the graph of one pass from the plan: inputs → decoders → branches → encoders → outputs. In the first of
 * two passes only the encoders that collect statistics run, and their packets go nowhere.
 */
import type { Frame, Packet } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import type { AudioRendition, PlannedAudioSource, PlannedInput, VideoRendition } from '../plan/plan.ts';
import type { Edge } from './edge.ts';
import { followPicture } from './follow-picture.ts';
import { createGraph, type Graph } from './graph.ts';
import { correctionSteps } from './loudness-correction.ts';
import { createLoudnessMeter, type LoudnessMeter } from './loudness-meter.ts';
import { addAudioBranchNode } from './nodes/audio-branch-node.ts';
import { addAudioDecoderNode } from './nodes/audio-decoder-node.ts';
import { addCopyNode } from './nodes/copy-node.ts';
import { addEncoderNode, type PacketConsumer } from './nodes/encoder-node.ts';
import { addLoudnessNode } from './nodes/loudness-node.ts';
import { addSilenceNode } from './nodes/silence-node.ts';
import { addSourceNode } from './nodes/source-node.ts';
import { addVideoBranchNode } from './nodes/video-branch-node.ts';
import { addVideoDecoderNode } from './nodes/video-decoder-node.ts';
import { type OpenSource, openSource } from './open-source.ts';
import { type Encoders, openEncoders, renditionIdsOf, startWriters, trackOf } from './open-tracks.ts';
import type { OutputWriter } from './output-writer.ts';
import type { Pass } from './pass.ts';
import { createPictureEnds, type PictureEnds } from './picture-ends.ts';
import { createVideoClock } from './video-clock.ts';

/** Queue lengths. Pictures are large; packets and sound are small. */
const pictureEdge = 4;
const soundEdge = 32;
const packetEdge = 64;

/** Opens everything and connects it; the graph then only needs `run`. Throws JobFault with everything closed again. */
export async function buildPass(pass: Pass): Promise<Graph> {
  const graph = createGraph(pass.signal);
  // Whoever waits inside a writer is waiting for the graph: a stopped graph must not wait for it in turn.
  graph.signal.addEventListener('abort', () => {
    for (const group of pass.groups) group.abort().catch(() => {});
  });
  try {
    const encoders = await openEncoders(graph, pass);
    await startWriters(pass, encoders);
    const ends = createPictureEnds();
    graph.signal.addEventListener('abort', () => ends.fail(graph.signal.reason), { once: true });
    const sources: OpenSource[] = [];
    for (const input of pass.plan.inputs) {
      const source = await openSource(input, pass.objects);
      graph.own(source, (open) => open.close());
      sources.push(source);
      connectInput(graph, pass, input, source, encoders, ends);
    }
    pass.setBytesRead(() => sources.reduce((sum, source) => sum + source.bytesRead, 0));
    return graph;
  } catch (error) {
    await graph.close();
    throw error;
  }
}

/** All outputs that carry a rendition, with its track number there. */
function consumersOf({ groups }: Pass, renditionId: string): PacketConsumer[] {
  return groups.flatMap((open) =>
    open.group.outputs.flatMap((output) => {
      const trackIndex = renditionIdsOf(output).indexOf(renditionId);
      const writer: OutputWriter = open.writer(output.outputIndex);
      return trackIndex < 0 ? [] : [{ writer, trackIndex }];
    }),
  );
}

function connectInput(
  graph: Graph,
  pass: Pass,
  input: PlannedInput,
  source: OpenSource,
  encoders: Encoders,
  ends: PictureEnds,
): void {
  const packetEdges = new Map<number, Edge<Packet>[]>();
  const edgeFor = (streamIndexes: readonly number[]): Edge<Packet> => {
    const edge = graph.packetEdge(packetEdge);
    for (const index of streamIndexes) packetEdges.set(index, [...(packetEdges.get(index) ?? []), edge]);
    return edge;
  };
  const clock = createVideoClock();
  graph.signal.addEventListener('abort', () => clock.fail(graph.signal.reason), { once: true });

  const video = pass.plan.videoRenditions.filter(
    ({ id, inputIndex }) => inputIndex === input.inputIndex && encoders.has(id),
  );
  if (video.length > 0) {
    if (input.video === null) throw missingVideo(input);
    const packets = edgeFor([input.video.streamIndex]);
    addVideoDecoderNode(graph, {
      input,
      video: input.video,
      stream: source.stream(input.video.streamIndex),
      isMp4: source.isMp4,
      packets,
      branches: video.map((rendition) =>
        connectVideoRendition(graph, pass, rendition, input, encoders, ends),
      ),
      counters: pass.counters,
      onTick: clock.advance,
    });
  }
  for (const audio of input.audio) {
    const renditions = pass.plan.audioRenditions.filter(
      (rendition) =>
        rendition.inputIndex === input.inputIndex &&
        rendition.audioSourceId === audio.id &&
        (encoders.has(rendition.id) || isMeasuredFirst(pass, rendition, audio)),
    );
    for (const rendition of renditions.filter(isCopied))
      connectCopy(graph, pass, input, audio, rendition, source, edgeFor(audio.streamIndexes), encoders);
    const made = renditions.filter((rendition) => !isCopied(rendition));
    if (made.length === 0) continue;
    const branches = made.map((rendition) =>
      encoders.has(rendition.id)
        ? connectAudioRendition(graph, pass, rendition, encoders, ends)
        : connectMeasurement(graph, pass, rendition),
    );
    if (audio.streamIndexes.length === 0) connectSilence(graph, input, clock, branches);
    else connectAudioSource(graph, pass, input, audio, source, edgeFor(audio.streamIndexes), branches);
  }
  addSourceNode(graph, source, packetEdges, () => noteTruncation(pass, source));
}

function connectVideoRendition(
  graph: Graph,
  pass: Pass,
  rendition: VideoRendition,
  input: PlannedInput,
  encoders: Encoders,
  ends: PictureEnds,
): Edge<Frame> {
  const pictures = graph.frameEdge(pictureEdge);
  const toEncoder = graph.frameEdge(pictureEdge);
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  addVideoBranchNode(graph, rendition, input.video?.frameRate ?? rendition.frameRate, pictures, toEncoder);
  addEncoderNode(graph, {
    id: rendition.id,
    plan: rendition.encoder,
    encoder,
    timeBase,
    frames: toEncoder,
    consumers: consumersOf(pass, rendition.id),
    counters: pass.counters,
    inline: false,
    onEnd: (endUs) => ends.report(rendition.id, endUs),
  });
  return pictures;
}

function connectAudioRendition(
  graph: Graph,
  pass: Pass,
  rendition: AudioRendition,
  encoders: Encoders,
  ends: PictureEnds,
): Edge<Frame> {
  const sound = graph.frameEdge(soundEdge);
  const toEncoder = graph.frameEdge(soundEdge);
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  const { endsWithVideo } = rendition;
  const meter = createOutputMeter(graph, rendition);
  const picture = {
    reachedUs: () => pass.counters.reachedUs.get(endsWithVideo ?? '') ?? 0,
    end: () => ends.endOf(endsWithVideo ?? ''),
  };
  const consumers = consumersOf(pass, rendition.id);
  addAudioBranchNode(graph, {
    rendition,
    frameSamples: encoder.frameSize,
    correction: correctionSteps(rendition, pass.loudness.get(rendition.id)),
    meter,
    fillUntil: endsWithVideo === null ? null : picture.end,
    sound,
    toEncoder,
  });
  addEncoderNode(graph, {
    id: rendition.id,
    plan: rendition.encoder,
    encoder,
    timeBase,
    frames: toEncoder,
    consumers:
      endsWithVideo === null ? consumers : consumers.map((one) => followPicture(one, timeBase, picture)),
    counters: pass.counters,
    inline: pass.plan.videoRenditions.length > 0,
    onEnd: () => {
      if (meter !== null) pass.loudness.set(rendition.id, meter.finish());
    },
  });
  return sound;
}

/** Sound that is measured and not corrected is measured on its way to the encoder, when somebody wants to know. */
function createOutputMeter(graph: Graph, { loudness }: AudioRendition): LoudnessMeter | null {
  if (loudness === null || loudness.correction !== null || !loudness.isLogged) return null;
  return graph.own(createLoudnessMeter(loudness, graph.frames), (meter) => meter.free());
}

/** Loudness is corrected by one gain for the whole programme, so it is measured in a pass of its own. Silence has none. */
function isMeasuredFirst(
  { passNumber }: Pass,
  { loudness }: AudioRendition,
  source: PlannedAudioSource,
): boolean {
  return passNumber === 1 && loudness?.correction != null && source.streamIndexes.length > 0;
}

function connectMeasurement(graph: Graph, pass: Pass, rendition: AudioRendition): Edge<Frame> {
  const sound = graph.frameEdge(soundEdge);
  const mixed = graph.frameEdge(soundEdge);
  addAudioBranchNode(graph, {
    rendition,
    frameSamples: 0,
    correction: [],
    meter: null,
    fillUntil: null,
    sound,
    toEncoder: mixed,
  });
  addLoudnessNode(graph, rendition, mixed, (measured) => pass.loudness.set(rendition.id, measured));
  return sound;
}

function isCopied({ encoder }: AudioRendition): boolean {
  return encoder.encoder === 'copy';
}

function connectCopy(
  graph: Graph,
  pass: Pass,
  input: PlannedInput,
  audio: PlannedAudioSource,
  rendition: AudioRendition,
  source: OpenSource,
  packets: Edge<Packet>,
  encoders: Encoders,
): void {
  const stream = source.stream(audio.streamIndexes[0] ?? -1);
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  addCopyNode(graph, {
    id: rendition.id,
    sourceBase: { num: stream.timeBase.num, den: stream.timeBase.den },
    timeBase,
    originUs: input.originUs - audio.offsetMs * 1000,
    frameSamples: encoder.frameSize,
    packets,
    consumers: consumersOf(pass, rendition.id),
    counters: pass.counters,
  });
}

function connectAudioSource(
  graph: Graph,
  pass: Pass,
  input: PlannedInput,
  audio: PlannedAudioSource,
  source: OpenSource,
  packets: Edge<Packet>,
  branches: readonly Edge<Frame>[],
): void {
  addAudioDecoderNode(graph, {
    source: audio,
    streams: audio.streamIndexes.map((index) => source.stream(index)),
    originUs: input.originUs,
    packets,
    branches,
    counters: pass.counters,
  });
}

function connectSilence(
  graph: Graph,
  input: PlannedInput,
  clock: ReturnType<typeof createVideoClock>,
  branches: readonly Edge<Frame>[],
): void {
  if (input.video === null) throw missingVideo(input);
  addSilenceNode(graph, clock, input.video.frameRate, branches);
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
