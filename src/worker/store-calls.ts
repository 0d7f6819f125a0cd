/** Stores that know when they answered last: an engine that waits for them has not stalled. */
import type { ObjectReader, ObjectStore, ObjectWriter } from '../store/store.ts';

/** Stores whose calls are watched. */
export interface WatchedStores {
  readonly stores: ObjectStore;
  /** Milliseconds since the last answer: 0 while a call is under way, Infinity when there was none. */
  sinceServedMs(): number;
}

/** Watches the calls to `stores`, their readers and their writers. */
export function watchStoreCalls(stores: ObjectStore): WatchedStores {
  let underWay = 0;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  const watched = async <Result>(call: Promise<Result>): Promise<Result> => {
    underWay += 1;
    try {
      return await call;
    } finally {
      underWay -= 1;
      answeredAtMs = performance.now();
    }
  };
  const watchReader = (reader: ObjectReader): ObjectReader => ({
    head: reader.head,
    read: (offset, length, signal) => watched(reader.read(offset, length, signal)),
    close: () => reader.close(),
  });
  const watchWriter = (writer: ObjectWriter): ObjectWriter => ({
    write: (bytes) => watched(writer.write(bytes)),
    publish: () => watched(writer.publish()),
    abort: () => watched(writer.abort()),
  });
  return {
    stores: {
      open: async (location, signal) => watchReader(await watched(stores.open(location, signal))),
      checkWritable: stores.checkWritable,
      create: async (location, options, signal) =>
        watchWriter(await watched(stores.create(location, options, signal))),
      publishFile: (path, location, options, signal) =>
        watched(stores.publishFile(path, location, options, signal)),
    },
    sinceServedMs: () => (underWay > 0 ? 0 : performance.now() - answeredAtMs),
  };
}
