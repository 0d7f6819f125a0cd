/**
 * `EngineObjects` on a store in this process: no worker, no channel. For `sample`, benches, tests, and wherever
 * media is touched without hostile input.
 */
import type { ObjectStore } from '../store/store.ts';
import type { RangeSource } from './block-cache.ts';
import { openPathInput, openRangeInput } from './object-input.ts';
import type { ObjectSink } from './object-output.ts';
import type { EngineObjects } from './objects.ts';
import { collectOpenObjects } from './open-objects.ts';

/** Objects of `store`. `byPath: false` reads local files through callbacks too, as a sandboxed child does. */
export function createLocalObjects(
  store: ObjectStore,
  { byPath = true }: { readonly byPath?: boolean } = {},
): EngineObjects {
  const stopper = new AbortController();
  return collectOpenObjects({
    async openInput(location, onClosed) {
      const reader = await store.open(location, stopper.signal);
      const { path, sizeBytes } = reader.head;
      if (byPath && path !== null) {
        await reader.close();
        return openPathInput(location, path, sizeBytes, onClosed);
      }
      const source: RangeSource = {
        sizeBytes,
        fetch: (offset, length) => reader.read(offset, length, stopper.signal),
        close: () => reader.close(),
      };
      return openRangeInput(location, source, onClosed);
    },
    createSink(location, options): ObjectSink {
      const created = store.create(location, options, stopper.signal);
      created.catch(() => {});
      let writes: Promise<void> = Promise.resolve();
      return {
        write(bytes) {
          writes = writes.then(async () => (await created).write(bytes));
          return writes;
        },
        async publish() {
          return (await created).publish();
        },
        async abort() {
          const writer = await created.catch(() => null);
          await writes.catch(() => {});
          await writer?.abort();
        },
      };
    },
    publishFile: (path, location, options) => store.publishFile(path, location, options, stopper.signal),
    cancel: (reason) => stopper.abort(reason),
  });
}
