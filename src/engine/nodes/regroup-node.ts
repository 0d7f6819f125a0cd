/**
 * Node: the sound of a rendition, clip behind clip, as its encoder takes it: at its level, in the encoder's
 * sample format, in frames of its length.
 */
import type { AVSampleFormat } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { AudioRendition, FilterStep } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import { audioShapeOf, describeSteps, type FilterChain, openFilterChain } from '../filter-chain.ts';
import type { Graph } from '../graph.ts';
import type { LoudnessMeter } from '../loudness-meter.ts';
import { fillWithSilence, type SoundForm } from '../silent-frame.ts';

/** Samples per frame for encoders that take any number. */
const freeFrameSamples = 1024;

/** What the node needs to know of its place in the graph. */
export interface RegroupPlace {
  readonly rendition: AudioRendition;
  /** The encoder's frame size, 0 when it has none. */
  readonly frameSamples: number;
  /** Samples by which the encoder is late, and that it does not give by itself when it ends. */
  readonly tailSamples: number;
  /** The gain that was found for the programme, and the one that its encoder takes back. */
  readonly steps: readonly FilterStep[];
  /** Measures sound that is not corrected, as it comes; null: nobody does. */
  readonly meter: LoudnessMeter | null;
  readonly sound: Edge<Frame>;
  readonly toEncoder: Edge<Frame>;
}

/** Adds the node. Timestamps count samples. */
export function addRegroupNode(graph: Graph, place: RegroupPlace): void {
  const { rendition, sound, toEncoder } = place;
  let chain: FilterChain | null = null;
  let next = 0n;
  let last: (SoundForm & { samples: bigint }) | null = null;
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

  graph.node(`regroup ${rendition.id}`, async () => {
    for (;;) {
      const frame = await sound.take();
      if (frame === null) break;
      place.meter?.measure(frame);
      chain ??= openRegroupChain(place, frame);
      last ??= formOf(frame);
      last.samples = frame.pts + BigInt(frame.nbSamples);
      chain.pushNow(0, frame);
      graph.frames.give(frame);
      await collect(chain);
    }
    if (chain !== null) {
      if (last !== null && place.tailSamples > 0) {
        const tail = graph.frames.take();
        fillWithSilence(tail, last, place.tailSamples);
        tail.pts = last.samples;
        chain.pushNow(0, tail);
        graph.frames.give(tail);
        await collect(chain);
      }
      chain.pushNow(0, null);
      await collect(chain);
    }
    toEncoder.end();
  });
}

/** Form of the sound, and how many samples of it there were. */
function formOf(frame: Frame): SoundForm & { samples: bigint } {
  const { sampleRate: sampleRateHz, channelLayout } = frame;
  return { sampleRateHz, format: frame.format as AVSampleFormat, channelLayout, samples: 0n };
}

function openRegroupChain(
  { rendition, steps: given, frameSamples }: RegroupPlace,
  frame: Frame,
): FilterChain {
  const shape = audioShapeOf(frame);
  const { sampleFormat, sampleRateHz, channelLayout } = rendition;
  const options = {
    sample_fmts: sampleFormat,
    sample_rates: `${sampleRateHz}`,
    channel_layouts: channelLayout,
  };
  const formed = given.length === 0 ? [] : [...given, { name: 'aformat', options }];
  const steps = describeSteps(
    [...formed, { name: 'asetnsamples', options: { n: `${frameSamples || freeFrameSamples}`, p: '0' } }],
    'anull',
  );
  return openFilterChain(
    [{ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }],
    `[in0]${steps}[out]`,
    1,
  );
}
