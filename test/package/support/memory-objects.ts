/** `EngineObjects` in memory: what is visible, what is open, and a failure on demand. */
import type { EngineObjects, OutputObject } from '../../../src/engine/objects.ts';
import type { WriteOptions } from '../../../src/store/store.ts';

export interface MemoryObjects extends EngineObjects {
  /** Published objects by location. */
  readonly visible: ReadonlyMap<string, Buffer>;
  readonly options: ReadonlyMap<string, WriteOptions>;
  /** Locations in publish order, repeats included. */
  readonly publishes: readonly string[];
  /** Created and neither published nor aborted. */
  readonly open: ReadonlySet<string>;
}

/** `onPublish` is called before an object becomes visible: what it throws or awaits happens to the publish. */
export function createMemoryObjects(
  onPublish: (location: string, body: Buffer) => void | Promise<void> = () => {},
): MemoryObjects {
  const visible = new Map<string, Buffer>();
  const options = new Map<string, WriteOptions>();
  const publishes: string[] = [];
  const open = new Set<string>();
  let bytesWritten = 0;
  const create = (location: string, given: WriteOptions): OutputObject => {
    const chunks: Buffer[] = [];
    open.add(location);
    return {
      location,
      write(bytes) {
        chunks.push(Buffer.from(bytes));
        bytesWritten += bytes.length;
      },
      async drained() {},
      async publish() {
        const body = Buffer.concat(chunks);
        await onPublish(location, body);
        visible.set(location, body);
        options.set(location, given);
        publishes.push(location);
        open.delete(location);
        return { sizeBytes: body.length };
      },
      async abort() {
        open.delete(location);
      },
    };
  };
  return {
    visible,
    options,
    publishes,
    open,
    create,
    openInput: () => Promise.reject(new Error('no inputs here')),
    publishFile: () => Promise.reject(new Error('no files here')),
    cancel() {},
    get bytesWritten() {
      return bytesWritten;
    },
  };
}
