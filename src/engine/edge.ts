/**
 * An edge of the graph: a bounded queue between two nodes. One node puts, one node takes; the putter waits while
 * the edge is full, the taker while it is empty. `end` says that nothing more comes; `fail` breaks both ends when
 * the graph stops; `leave` is the taker saying that it wants nothing more. Items are frames or packets owned by
 * the graph's pools, so an edge never frees anything except through `release`.
 */

/** What flows over an edge is released by `release` when nobody will take it any more. */
export interface Edge<Item> {
  /** Resolves (or returns) when the item is in the queue. Rejects with the graph's reason after `fail`. */
  put(item: Item): Promise<void> | void;
  /** The next item; null when the edge has ended and is empty. */
  take(): Promise<Item | null> | Item | null;
  end(): void;
  fail(reason: unknown): void;
  leave(): void;
  /** The taker has left: whatever is put is released at once. */
  readonly isLeft: boolean;
}

/** An edge is full with so many items, or with so many bytes of them: the item that reaches them still fits. */
export interface EdgeCapacity<Item> {
  readonly items: number;
  readonly bytes?: number;
  readonly sizeOf?: (item: Item) => number;
}

/** Makes an edge. */
export function createEdge<Item>(
  { items, bytes = Number.POSITIVE_INFINITY, sizeOf = () => 0 }: EdgeCapacity<Item>,
  release: (item: Item) => void,
): Edge<Item> {
  const queue: Item[] = [];
  let queuedBytes = 0;
  let state: 'open' | 'ended' | 'left' | 'failed' = 'open';
  let failure: unknown;
  let wakePutter: (() => void) | null = null;
  let wakeTaker: (() => void) | null = null;

  const wake = (): void => {
    const [putter, taker] = [wakePutter, wakeTaker];
    wakePutter = null;
    wakeTaker = null;
    putter?.();
    taker?.();
  };
  const drop = (): void => {
    queuedBytes = 0;
    for (const item of queue.splice(0)) release(item);
  };
  const isFull = (): boolean => queue.length >= items || queuedBytes >= bytes;

  const putWhenRoom = async (item: Item): Promise<void> => {
    while (state === 'open' && isFull()) {
      await new Promise<void>((resolve) => {
        wakePutter = resolve;
      });
    }
    store(item);
  };
  const store = (item: Item): void => {
    if (state === 'failed') {
      release(item);
      throw failure;
    }
    if (state !== 'open') {
      release(item);
      return;
    }
    queue.push(item);
    queuedBytes += sizeOf(item);
    const taker = wakeTaker;
    wakeTaker = null;
    taker?.();
  };
  const takeNow = (): Item | null => {
    const item = queue.shift() ?? null;
    if (item !== null) queuedBytes -= sizeOf(item);
    const putter = wakePutter;
    wakePutter = null;
    putter?.();
    return item;
  };
  const takeWhenThere = async (): Promise<Item | null> => {
    while (state === 'open' && queue.length === 0) {
      await new Promise<void>((resolve) => {
        wakeTaker = resolve;
      });
    }
    if (state === 'failed') throw failure;
    return takeNow();
  };

  return {
    put: (item) => (state === 'open' && isFull() ? putWhenRoom(item) : store(item)),
    take: () => (queue.length > 0 ? takeNow() : takeWhenThere()),
    end() {
      if (state === 'open') state = 'ended';
      wake();
    },
    fail(reason) {
      state = 'failed';
      failure = reason;
      drop();
      wake();
    },
    leave() {
      if (state === 'failed') return;
      state = 'left';
      drop();
      wake();
    },
    get isLeft() {
      return state === 'left';
    },
  };
}
