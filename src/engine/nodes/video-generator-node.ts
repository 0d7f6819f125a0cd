/**
 * Node: pictures that no file holds (spec inputs.md 12): black, or one still picture, as many as the plan says; and
 * more until the sound of the clip has ended where only that tells how many.
 */
import { AV_PICTURE_TYPE_NONE } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { countIn, type Span } from '../../exact-time.ts';
import type { PlannedVideoSource } from '../../plan/plan.ts';
import type { ClipWindow } from '../clip-window.ts';
import type { Edge } from '../edge.ts';
import { openGenerator } from '../filter-chain.ts';
import type { Graph } from '../graph.ts';
import { assertDone } from '../library-error.ts';
import type { RunCounters } from '../run-counters.ts';
import { shareFrame } from './share-frame.ts';

/** What the node needs to know of its place in the graph. */
export interface VideoGeneratorPlace {
  readonly window: ClipWindow;
  readonly video: PlannedVideoSource & { readonly generated: NonNullable<PlannedVideoSource['generated']> };
  /** Reads the still picture, in the size and format of the generated video; null: black. */
  readonly openStill: (() => Promise<Frame>) | null;
  readonly branches: readonly Edge<Frame>[];
  readonly counters: RunCounters;
  readonly onTick: (nextTick: bigint, hasEnded: boolean) => void;
  /** Length of the clip's sound, once it has ended. */
  readonly soundLength: () => Promise<Span>;
}

/** Adds the node. Faults: 1010 when the still picture cannot be read. */
export function addVideoGeneratorNode(graph: Graph, place: VideoGeneratorPlace): void {
  const { video, window, branches, counters } = place;
  graph.node('video generator', async () => {
    const picture = place.openStill === null ? await blackPicture(graph, place) : await place.openStill();
    let given = 0n;
    const giveUntil = async (count: bigint): Promise<void> => {
      while (given < count && !branches.every((branch) => branch.isLeft)) {
        const frame = graph.frames.take();
        assertDone(frame.ref(picture), 'frame reference');
        // Made pictures and stills call themselves intra pictures, which would make each a key frame.
        frame.pictType = AV_PICTURE_TYPE_NONE;
        frame.pts = given;
        frame.duration = 1n;
        given += 1n;
        counters.framesDecoded += 1;
        if (counters.framesDecoded === 1) counters.onFirstFrame();
        place.onTick(given, false);
        await shareFrame(graph, frame, branches);
      }
    };
    const planned = window.length === null ? null : countIn(window.length, video.frameRate);
    await giveUntil(planned ?? 0n);
    if (window.lastTick === null) {
      const sound = await place.soundLength();
      await giveUntil(wholeFrames(sound, video));
    }
    // An empty clip still has one picture: an output without any cannot be made.
    await giveUntil(1n);
    if (place.openStill === null) graph.frames.give(picture);
    place.onTick(given, true);
    for (const branch of branches) branch.end();
  });
}

/** Whole frames only: the last one may outlast the sound (spec inputs.md 12, `padVideo`). */
export function wholeFrames(length: Span, { frameRate }: PlannedVideoSource): bigint {
  const numerator = length.num * BigInt(frameRate.num);
  const denominator = length.den * BigInt(frameRate.den);
  return (numerator + denominator - 1n) / denominator;
}

async function blackPicture(graph: Graph, { video }: VideoGeneratorPlace): Promise<Frame> {
  const { widthPx, heightPx } = video.generated;
  const description = `color=c=black:s=${widthPx}x${heightPx}:r=1:d=1,format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited[out]`;
  const generator = graph.own(openGenerator('video', description), (chain) => chain.free());
  const frame = graph.frames.take();
  await generator.next(frame);
  return frame;
}
