/** The sound of one clip: which sources it reads, how it reaches its lanes, and how long it lasts. */
import type { Frame, Packet } from 'node-av/lib';
import { addSpans, longerSpan, noTime, type Span } from '../exact-time.ts';
import type { AudioRendition, PlannedAudioSource, PlannedInput } from '../plan/plan.ts';
import type { AudioLane } from './audio-lane.ts';
import type { ClipPlace, ClipSources, EdgeFor, Lanes } from './clip-place.ts';
import type { Edge } from './edge.ts';
import type { Graph } from './graph.ts';
import { addAudioBranchNode } from './nodes/audio-branch-node.ts';
import { addAudioDecoderNode } from './nodes/audio-decoder-node.ts';
import { addSoundTailNode } from './nodes/sound-tail-node.ts';
import type { OpenSource } from './open-source.ts';
import type { Pass } from './pass.ts';
import type { VideoClock } from './video-clock.ts';

/** Queue length: sound is small. */
const soundEdge = 32;

/** From the start of the clip to the end of its longest sound. */
export function soundLengthOf(lanes: Lanes): Span {
  return lanes.audio.reduce((longest, lane) => longerSpan(longest, lane.sounded), noTime);
}

/** Deviations that are worth a warning (spec errors.md 240000, 240001). */
const repairedSeconds = 0.1;

/** Counts what was filled and cut of a clip's sound. */
export function noteRepairs(pass: Pass, lanes: Lanes, { window }: ClipPlace, { ofAudio }: ClipSources): void {
  for (const lane of lanes.audio) {
    const way = audioWay(lane.rendition, window.input);
    // Silence instead of sound is what was asked for where there is none, and a cut is where a clip ends.
    if (way === null || ![...ofAudio.keys()].some(({ id }) => id === way.audioSourceId)) continue;
    const least = BigInt(Math.round(repairedSeconds * lane.rendition.sampleRateHz));
    if (lane.filled >= least) pass.counters.silenceInserted += 1;
    if (window.clip === null && lane.dropped >= least) pass.counters.soundDropped += 1;
  }
}

/** Connects the sound of a clip: from its sources to the lanes. */
export function connectSound(
  graph: Graph,
  pass: Pass,
  lanes: Lanes,
  place: ClipPlace,
  { ofAudio }: ClipSources,
  edgeFor: EdgeFor,
): void {
  const { input, length, clip } = place.window;
  // What follows decides how much fits: sound that outlasts the picture belongs to no later clip.
  // Black pictures go on as long as the sound.
  const isPadded = input.video?.padsBlack === true || input.video?.generated !== undefined;
  const isBounded = clip?.lastFrame != null || !(place.isLast || isPadded);
  const limit = length === null || !isBounded ? null : addSpans(place.start, length);
  const open = new Map<AudioLane, Edge<Frame>>(
    lanes.audio.map((lane) => [lane, lane.open(place.start, input.inputIndex, limit)]),
  );
  for (const audio of input.audio) {
    const fed = lanes.audio.filter(({ rendition }) => audioWay(rendition, input)?.audioSourceId === audio.id);
    const source = ofAudio.get(audio);
    // What is only copied is not decoded beside it.
    if (source === undefined || fed.length === 0) continue;
    const branches = fed.map((lane) => {
      const sound = graph.frameEdge(soundEdge);
      const into = open.get(lane);
      open.delete(lane);
      const way = audioWay(lane.rendition, input);
      if (into !== undefined) addAudioBranchNode(graph, { ...lane.rendition, ...way }, 0, sound, into);
      return sound;
    });
    connectAudioSource(
      graph,
      pass,
      place,
      audio,
      source,
      edgeFor(source, audio.streamIndexes),
      branches,
      fed,
    );
  }
  // Lanes that this input has no sound for: their clip is silent.
  for (const into of open.values()) into.end();
}

/** Source and filters of a rendition's sound in an input; null when the input gives it none. */
export function audioWay(
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
    originUs: audio.file === undefined ? window.originUs : audio.file.originUs + window.skippedUs,
    packets,
    branches,
    counters: pass.counters,
  });
}

/** Silence behind the sound of lanes whose video lasts longer. */
export function addTails(graph: Graph, lanes: Lanes, place: ClipPlace, clock: VideoClock): void {
  const rate = place.window.input.video?.frameRate;
  if (rate === undefined) return;
  for (const lane of lanes.audio) addSoundTailNode(graph, lane, clock, place.start, rate);
}
