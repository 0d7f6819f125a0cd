/** Node: reads packets of one input and hands each to the edge of its stream. */
import type { Packet } from 'node-av/lib';
import { createBreather } from '../breathe.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import type { OpenSource } from '../open-source.ts';

/**
 * Adds the node. Flows out: demuxed packets, in file order, times in the stream's time base. Ends every edge at the
 * end of the input; waits while any edge is full; stops reading when nobody wants packets any more. `onEnd` is
 * called when the input itself has ended; `observe` sees every packet before anyone gets it.
 */
export function addSourceNode(
  graph: Graph,
  source: OpenSource,
  edges: ReadonlyMap<number, readonly Edge<Packet>[]>,
  onEnd: () => void,
  observe: (packet: Packet) => void = () => {},
): void {
  graph.node('source', async () => {
    // Reading from a path never waits.
    const breathe = createBreather();
    const all = [...edges.values()].flat();
    const isWanted = (): boolean => all.length === 0 || all.some((edge) => !edge.isLeft);
    while (isWanted()) {
      const packet = graph.packets.take();
      if (!(await source.read(packet))) {
        graph.packets.give(packet);
        onEnd();
        break;
      }
      observe(packet);
      await deliver(graph, packet, edges.get(packet.streamIndex) ?? []);
      await breathe();
      if (graph.signal.aborted) return;
    }
    for (const edge of all) edge.end();
  });
}

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
