/** Node: silence as long as the video, for outputs whose input has no sound to offer. */
import { AV_SAMPLE_FMT_FLTP } from 'node-av/constants';
import { avChannelLayoutDefault, type Frame } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { fillWithSilence } from '../silent-frame.ts';
import type { VideoClock } from '../video-clock.ts';
import { shareFrame } from './share-frame.ts';

const sampleRateHz = 48_000;
const frameSamples = 1024n;

/** Adds the node. Flow out: sound that never runs ahead of the video `clock` counts, and ends with it. */
export function addSilenceNode(
  graph: Graph,
  clock: VideoClock,
  frameRate: Rational,
  branches: readonly Edge<Frame>[],
): void {
  const tickBase: Rational = { num: frameRate.den, den: frameRate.num };
  const form = { sampleRateHz, format: AV_SAMPLE_FMT_FLTP, channelLayout: avChannelLayoutDefault(2) };
  graph.node('silence', async () => {
    let given = 0n;
    for (;;) {
      const { ticks, hasEnded } = await clock.next();
      const target = rescaleTicks(ticks, tickBase, { num: 1, den: sampleRateHz });
      while (target - given >= frameSamples || (hasEnded && given < target)) {
        const samples = target - given < frameSamples ? target - given : frameSamples;
        const frame = graph.frames.take();
        fillWithSilence(frame, form, Number(samples));
        frame.pts = given;
        given += samples;
        await shareFrame(graph, frame, branches);
      }
      if (hasEnded) break;
    }
    for (const branch of branches) branch.end();
  });
}
