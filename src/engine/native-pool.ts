/**
 * Owners of frames and packets. Native structures are made once and used again: wrappers made per frame cost the
 * garbage collector more than the copies they save. Everything a pool ever made is freed by `free`, wherever it
 * was left when the graph stopped (style 19).
 */
import { Frame, Packet } from 'node-av/lib';

/** Hands out empty native structures and takes them back. */
export interface NativePool<Item> {
  take(): Item;
  /** Drops what the structure refers to and keeps the structure for the next `take`. */
  give(item: Item): void;
  /** Frees every structure ever handed out. Nothing of this pool is touched afterwards. */
  free(): void;
  /** Structures handed out and not given back. */
  readonly inUse: number;
}

interface Native {
  alloc(): void;
  unref(): void;
  free(): void;
}

/** Pool of frames. */
export function createFramePool(): NativePool<Frame> {
  return createNativePool(() => new Frame());
}

/** Pool of packets. */
export function createPacketPool(): NativePool<Packet> {
  return createNativePool(() => new Packet());
}

function createNativePool<Item extends Native>(make: () => Item): NativePool<Item> {
  const all: Item[] = [];
  const idle: Item[] = [];
  let freed = false;
  return {
    take() {
      const kept = idle.pop();
      if (kept !== undefined) return kept;
      const item = make();
      item.alloc();
      all.push(item);
      return item;
    },
    give(item) {
      if (freed) return;
      item.unref();
      idle.push(item);
    },
    free() {
      freed = true;
      for (const item of all.splice(0)) item.free();
      idle.length = 0;
    },
    get inUse() {
      return all.length - idle.length;
    },
  };
}
