/**
 * Node: one audio rendition's own filters. Gives sound exactly as the encoder wants it: rate, layout, sample
 * format, samples per frame; timestamps count samples.
 */
import type { Frame } from 'node-av/lib';
import type { AudioRendition, FilterStep } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import { audioShapeOf, describeSteps, type FilterChain, openFilterChain } from '../filter-chain.ts';
import type { Graph } from '../graph.ts';
import type { LoudnessMeter } from '../loudness-meter.ts';
import { fillWithSilence } from '../silent-frame.ts';

/** Samples per frame for encoders that take any number. */
const freeFrameSamples = 1024;

/** What the node needs to know of its place in the graph. */
export interface AudioBranchPlace {
  readonly rendition: AudioRendition;
  /** The encoder's frame size, 0 when it has none. */
  readonly frameSamples: number;
  /** Filters after the rendition's own: the gain that was found for the programme. */
  readonly correction: readonly FilterStep[];
  /** Looks at what goes to the encoder; null: nobody does. */
  readonly meter: LoudnessMeter | null;
  /** Output time, in microseconds, up to which the sound is filled with silence at its end; null: not at all. */
  readonly fillUntil: (() => Promise<number>) | null;
  readonly sound: Edge<Frame>;
  readonly toEncoder: Edge<Frame>;
}

/** Adds the node. */
export function addAudioBranchNode(graph: Graph, place: AudioBranchPlace): void {
  const { rendition, sound, toEncoder } = place;
  let chain: FilterChain | null = null;
  let next = 0n;
  graph.own(null, () => chain?.free());

  const collect = async (open: FilterChain): Promise<void> => {
    for (;;) {
      const frame = graph.frames.take();
      if (!open.pull(frame)) return graph.frames.give(frame);
      frame.pts = next;
      next += BigInt(frame.nbSamples);
      place.meter?.measure(frame);
      await toEncoder.put(frame);
    }
  };

  graph.node(`branch ${rendition.id}`, async () => {
    const end = createSoundEnd();
    for (;;) {
      const frame = await sound.take();
      if (frame === null) break;
      chain ??= openBranchChain(place, frame);
      end.see(frame);
      chain.pushNow(0, frame);
      graph.frames.give(frame);
      await collect(chain);
    }
    if (chain !== null) {
      const open = chain;
      if (place.fillUntil !== null) {
        const untilUs = await place.fillUntil();
        for (let samples = end.missing(untilUs); samples > 0; samples = end.missing(untilUs)) {
          const silence = graph.frames.take();
          end.fill(silence, Math.min(samples, freeFrameSamples));
          open.pushNow(0, silence);
          graph.frames.give(silence);
          await collect(open);
        }
      }
      open.pushNow(0, null);
      await collect(open);
    }
    toEncoder.end();
  });
}

/** Counts the sound that went in, and makes more of the same form. */
function createSoundEnd() {
  let form: Parameters<typeof fillWithSilence>[1] | null = null;
  let samples = 0;
  return {
    see(frame: Frame): void {
      form ??= {
        sampleRateHz: frame.sampleRate,
        format: frame.format as never,
        channelLayout: frame.channelLayout,
      };
      samples += frame.nbSamples;
    },
    missing: (untilUs: number): number =>
      form === null ? 0 : Math.ceil((untilUs * form.sampleRateHz) / 1_000_000) - samples,
    fill(frame: Frame, count: number): void {
      if (form === null) throw new TypeError('silence needs a form');
      fillWithSilence(frame, form, count);
      frame.pts = BigInt(samples);
      samples += count;
    },
  };
}

function openBranchChain(
  { rendition, correction, frameSamples }: AudioBranchPlace,
  frame: Frame,
): FilterChain {
  const shape = audioShapeOf(frame);
  const steps = describeSteps(
    [
      ...rendition.filters,
      ...correction,
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
