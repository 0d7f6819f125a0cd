/**
 * Node: one audio rendition's own filters. Gives sound exactly as the encoder wants it: rate, layout, sample
 * format, samples per frame; timestamps count samples.
 */
import type { Frame } from 'node-av/lib';
import type { AudioRendition } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import { audioShapeOf, describeSteps, type FilterChain, openFilterChain } from '../filter-chain.ts';
import type { Graph } from '../graph.ts';

/** Samples per frame for encoders that take any number. */
const freeFrameSamples = 1024;

/** Adds the node. `frameSamples` is the encoder's frame size, 0 when it has none. */
export function addAudioBranchNode(
  graph: Graph,
  rendition: AudioRendition,
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

  graph.node(`branch ${rendition.id}`, async () => {
    for (;;) {
      const frame = await sound.take();
      if (frame === null) break;
      chain ??= openBranchChain(rendition, frame, frameSamples);
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

function openBranchChain(rendition: AudioRendition, frame: Frame, frameSamples: number): FilterChain {
  const shape = audioShapeOf(frame);
  const steps = describeSteps(
    [
      ...rendition.filters,
      {
        name: 'aformat',
        options: {
          sample_fmts: rendition.sampleFormat,
          sample_rates: String(rendition.sampleRateHz),
          channel_layouts: rendition.channelLayout,
        },
      },
      { name: 'asetnsamples', options: { n: String(frameSamples || freeFrameSamples), p: '0' } },
    ],
    'anull',
  );
  return openFilterChain(
    [{ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }],
    `[in0]${steps}[out]`,
    1,
  );
}
