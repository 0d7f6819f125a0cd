/**
 * Readers that were opened to learn what a child is granted, and that the child's own opening then takes over: an
 * object behind a network is asked for its head and its first bytes once, not twice.
 */
import type { ObjectReader, ReadableStore } from '../store/store.ts';

/** A store whose next opening of a location may be answered by a reader that is open already. */
export interface KeptReaders extends ReadableStore {
  /** Keeps a reader for the next opening of its location. */
  keep(location: string, reader: ObjectReader): Promise<void>;
  /** Closes what nobody took. */
  close(): Promise<void>;
}

/** Puts kept readers in front of `store`. */
export function keepReaders(store: ReadableStore): KeptReaders {
  const kept = new Map<string, ObjectReader>();
  return {
    async open(location, signal) {
      const reader = kept.get(location);
      kept.delete(location);
      return reader ?? store.open(location, signal);
    },
    async keep(location, reader) {
      const former = kept.get(location);
      kept.set(location, reader);
      await former?.close();
    },
    async close() {
      const left = [...kept.values()];
      kept.clear();
      await Promise.allSettled(left.map((reader) => reader.close()));
    },
  };
}
