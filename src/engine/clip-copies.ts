/** Sound of a clip that goes out as it comes in: from the source's packets straight to the outputs. */
import type { Packet } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { AudioRendition, PlannedAudioSource } from '../plan/plan.ts';
import type { ClipWindow } from './clip-window.ts';
import type { Edge } from './edge.ts';
import type { Graph } from './graph.ts';
import { addCopyNode } from './nodes/copy-node.ts';
import type { PacketConsumer } from './nodes/encoder-node.ts';
import type { OpenSource } from './open-source.ts';
import type { Pass } from './pass.ts';

/** A rendition whose packets are the source's own; jobs with one input that is read whole have such. */
export interface CopyLane {
  readonly rendition: AudioRendition;
  readonly timeBase: Rational;
  readonly frameSamples: number;
  readonly consumers: readonly PacketConsumer[];
}

/** Connects the tracks that are copied. */
export function connectCopies(
  graph: Graph,
  pass: Pass,
  copies: readonly CopyLane[],
  window: ClipWindow,
  ofAudio: ReadonlyMap<PlannedAudioSource, OpenSource>,
  edgeFor: (source: OpenSource, streamIndexes: readonly number[]) => Edge<Packet>,
): void {
  for (const { rendition, ...copy } of copies) {
    const [audio, source] = [...ofAudio].find(([{ id }]) => id === rendition.audioSourceId) ?? [];
    const streamIndex = audio?.streamIndexes[0];
    if (audio === undefined || source === undefined || streamIndex === undefined) continue;
    const { timeBase } = source.stream(streamIndex);
    addCopyNode(graph, {
      ...copy,
      id: rendition.id,
      sourceBase: { num: timeBase.num, den: timeBase.den },
      originUs: (audio.file?.originUs ?? window.originUs) - audio.offsetMs * 1000,
      packets: edgeFor(source, [streamIndex]),
      counters: pass.counters,
    });
  }
}
