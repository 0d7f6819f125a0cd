/** Node: reads packets of one input and hands each to the edge of its stream. */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import { rescaleTicks } from '../../exact-time.ts';
import { createBreather } from '../breathe.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import type { OpenSource } from '../open-source.ts';

/** What is told while an input is read. */
export interface SourceWatch {
  /** Sees every packet before anyone gets it. */
  readonly observe: (packet: Packet) => void;
  /** Sees every packet when it goes on. */
  readonly release: (packet: Packet) => void;
  /** Packets of this stream wait until as much more of it has been read. */
  readonly held: { readonly streamIndex: number; readonly us: number };
}

/**
 * Adds the node. Flows out: demuxed packets, in file order, times in the stream's time base. Ends every edge at the
 * end of the input; waits while any edge is full; stops reading when nobody wants packets any more. `onEnd` is
 * called when the input itself has ended.
 */
export function addSourceNode(
  graph: Graph,
  source: OpenSource,
  edges: ReadonlyMap<number, readonly Edge<Packet>[]>,
  onEnd: () => void,
  watch?: SourceWatch,
): void {
  graph.node('source', async () => {
    // Reading from a path never waits.
    const breathe = createBreather();
    const all = [...edges.values()].flat();
    const isWanted = (): boolean => all.length === 0 || all.some((edge) => !edge.isLeft);
    const hand = (packet: Packet): Promise<void> => {
      watch?.release(packet);
      return deliver(graph, packet, edges.get(packet.streamIndex) ?? []);
    };
    const waiting = watch === undefined ? null : createWaitingRoom(source, watch.held);
    while (isWanted()) {
      const packet = graph.packets.take();
      if (!(await source.read(packet))) {
        graph.packets.give(packet);
        onEnd();
        break;
      }
      watch?.observe(packet);
      for (const due of waiting?.pass(packet) ?? [packet]) await hand(due);
      await breathe();
      if (graph.signal.aborted) return;
    }
    for (const due of waiting?.empty() ?? []) await hand(due);
    for (const edge of all) edge.end();
  });
}

interface WaitingRoom {
  /** Takes a packet; gives those that go on now, in order. */
  pass(packet: Packet): readonly Packet[];
  /** Gives what still waits. */
  empty(): readonly Packet[];
}

/** Packets of one stream go on once the stream is `us` microseconds of decoding further, or where its clock jumps back. */
function createWaitingRoom(source: OpenSource, { streamIndex, us }: SourceWatch['held']): WaitingRoom {
  let waiting: { readonly packet: Packet; readonly at: bigint }[] = [];
  let newest = 0n;
  const empty = (): readonly Packet[] => {
    const packets = waiting.map(({ packet }) => packet);
    waiting = [];
    return packets;
  };
  return {
    pass(packet) {
      if (packet.streamIndex !== streamIndex) return [packet];
      const { timeBase } = source.stream(streamIndex);
      const length = rescaleTicks(BigInt(us), microseconds, { num: timeBase.num, den: timeBase.den });
      const told = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
      const at = told === AV_NOPTS_VALUE ? newest : told;
      const earlier = at < newest ? empty() : [];
      newest = at;
      waiting.push({ packet, at });
      const first = waiting.findIndex((one) => newest - one.at < length);
      return [...earlier, ...waiting.splice(0, first).map((one) => one.packet)];
    },
    empty,
  };
}

const microseconds = { num: 1, den: 1_000_000 };

async function deliver(graph: Graph, packet: Packet, edges: readonly Edge<Packet>[]): Promise<void> {
  const [first, ...others] = edges;
  for (const edge of others) {
    const copy = graph.packets.take();
    copy.ref(packet);
    await edge.put(copy);
  }
  if (first === undefined) graph.packets.give(packet);
  else await first.put(packet);
}
