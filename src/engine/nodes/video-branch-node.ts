/**
 * Node: one rendition's own filters. Takes pictures from the shared decode, gives pictures exactly as the encoder
 * wants them: size, format, tick of the rendition's rate, forced key frames, no captions unless selected.
 */
import {
  AV_FRAME_DATA_A53_CC,
  AV_FRAME_DATA_DOVI_METADATA,
  AV_FRAME_DATA_DOVI_RPU_BUFFER,
  AV_PICTURE_TYPE_I,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { countIn, type Rational, rationalToNumber, spanOf } from '../../exact-time.ts';
import type { VideoRendition } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import { keepFirstPicture } from '../first-picture.ts';
import type { Graph } from '../graph.ts';
import { createKeyFrameSchedule, createTickClock } from '../tick-clock.ts';
import { createVideoFilter } from '../video-filter.ts';

/** What the node needs to know of its place in the graph. */
export interface VideoBranchPlace {
  /** Whose ticks the incoming pictures carry. */
  readonly sourceRate: Rational;
  readonly pictures: Edge<Frame>;
  readonly toEncoder: Edge<Frame>;
  /** Filter on the event loop while that is quick, as the decoder beside it decodes there. */
  readonly inline: boolean;
}

/** Adds the node. */
export function addVideoBranchNode(
  graph: Graph,
  rendition: VideoRendition,
  { sourceRate, pictures, toEncoder, inline }: VideoBranchPlace,
): void {
  const clock = createTickClock(rendition.frameRate);
  const isKeyFrameDue =
    rendition.forcedKeyFrameSeconds === null
      ? () => false
      : createKeyFrameSchedule(rendition.forcedKeyFrameSeconds, rendition.frameRate);
  const filter = graph.own(
    createVideoFilter({
      steps: rendition.filters,
      timeBase: { num: sourceRate.den, den: sourceRate.num },
      frameRate: sourceRate,
      target: {
        widthPx: rendition.widthPx,
        heightPx: rendition.heightPx,
        pixelFormat: rendition.pixelFormat,
        hasFields: rendition.scan !== 'progressive',
      },
      threads: 1,
      inline,
      frames: graph.frames,
    }),
    (open) => open.close(),
  );
  let given = 0;
  const first = keepFirstPicture(graph.frames);
  let isShort = false;
  /** Tick of the source at which its pictures end so far. */
  let sourceEnd = 0n;
  const isBeyond = (tick: bigint): boolean =>
    rendition.endsWithSource === true && tick >= countIn(spanOf(sourceEnd, sourceRate), rendition.frameRate);
  /** Pictures that have no room yet: they wait for more of the source, and are left out where it has ended. */
  const early: Frame[] = [];
  const isComplete = (): boolean => rendition.frameLimit !== null && given >= rendition.frameLimit;

  const give = (frame: Frame): Promise<void> | void => {
    given += 1;
    return toEncoder.put(frame);
  };
  const giveEarly = async (): Promise<void> => {
    for (let next = early[0]; next !== undefined && !isBeyond(next.pts); next = early[0]) {
      early.shift();
      await give(next);
    }
  };
  const emit = (frame: Frame, timeBase: Rational): Promise<void> | void => {
    const tick = isComplete() ? null : clock.tickOf(frame.pts, timeBase);
    // Whatever its length, a clip has its first picture.
    if (tick === null || (given > 0 && isShort)) return graph.frames.give(frame);
    frame.pts = tick;
    frame.duration = 1n;
    if (isKeyFrameDue(tick)) frame.pictType = AV_PICTURE_TYPE_I;
    if (given === 0 || !isBeyond(tick)) return give(frame);
    early.push(frame);
  };

  graph.node(`branch ${rendition.id}`, async () => {
    for (;;) {
      const frame = await pictures.take();
      if (frame === null) break;
      dropSideData(frame, rendition.dropCaptions);
      sourceEnd = frame.pts + 1n;
      if (early.length > 0) await giveEarly();
      first.see(frame, given > 0);
      await filter.filter(frame, emit);
      if (isComplete()) {
        pictures.leave();
        break;
      }
    }
    const again = first.again(
      given > 0,
      rationalToNumber(sourceRate) / rationalToNumber(rendition.frameRate),
    );
    isShort = again !== null;
    if (again !== null) await filter.filter(again, emit);
    await filter.finish(emit);
    await giveEarly();
    for (const beyond of early.splice(0)) graph.frames.give(beyond);
    toEncoder.end();
  });
}

/** Encoders copy what they find on a frame: captions nobody selected, Dolby Vision metadata that no longer fits. */
function dropSideData(frame: Frame, dropCaptions: boolean): void {
  if (dropCaptions) frame.removeSideData(AV_FRAME_DATA_A53_CC);
  frame.removeSideData(AV_FRAME_DATA_DOVI_RPU_BUFFER);
  frame.removeSideData(AV_FRAME_DATA_DOVI_METADATA);
}
