/** Stores that know whether a call of theirs is under way: an engine that waits for one has not stalled. */
import type { ObjectReader, ObjectStore, ObjectWriter } from '../store/store.ts';

/** Stores with a count of the calls that have no answer yet. */
export interface CountedStores {
  readonly stores: ObjectStore;
  underWay(): number;
}

/** Counts the calls to `stores`, their readers and their writers. */
export function countStoreCalls(stores: ObjectStore): CountedStores {
  let underWay = 0;
  const counted = async <Result>(call: Promise<Result>): Promise<Result> => {
    underWay += 1;
    try {
      return await call;
    } finally {
      underWay -= 1;
    }
  };
  const countReader = (reader: ObjectReader): ObjectReader => ({
    head: reader.head,
    read: (offset, length, signal) => counted(reader.read(offset, length, signal)),
    close: () => reader.close(),
  });
  const countWriter = (writer: ObjectWriter): ObjectWriter => ({
    write: (bytes) => counted(writer.write(bytes)),
    publish: () => counted(writer.publish()),
    abort: () => counted(writer.abort()),
  });
  return {
    stores: {
      open: async (location, signal) => countReader(await counted(stores.open(location, signal))),
      checkWritable: (location, signal) => stores.checkWritable(location, signal),
      create: async (location, options, signal) =>
        countWriter(await counted(stores.create(location, options, signal))),
      publishFile: (path, location, options, signal) =>
        counted(stores.publishFile(path, location, options, signal)),
    },
    underWay: () => underWay,
  };
}
