/**
 * Builds the graph of one pass from the plan: clips of all inputs, one after another → lanes → encoders → outputs.
 * In the first of two passes only the encoders that collect statistics run, and their packets go nowhere.
 */
import { addSpans, noTime } from '../exact-time.ts';
import { createAudioLane } from './audio-lane.ts';
import { type Lanes, runClip } from './clip-graph.ts';
import { clipWindows } from './clip-window.ts';
import { createGraph, type Graph } from './graph.ts';
import { addEncoderNode, type PacketConsumer } from './nodes/encoder-node.ts';
import { addRegroupNode } from './nodes/regroup-node.ts';
import type { OpenSource } from './open-source.ts';
import { type Encoders, openEncoders, renditionIdsOf, startWriters, trackOf } from './open-tracks.ts';
import type { OutputWriter } from './output-writer.ts';
import type { Pass } from './pass.ts';
import { createVideoLane } from './video-lane.ts';

/** Queue lengths. Pictures are large; sound is small. */
const pictureEdge = 4;
const soundEdge = 32;

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
    addAssemblyNode(graph, pass, connectLanes(graph, pass, encoders));
    return graph;
  } catch (error) {
    await graph.close();
    throw error;
  }
}

/**
 * Reads clip after clip: each is opened when the one before it has ended, so that a job of many inputs holds no more
 * than one of them. Every rendition begins a clip at the same instant of the output, to the nearest frame and sample.
 */
function addAssemblyNode(graph: Graph, pass: Pass, lanes: Lanes): void {
  const windows = pass.plan.inputs.flatMap(clipWindows);
  let finishedBytes = 0;
  let opened: OpenSource[] = [];
  const bytesRead = (): number => opened.reduce((sum, source) => sum + source.bytesRead, finishedBytes);
  pass.setBytesRead(bytesRead);
  const meter = { watch: (source: OpenSource) => void opened.push(source) };
  graph.node('assembly', async () => {
    let start = noTime;
    for (const [index, window] of windows.entries()) {
      const isLast = index === windows.length - 1;
      const length = await runClip(graph, pass, lanes, { window, start, isLast }, meter);
      finishedBytes = bytesRead();
      opened = [];
      start = addSpans(start, length);
      if (windows.length > 1) {
        for (const lane of lanes.video) await lane.close(start);
        for (const lane of lanes.audio) await lane.fill(start);
      }
      // Frame capture may want nothing more.
      if (lanes.audio.length === 0 && lanes.video.every((lane) => lane.isComplete)) break;
    }
    for (const lane of [...lanes.video, ...lanes.audio]) lane.end();
  });
}

function connectLanes(graph: Graph, pass: Pass, encoders: Encoders): Lanes {
  const { plan } = pass;
  const isJoined = plan.inputs.flatMap(clipWindows).length > 1;
  const video = plan.videoRenditions
    .filter(({ id }) => encoders.has(id))
    .map((rendition) => {
      const toEncoder = graph.frameEdge(pictureEdge);
      connectEncoder(graph, pass, encoders, rendition.id, toEncoder, false);
      return createVideoLane(rendition, toEncoder, graph.frames, isJoined);
    });
  const audio = plan.audioRenditions
    .filter(({ id }) => encoders.has(id))
    .map((rendition) => {
      const sound = graph.frameEdge(soundEdge);
      const toEncoder = graph.frameEdge(soundEdge);
      const { encoder } = trackOf(encoders, rendition.id);
      addRegroupNode(graph, rendition.id, encoder.frameSize, sound, toEncoder);
      connectEncoder(graph, pass, encoders, rendition.id, toEncoder, plan.videoRenditions.length > 0);
      return createAudioLane(rendition, encoder, sound, graph.frames);
    });
  return { video, audio };
}

function connectEncoder(
  graph: Graph,
  pass: Pass,
  encoders: Encoders,
  id: string,
  frames: ReturnType<Graph['frameEdge']>,
  inline: boolean,
): void {
  const { encoder, timeBase, rendition } = trackOf(encoders, id);
  const consumers = consumersOf(pass, id);
  addEncoderNode(graph, {
    id,
    plan: rendition.encoder,
    encoder,
    timeBase,
    frames,
    consumers,
    counters: pass.counters,
    inline,
  });
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
