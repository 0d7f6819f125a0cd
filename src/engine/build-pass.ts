/**
 * Builds the graph of one pass from the plan: inputs → decoders → branches → encoders → outputs. In the first of
 * two passes only the encoders that collect statistics run, and their packets go nowhere.
 */
import type { Frame, Packet } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import type { AudioRendition, PlannedAudioSource, PlannedInput, VideoRendition } from '../plan/plan.ts';
import type { Edge } from './edge.ts';
import { createGraph, type Graph } from './graph.ts';
import { addAudioBranchNode } from './nodes/audio-branch-node.ts';
import { addAudioDecoderNode } from './nodes/audio-decoder-node.ts';
import { addEncoderNode, type PacketConsumer } from './nodes/encoder-node.ts';
import { addSilenceNode } from './nodes/silence-node.ts';
import { addSourceNode } from './nodes/source-node.ts';
import { addVideoBranchNode } from './nodes/video-branch-node.ts';
import { addVideoDecoderNode } from './nodes/video-decoder-node.ts';
import { type OpenSource, openSource } from './open-source.ts';
import { type Encoders, openEncoders, renditionIdsOf, startWriters, trackOf } from './open-tracks.ts';
import type { OutputWriter } from './output-writer.ts';
import type { Pass } from './pass.ts';
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
    const sources: OpenSource[] = [];
    for (const input of pass.plan.inputs) {
      const source = await openSource(input, pass.objects);
      graph.own(source, (open) => open.close());
      sources.push(source);
      connectInput(graph, pass, input, source, encoders);
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
      branches: video.map((rendition) => connectVideoRendition(graph, pass, rendition, input, encoders)),
      counters: pass.counters,
      onTick: clock.advance,
    });
  }
  for (const audio of input.audio) {
    const renditions = pass.plan.audioRenditions.filter(
      ({ id, inputIndex, audioSourceId }) =>
        inputIndex === input.inputIndex && audioSourceId === audio.id && encoders.has(id),
    );
    if (renditions.length === 0) continue;
    const branches = renditions.map((rendition) => connectAudioRendition(graph, pass, rendition, encoders));
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
  });
  return pictures;
}

function connectAudioRendition(
  graph: Graph,
  pass: Pass,
  rendition: AudioRendition,
  encoders: Encoders,
): Edge<Frame> {
  const sound = graph.frameEdge(soundEdge);
  const toEncoder = graph.frameEdge(soundEdge);
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  addAudioBranchNode(graph, rendition, encoder.frameSize, sound, toEncoder);
  addEncoderNode(graph, {
    id: rendition.id,
    plan: rendition.encoder,
    encoder,
    timeBase,
    frames: toEncoder,
    consumers: consumersOf(pass, rendition.id),
    counters: pass.counters,
    inline: pass.plan.videoRenditions.length > 0,
  });
  return sound;
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
