/**
 * Blocks of one remote object: several positions at once (MP4 keeps audio and video apart), and read-ahead that grows
 * with the length of a sequential run. What is fetched ahead comes in one request, because each costs a round trip.
 */

/** Smallest range that is asked for. */
export const blockBytes = 512 * 1024;
/** 12 MiB per open input. */
const cachedBlocks = 24;
/** One request of 2 MiB: at most so much, and half as much again, is fetched in vain when a run ends. */
const maxRunBlocks = 4;
/** Blocks of one request; what the channel carries in one message (4 MiB). */
const mostBlocksAtOnce = 8;

/** Where the bytes of one open object come from. */
export interface RangeSource {
  readonly sizeBytes: number;
  /** Fetches exactly the bytes asked for, at most 4 MiB; fewer only at the end of the object. */
  fetch(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The blocks of one object. */
export interface BlockCache {
  /** The block's bytes when they are here, otherwise a promise of them. Starts read-ahead. */
  get(blockIndex: number): Buffer | Promise<Buffer>;
  /** Asks at once for what will be read, up to half the cache. */
  expect(offset: number, length: number): void;
  bytesFetched(): number;
}

/** Where a sequential run stands. */
interface Run {
  /** Block that continues the run. */
  readonly next: number;
  /** First block that is not asked for yet. */
  readonly ahead: number;
  /** Blocks of its last request. */
  readonly length: number;
}

/** Least recently used blocks are dropped first; a block being fetched counts as used. */
export function createBlockCache(source: RangeSource): BlockCache {
  const blocks = new Map<number, Buffer | Promise<Buffer>>();
  const blockCount = Math.ceil(source.sizeBytes / blockBytes);
  let runs: readonly Run[] = [];
  let fetched = 0;

  /** Asks for `count` blocks from `first` with one request. */
  const fetch = (first: number, count: number): void => {
    const offset = first * blockBytes;
    const whole = source.fetch(offset, Math.min(count * blockBytes, source.sizeBytes - offset));
    for (let index = first; index < first + count; index += 1) {
      const start = (index - first) * blockBytes;
      const arriving = whole.then(
        (bytes) => {
          const length = Math.max(0, Math.min(blockBytes, bytes.byteLength - start));
          // A view would keep the whole answer alive as long as the last of its blocks.
          const block = Buffer.from(bytes.subarray(start, start + length));
          fetched += length;
          if (blocks.get(index) === arriving) blocks.set(index, block);
          return block;
        },
        (error: unknown) => {
          if (blocks.get(index) === arriving) blocks.delete(index);
          throw error;
        },
      );
      // A failed read-ahead is asked for again when it is needed, and reported then.
      arriving.catch(() => {});
      blocks.set(index, arriving);
    }
    for (const oldest of blocks.keys()) {
      if (blocks.size <= cachedBlocks) break;
      blocks.delete(oldest);
    }
  };

  /** Asks for blocks that are not here, in as few requests as their gaps allow. */
  const fetchMissing = (first: number, end: number): void => {
    for (let from = first; from < end; from += 1) {
      if (blocks.has(from)) continue;
      let until = from + 1;
      while (until < end && !blocks.has(until) && until - from < mostBlocksAtOnce) until += 1;
      fetch(from, until - from);
      from = until - 1;
    }
  };

  /**
   * A fresh position asks for its block alone. A run that goes on asks for twice as much each time, once half of what
   * was asked for before has been read.
   */
  const follow = (blockIndex: number): void => {
    const run = runs.find(({ next }) => next === blockIndex || next === blockIndex + 1);
    if (run === undefined) {
      fetchMissing(blockIndex, blockIndex + 1);
      return note({ next: blockIndex + 1, ahead: blockIndex + 1, length: 1 }, undefined);
    }
    const isNeeded = !blocks.has(blockIndex);
    if (run.next === blockIndex + 1 && !isNeeded) return;
    const left = run.ahead - blockIndex;
    if (left > run.length / 2 && !isNeeded) return note({ ...run, next: blockIndex + 1 }, run);
    const length = Math.min(run.length * 2, maxRunBlocks);
    const from = isNeeded ? blockIndex : Math.max(run.ahead, blockIndex + 1);
    const end = Math.min(from + length, blockCount);
    fetchMissing(from, end);
    note({ next: blockIndex + 1, ahead: end, length }, run);
  };
  /** Four positions at once: video, audio, and what an index or a caption track adds. */
  const note = (run: Run, former: Run | undefined): void => {
    runs = [run, ...runs.filter((each) => each !== former)].slice(0, 4);
  };

  return {
    get(blockIndex) {
      follow(blockIndex);
      const block = blocks.get(blockIndex);
      if (block === undefined) throw new RangeError(`block ${blockIndex} was not asked for`);
      blocks.delete(blockIndex);
      blocks.set(blockIndex, block);
      return block;
    },
    expect(offset, length) {
      const first = Math.floor(offset / blockBytes);
      const end = Math.min(Math.ceil((offset + length) / blockBytes), first + cachedBlocks / 2, blockCount);
      fetchMissing(first, end);
    },
    bytesFetched: () => fetched,
  };
}
