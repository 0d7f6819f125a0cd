/**
 * Node: silence behind the sound of a clip whose video lasts longer, or instead of sound that the input does not
 * have. It follows the video, so that outputs are never asked to hold an hour of pictures for want of sound.
 */
import { addSpans, type Rational, type Span, spanOf } from '../../exact-time.ts';
import type { AudioLane } from '../audio-lane.ts';
import type { Graph } from '../graph.ts';
import type { VideoClock } from '../video-clock.ts';

/** Adds the node. `start` is where the clip begins on the output timeline; `frameRate` is that of the clock's ticks. */
export function addSoundTailNode(
  graph: Graph,
  lane: AudioLane,
  clock: VideoClock,
  start: Span,
  frameRate: Rational,
): void {
  const follower = clock.follow();
  graph.node(`silence ${lane.rendition.id}`, async () => {
    await untilSettled(lane.ended, graph.signal);
    for (;;) {
      const { ticks, hasEnded } = await follower.next();
      await lane.fill(addSpans(start, spanOf(ticks, frameRate)));
      if (hasEnded) return;
    }
  });
}

/** Resolves when sound has ended; rejects when the graph stops: sound that never ends must not be waited for. */
export async function untilSettled(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<void>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([ended, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
