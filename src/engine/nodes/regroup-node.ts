/** Node: the sound of a rendition, clip behind clip, in frames of the length its encoder takes. */
import type { Frame } from 'node-av/lib';
import type { Edge } from '../edge.ts';
import { audioShapeOf, type FilterChain, openFilterChain } from '../filter-chain.ts';
import type { Graph } from '../graph.ts';

/** Samples per frame for encoders that take any number. */
const freeFrameSamples = 1024;

/** Adds the node. `frameSamples` is the encoder's frame size, 0 when it has none; timestamps count samples. */
export function addRegroupNode(
  graph: Graph,
  renditionId: string,
  frameSamples: number,
  sound: Edge<Frame>,
  toEncoder: Edge<Frame>,
): void {
  let chain: FilterChain | null = null;
  let next = 0n;
  graph.own(null, () => chain?.free());
  const collect = async (open: FilterChain): Promise<void> => {
    for (;;) {
      const frame = graph.frames.take();
      if (!open.pull(frame)) return graph.frames.give(frame);
      frame.pts = next;
      next += BigInt(frame.nbSamples);
      await toEncoder.put(frame);
    }
  };

  graph.node(`regroup ${renditionId}`, async () => {
    for (;;) {
      const frame = await sound.take();
      if (frame === null) break;
      chain ??= openRegroupChain(frame, frameSamples || freeFrameSamples);
      chain.pushNow(0, frame);
      graph.frames.give(frame);
      await collect(chain);
    }
    if (chain !== null) {
      chain.pushNow(0, null);
      await collect(chain);
    }
    toEncoder.end();
  });
}

function openRegroupChain(frame: Frame, samples: number): FilterChain {
  const shape = audioShapeOf(frame);
  return openFilterChain(
    [{ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }],
    `[in0]asetnsamples=n=${samples}:p=0[out]`,
    1,
  );
}
