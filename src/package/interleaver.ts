/**
 * Puts the packets of several tracks into one order by time. A packet leaves when every track that has not ended has
 * shown its next one, so that nothing earlier can still arrive.
 */
import { compareInstants, type Instant } from './instant.ts';

/** What is queued; `order` decides, and never decreases within a track. */
export interface Ordered {
  readonly order: Instant;
}

/** Queues by track. */
export interface Interleaver<Item extends Ordered> {
  push(track: number, item: Item): void;
  end(track: number): void;
  /** The next item without taking it; null when more packets must arrive first, or nothing is left. */
  peek(): Item | null;
  /** Takes what `peek` showed. */
  take(): Item | null;
  /** Empties all queues. */
  clear(): void;
  readonly isDrained: boolean;
}

/** Makes empty queues for `trackCount` tracks. At equal times the lower track goes first. */
export function createInterleaver<Item extends Ordered>(trackCount: number): Interleaver<Item> {
  const queues = Array.from({ length: trackCount }, () => ({ items: [] as Item[], head: 0, ended: false }));
  type Queue = (typeof queues)[number];

  const earliest = (): Queue | null => {
    let best: { readonly queue: Queue; readonly item: Item } | null = null;
    for (const queue of queues) {
      const item = queue.items[queue.head];
      if (item === undefined) {
        if (queue.ended) continue;
        return null;
      }
      if (best === null || compareInstants(item.order, best.item.order) < 0) best = { queue, item };
    }
    return best?.queue ?? null;
  };
  const takeFrom = (queue: Queue): Item | null => {
    const item = queue.items[queue.head] ?? null;
    queue.head += 1;
    if (queue.head > 64 && queue.head * 2 > queue.items.length) {
      queue.items.splice(0, queue.head);
      queue.head = 0;
    }
    return item;
  };

  return {
    push(track, item) {
      queueOf(track).items.push(item);
    },
    end(track) {
      queueOf(track).ended = true;
    },
    peek() {
      const queue = earliest();
      return queue === null ? null : (queue.items[queue.head] ?? null);
    },
    take() {
      const queue = earliest();
      return queue === null ? null : takeFrom(queue);
    },
    clear() {
      for (const queue of queues) {
        queue.items = [];
        queue.head = 0;
      }
    },
    get isDrained() {
      return queues.every((queue) => queue.ended && queue.items[queue.head] === undefined);
    },
  };

  function queueOf(track: number): Queue {
    const queue = queues[track];
    if (queue === undefined) throw new RangeError(`track ${track} of ${trackCount}`);
    return queue;
  }
}
