/** Node: the end of a rendition's sound in the pass that only measures. */
import type { Frame } from 'node-av/lib';
import type { AudioRendition } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { createLoudnessMeter, type MeasuredLoudness } from '../loudness-meter.ts';

/** Adds the node. Takes mixed sound to its end, then tells what it measured. */
export function addLoudnessNode(
  graph: Graph,
  rendition: AudioRendition,
  sound: Edge<Frame>,
  onMeasured: (measured: MeasuredLoudness) => void,
): void {
  const { loudness } = rendition;
  if (loudness === null) throw new TypeError(`rendition ${rendition.id} is not measured`);
  const meter = graph.own(createLoudnessMeter(loudness, graph.frames), (open) => open.free());
  graph.node(`loudness ${rendition.id}`, async () => {
    for (;;) {
      const frame = await sound.take();
      if (frame === null) break;
      meter.measure(frame);
      graph.frames.give(frame);
    }
    onMeasured(meter.finish());
  });
}
