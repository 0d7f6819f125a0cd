/**
 * The graph: the only owner of a running media machinery (design section 5). It makes edges, runs nodes (one async
 * loop each) and frees everything native when the last loop has ended. The first node that fails stops the graph
 * and its error wins; so does the caller's `signal`. Nodes know their edges, never each other.
 *
 * States: building → running → ended. `run` moves through all of them once; resources are closed in reverse order
 * of `own`, whatever happened.
 */
import type { Frame, Packet } from 'node-av/lib';
import { createEdge, type Edge } from './edge.ts';
import { createFramePool, createPacketPool, type NativePool } from './native-pool.ts';

/**
 * A packet edge is full with so many bytes, whatever their number: pictures of intermediate formats have megabytes, and
 * memory that comes back early is used again while it is warm.
 */
const packetEdgeBytes = 1024 * 1024;

/** A graph under construction or running. */
export interface Graph {
  readonly frames: NativePool<Frame>;
  readonly packets: NativePool<Packet>;
  /** Aborted when the graph stops for any reason but success. */
  readonly signal: AbortSignal;
  frameEdge(capacity: number): Edge<Frame>;
  packetEdge(capacity: number): Edge<Packet>;
  /** Registers a native object (or file) that is closed when all nodes have ended. Returns it. */
  own<Resource>(resource: Resource, close: (resource: Resource) => void | Promise<void>): Resource;
  /** Adds a node: a loop that ends when its input ends, or throws. */
  node(name: string, loop: () => Promise<void>): void;
  /** Runs all nodes to their end. Rejects with the first failure, after everything is freed. */
  run(): Promise<void>;
  /** Frees what was owned when the graph never ran. Tolerates being called after `run`. */
  close(): Promise<void>;
}

/**
 * Makes an empty graph that stops when `signal` fires. A graph inside another shares its `pools`, so that frames
 * may pass from one to the other; their owner frees them.
 */
export function createGraph(
  signal: AbortSignal,
  pools: Pick<Graph, 'frames' | 'packets'> | null = null,
): Graph {
  const frames = pools?.frames ?? createFramePool();
  const packets = pools?.packets ?? createPacketPool();
  const edges: Edge<never>[] = [];
  const closers: (() => void | Promise<void>)[] = [];
  const nodes: { readonly name: string; readonly loop: () => Promise<void> }[] = [];
  const stopper = new AbortController();

  const stop = (reason: unknown): void => {
    if (stopper.signal.aborted) return;
    stopper.abort(reason);
    for (const edge of edges) edge.fail(reason);
  };
  const addEdge = <Item>(edge: Edge<Item>): Edge<Item> => {
    edges.push(edge as Edge<never>);
    return edge;
  };
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).reverse()) await closeOne();
    if (pools !== null) return;
    frames.free();
    packets.free();
  };

  return {
    frames,
    packets,
    signal: stopper.signal,
    frameEdge: (capacity) => addEdge(createEdge<Frame>({ items: capacity }, frames.give)),
    packetEdge: (capacity) =>
      addEdge(
        createEdge<Packet>(
          { items: capacity, bytes: packetEdgeBytes, sizeOf: ({ size }) => size },
          packets.give,
        ),
      ),
    own(resource, closeResource) {
      closers.push(() => closeResource(resource));
      return resource;
    },
    node(name, loop) {
      nodes.push({ name, loop });
    },
    async run() {
      const onAbort = (): void => stop(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        await Promise.all(nodes.map(({ loop }) => (stopper.signal.aborted ? undefined : loop().catch(stop))));
      } finally {
        signal.removeEventListener('abort', onAbort);
        await close();
      }
      if (stopper.signal.aborted) throw stopper.signal.reason;
    },
    close,
  };
}
