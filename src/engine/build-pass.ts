/**
 * Builds the graph of one pass from the plan: clips of all inputs, one after another → lanes → encoders → outputs.
 * In the first of two passes only the encoders that collect statistics run, and their packets go nowhere.
 */
import { avGetSampleFmtFromName, type Frame } from 'node-av/lib';
import { addSpans, noTime } from '../exact-time.ts';
import type { AudioRendition } from '../plan/plan.ts';
import { createAudioLane } from './audio-lane.ts';
import { openBlankPicture } from './blank-picture.ts';
import type { CopyLane } from './clip-copies.ts';
import { type ReadMeter, runClip } from './clip-graph.ts';
import type { Lanes } from './clip-place.ts';
import { type ClipWindow, clipWindows } from './clip-window.ts';
import { isCopiedVideo } from './copied-video.ts';
import { followPicture } from './follow-picture.ts';
import { createGraph, type Graph } from './graph.ts';
import { cutAtKeyFrames } from './key-frame-cut.ts';
import { correctionSteps, inputGainSteps } from './loudness-correction.ts';
import { createLoudnessMeter, type LoudnessMeter } from './loudness-meter.ts';
import { createMuting } from './mute-avails.ts';
import {
  addEncoderNode,
  type EncoderPlace,
  type PacketConsumer,
  type Steering,
} from './nodes/encoder-node.ts';
import { addLoudnessNode } from './nodes/loudness-node.ts';
import { addRegroupNode } from './nodes/regroup-node.ts';
import { openVideoEncoder, unflushedSamples } from './open-encoder.ts';
import type { OpenSource } from './open-source.ts';
import {
  type Encoders,
  openEncoders,
  renditionIdsOf,
  type SeatedTrack,
  startWriters,
  trackOf,
  wantsGlobalHeader,
} from './open-tracks.ts';
import type { EncodedTrack, OutputWriter } from './output-writer.ts';
import type { Pass } from './pass.ts';
import { createPictureEnds, type PictureEnds } from './picture-ends.ts';
import { createPictureQuantizer, type PictureQuantizer } from './picture-quantizer.ts';
import { createPictureSignals } from './picture-signals.ts';
import type { EncodeWatch } from './run-analysis.ts';
import { watchScenes } from './scene-changes.ts';
import { createSteeredRate } from './steered-rate.ts';
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
    const blanks = await openBlanks(graph, pass, encoders);
    await startWriters(pass, encoders);
    addAssemblyNode(graph, pass, connectLanes(graph, pass, encoders, blanks));
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
      const place = { window: await cutWindow(window, lanes, pass, meter), start, isLast };
      const length = await runClip(graph, pass, lanes, place, meter);
      finishedBytes = bytesRead();
      opened = [];
      // Sound may outlast the last picture of all, as it may that of a single input.
      const end = addSpans(start, isLast ? length.pictures : length.whole);
      if (windows.length > 1) {
        for (const lane of lanes.video) await lane.close(end);
        for (const lane of lanes.audio) await lane.fill(end);
      }
      start = end;
      // Frame capture may want nothing more.
      if (lanes.audio.length === 0 && lanes.video.every((lane) => lane.isComplete)) break;
    }
    for (const lane of lanes.video) lane.end();
    await Promise.all(lanes.audio.map((lane) => lane.end()));
  });
}

/** Clips whose pictures are not decoded are cut where their coding allows, and their sound with them. */
function cutWindow(
  window: ClipWindow,
  lanes: Lanes,
  { objects }: Pass,
  meter: ReadMeter,
): ClipWindow | Promise<ClipWindow> {
  const [copied] = lanes.videoCopies;
  return copied === undefined ? window : cutAtKeyFrames(window, copied.rendition, objects, meter.watch);
}

/** Pictures that stand for those of ad avails, one for each rendition. Throws fault 1010 or 1040. */
async function openBlanks(
  graph: Graph,
  { plan, objects }: Pass,
  encoders: Encoders,
): Promise<ReadonlyMap<string, Frame>> {
  const blanks = new Map<string, Frame>();
  const blanking = plan.signals?.blanking ?? null;
  if (blanking === null) return blanks;
  for (const rendition of plan.videoRenditions.filter(({ id }) => encoders.has(id))) {
    const blank = await openBlankPicture(objects, blanking, rendition);
    blanks.set(
      rendition.id,
      graph.own(blank, (frame) => frame.free()),
    );
  }
  return blanks;
}

function connectLanes(
  graph: Graph,
  pass: Pass,
  encoders: Encoders,
  blanks: ReadonlyMap<string, Frame>,
): Lanes {
  const { plan } = pass;
  const ends = createPictureEnds();
  graph.signal.addEventListener('abort', () => ends.fail(graph.signal.reason), { once: true });
  const isJoined = plan.inputs.flatMap(clipWindows).length > 1;
  const pictures = plan.videoRenditions.filter(({ id }) => encoders.has(id));
  const video = pictures
    .filter((rendition) => !isCopiedVideo(rendition))
    .map((rendition) => {
      const toEncoder = graph.frameEdge(pictureEdge);
      connectEncoder(graph, pass, encoders, rendition.id, {
        frames: toEncoder,
        consumers: consumersOf(pass, rendition.id),
        inline: false,
        onEnd: (endUs) => ends.report(rendition.id, endUs),
      });
      const blank = blanks.get(rendition.id) ?? null;
      const signals = createPictureSignals(plan, rendition, pass.signals, blank, graph.frames);
      const scenes = watchScenes(rendition);
      if (scenes !== null) graph.own(scenes, (watch) => watch.close());
      return createVideoLane(rendition, toEncoder, graph.frames, isJoined, signals, scenes);
    });
  const sounds = plan.audioRenditions.filter(({ id }) => encoders.has(id));
  return {
    video,
    audio: sounds
      .filter((rendition) => !isCopied(rendition))
      .map((rendition) => connectAudioLane(graph, pass, encoders, rendition, ends)),
    videoCopies: pictures.filter(isCopiedVideo).map((rendition) => ({
      rendition,
      consumers: consumersOf(pass, rendition.id),
      onEnd: (endUs) => ends.report(rendition.id, endUs),
    })),
    copies: sounds.filter(isCopied).map((rendition) => copyLane(pass, encoders, rendition)),
  };
}

/** Sound whose loudness is corrected travels as float up to the gain; the pass that measures it goes no further. */
function connectAudioLane(
  graph: Graph,
  pass: Pass,
  encoders: Encoders,
  rendition: AudioRendition,
  ends: PictureEnds,
): Lanes['audio'][number] {
  const { encoder } = trackOf(encoders, rendition.id);
  const sound = graph.frameEdge(soundEdge);
  if (pass.passNumber === 1)
    addLoudnessNode(graph, rendition, sound, (measured) => pass.loudness.set(rendition.id, measured));
  else connectAudioEncoder(graph, pass, encoders, rendition, sound, ends);
  const isBlanked = pass.plan.signals?.blanking != null;
  const mute = isBlanked ? createMuting(pass.signals, rendition.sampleRateHz) : null;
  if (rendition.loudness?.correction == null)
    return createAudioLane(rendition, encoder, sound, graph.frames, mute);
  const form = {
    sampleFormat: avGetSampleFmtFromName(correctedFormat),
    channelLayout: encoder.channelLayout,
  };
  return createAudioLane({ ...rendition, sampleFormat: correctedFormat }, form, sound, graph.frames, mute);
}

const correctedFormat = 'fltp';

function connectAudioEncoder(
  graph: Graph,
  pass: Pass,
  encoders: Encoders,
  rendition: AudioRendition,
  sound: ReturnType<Graph['frameEdge']>,
  ends: PictureEnds,
): void {
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  const toEncoder = graph.frameEdge(soundEdge);
  const meter = createOutputMeter(graph, rendition);
  const measured = pass.loudness.get(rendition.id);
  const isCorrected = rendition.loudness?.correction != null;
  addRegroupNode(graph, {
    rendition,
    frameSamples: encoder.frameSize,
    tailSamples: unflushedSamples(rendition.encoder, encoder),
    steps: [
      ...(isCorrected ? [...correctionSteps(rendition, measured), { name: 'anull', options: {} }] : []),
      ...inputGainSteps(rendition),
    ],
    meter,
    sound,
    toEncoder,
  });
  const { endsWithVideo } = rendition;
  const consumers = consumersOf(pass, rendition.id);
  const picture = {
    reachedUs: () => pass.counters.reachedUs.get(endsWithVideo ?? '') ?? 0,
    end: () => ends.endOf(endsWithVideo ?? ''),
  };
  connectEncoder(graph, pass, encoders, rendition.id, {
    frames: toEncoder,
    consumers:
      endsWithVideo === null
        ? consumers
        : consumers.map((one) => followPicture(one, timeBase, picture, isPcm(rendition))),
    inline: pass.plan.videoRenditions.length > 0,
    onEnd: () => {
      if (meter !== null) pass.loudness.set(rendition.id, meter.finish());
    },
  });
}

function isPcm({ encoder }: AudioRendition): boolean {
  return encoder.encoder.startsWith('pcm_');
}

/** Sound that is measured and not corrected is measured on its way to the encoder, when somebody wants to know. */
function createOutputMeter(graph: Graph, { loudness }: AudioRendition): LoudnessMeter | null {
  if (loudness === null || loudness.correction !== null || !loudness.isLogged) return null;
  return graph.own(createLoudnessMeter(loudness, graph.frames), (meter) => meter.free());
}

function isCopied({ encoder }: AudioRendition): boolean {
  return encoder.encoder === 'copy';
}

function copyLane(pass: Pass, encoders: Encoders, rendition: AudioRendition): CopyLane {
  const { encoder, timeBase } = trackOf(encoders, rendition.id);
  return { rendition, timeBase, frameSamples: encoder.frameSize, consumers: consumersOf(pass, rendition.id) };
}

function connectEncoder(
  graph: Graph,
  pass: Pass,
  encoders: Encoders,
  id: string,
  place: Pick<EncoderPlace, 'frames' | 'consumers' | 'inline'> & Required<Pick<EncoderPlace, 'onEnd'>>,
): void {
  const track = trackOf(encoders, id);
  const { encoder, timeBase, rendition } = track;
  addEncoderNode(graph, {
    id,
    plan: rendition.encoder,
    video: track.kind === 'video' ? track.rendition : null,
    watch: track.kind === 'video' ? watchEncode(graph, pass, track) : null,
    steering: track.kind === 'video' ? steerEncode(pass, track) : null,
    quantizer: track.kind === 'video' ? quantizeEncode(graph, pass, track) : null,
    encoder,
    timeBase,
    counters: pass.counters,
    ...place,
  });
}

/** Watches an encode as its plan asks; what it opens is closed with the graph. */
function watchEncode(
  graph: Graph,
  pass: Pass,
  { rendition, encoder, timeBase }: EncodedTrack & { readonly kind: 'video' },
): EncodeWatch | null {
  const watch = pass.analysis?.watch(rendition, encoder, timeBase) ?? null;
  if (watch?.comparison != null) graph.own(watch.comparison, (open) => open.close());
  return watch;
}

/** Gives pictures their quantizers; null when the encoder does. */
function quantizeEncode(
  graph: Graph,
  pass: Pass,
  { rendition }: EncodedTrack & { readonly kind: 'video' },
): PictureQuantizer | null {
  const quantizer = createPictureQuantizer(pass, rendition);
  return quantizer === null ? null : graph.own(quantizer, (open) => open.free());
}

/** How the rate of an encode is changed while it runs; null when its encoder keeps the rate itself. */
function steerEncode(
  { plan }: Pass,
  { rendition, seat }: SeatedTrack & { readonly kind: 'video' },
): Steering | null {
  const rate = createSteeredRate(rendition);
  if (rate === null) return null;
  const options = { globalHeader: wantsGlobalHeader(plan, rendition.id), pass: null };
  return {
    rate,
    open: (encoder) => seat.replace(() => openVideoEncoder({ ...rendition, encoder }, options)),
  };
}

/**
 * All outputs and tracks beside them that carry a rendition, with its track numbers there: equal tracks of one output are
 * one rendition.
 */
function consumersOf({ groups }: Pass, renditionId: string): PacketConsumer[] {
  const carrying = (renditionIds: readonly string[], writer: OutputWriter): PacketConsumer[] =>
    renditionIds.flatMap((id, trackIndex) => (id === renditionId ? [{ writer, trackIndex }] : []));
  return groups.flatMap((open) => [
    ...open.group.outputs.flatMap((output) =>
      carrying(renditionIdsOf(output), open.writer(output.outputIndex)),
    ),
    ...open.extras.flatMap(({ renditionIds, writer }) => carrying(renditionIds, writer)),
  ]);
}
