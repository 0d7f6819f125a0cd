/** Hands one frame to several edges: references, not copies. */
import type { Frame } from 'node-av/lib';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { assertDone } from '../library-error.ts';

/** Takes the frame over; waits while any edge is full. */
export async function shareFrame(graph: Graph, frame: Frame, edges: readonly Edge<Frame>[]): Promise<void> {
  const last = edges.length - 1;
  for (let index = 0; index < last; index += 1) {
    const reference = graph.frames.take();
    assertDone(reference.ref(frame), 'frame reference');
    await edges[index]?.put(reference);
  }
  const edge = edges[last];
  if (edge === undefined) graph.frames.give(frame);
  else await edge.put(frame);
}
