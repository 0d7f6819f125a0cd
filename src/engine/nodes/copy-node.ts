/** Node: hands the packets of one track on as they are (passthrough), on the output timeline. */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import type { RunCounters } from '../run-counters.ts';
import type { PacketConsumer } from './encoder-node.ts';

/** What the node needs to know of its place in the graph. */
export interface CopyPlace {
  readonly id: string;
  /** Of the packets that come. */
  readonly sourceBase: Rational;
  /** Of the packets that go. */
  readonly timeBase: Rational;
  /** Input time that becomes output time 0, microseconds. */
  readonly originUs: number;
  /** Samples of one packet where the source does not say; 0: unknown. */
  readonly frameSamples: number;
  readonly packets: Edge<Packet>;
  readonly consumers: readonly PacketConsumer[];
  readonly counters: RunCounters;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** Less of a packet than this behind output time 0 is none, but the rounding of times. */
const leastShare = 16n;

/** Adds the node. Packets that end before output time 0 are dropped; those that begin before it cannot be cut. */
export function addCopyNode(graph: Graph, place: CopyPlace): void {
  const origin = rescaleTicks(BigInt(Math.round(place.originUs)), microseconds, place.sourceBase);
  let next = 0n;
  graph.node(`copy ${place.id}`, async () => {
    for (;;) {
      const packet = await place.packets.take();
      if (packet === null) break;
      const start =
        packet.pts === AV_NOPTS_VALUE
          ? next
          : rescaleTicks(packet.pts - origin, place.sourceBase, place.timeBase);
      const told =
        packet.duration > 0n ? rescaleTicks(packet.duration, place.sourceBase, place.timeBase) : 0n;
      const duration = told > 0n ? told : BigInt(Math.max(1, place.frameSamples));
      next = start + duration;
      // A packet that straddles the beginning keeps its time: outputs begin with sound before 0 as encoders do, which prime.
      if (next > duration / leastShare) {
        packet.pts = start;
        packet.dts = packet.pts;
        packet.duration = duration;
        place.counters.reachedUs.set(place.id, Number(rescaleTicks(next, place.timeBase, microseconds)));
        for (const { writer, trackIndex } of place.consumers) await writer.writePacket(trackIndex, packet);
      }
      graph.packets.give(packet);
    }
    for (const { writer, trackIndex } of place.consumers) await writer.endTrack(trackIndex);
  });
}
