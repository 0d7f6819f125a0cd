/**
 * Node: cleans pictures at the source's own size and rate (deinterlacing, noise reduction), once for all branches
 * that want the same.
 */
import type { Frame } from 'node-av/lib';
import type { Rational } from '../../exact-time.ts';
import type { PicturePreparation } from '../../plan/picture-plan.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { createTickClock } from '../tick-clock.ts';
import { createVideoFilter } from '../video-filter.ts';
import { shareFrame } from './share-frame.ts';

/** Slice threads of the filters: several branches wait for them. */
const preparationThreads = 2;
/** Pictures are large. */
const pictureEdge = 4;

/** A branch and what its pictures go through first. */
export interface PreparedBranch {
  readonly preparation: PicturePreparation | null;
  readonly pictures: Edge<Frame>;
}

/** Puts a node in front of every set of branches with the same preparation; gives the edges the decoder feeds. */
export function addPreparationNodes(
  graph: Graph,
  branches: readonly PreparedBranch[],
  sourceRate: Rational,
): readonly Edge<Frame>[] {
  const fed: Edge<Frame>[] = [];
  const groups = new Map<
    string,
    { readonly preparation: PicturePreparation; readonly edges: Edge<Frame>[] }
  >();
  for (const { preparation, pictures } of branches) {
    if (preparation === null) {
      fed.push(pictures);
      continue;
    }
    const key = JSON.stringify(preparation);
    const known = groups.get(key);
    if (known !== undefined) known.edges.push(pictures);
    else groups.set(key, { preparation, edges: [pictures] });
  }
  for (const { preparation, edges } of groups.values()) {
    fed.push(addPreparationNode(graph, preparation, edges, sourceRate));
  }
  return fed;
}

function addPreparationNode(
  graph: Graph,
  preparation: PicturePreparation,
  edges: readonly Edge<Frame>[],
  sourceRate: Rational,
): Edge<Frame> {
  const pictures = graph.frameEdge(pictureEdge);
  const clock = createTickClock(preparation.frameRate);
  const filter = graph.own(
    createVideoFilter({
      steps: preparation.steps,
      timeBase: { num: sourceRate.den, den: sourceRate.num },
      frameRate: sourceRate,
      target: null,
      threads: preparationThreads,
      inline: false,
      frames: graph.frames,
    }),
    (open) => open.close(),
  );
  const emit = (frame: Frame, timeBase: Rational): Promise<void> | void => {
    const tick = clock.tickOf(frame.pts, timeBase);
    if (tick === null) return graph.frames.give(frame);
    frame.pts = tick;
    frame.duration = 1n;
    return shareFrame(graph, frame, edges);
  };
  graph.node('preparation', async () => {
    for (;;) {
      const frame = await pictures.take();
      if (frame === null) break;
      await filter.filter(frame, emit);
      // Frame capture may want nothing more.
      if (edges.every((edge) => edge.isLeft)) {
        pictures.leave();
        break;
      }
    }
    await filter.finish(emit);
    for (const edge of edges) edge.end();
  });
  return pictures;
}
