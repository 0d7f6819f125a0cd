/** `EngineObjects` of a store that takes nothing until it is told to, and an account of what it has taken. */
import type { EngineObjects, OutputObject } from '../../../src/engine/objects.ts';

export interface SlowObjects extends EngineObjects {
  /** Bytes that the store has taken, by location; what waits in front of it is not among them. */
  readonly takenBytes: ReadonlyMap<string, number>;
  /** Locations in the order in which they became readable. */
  readonly publishes: readonly string[];
  /** Takes what waits longest; false when nothing waits. */
  takeOne(): boolean;
}

/** Every `drained` and `publish` waits for a `takeOne`. */
export function createSlowObjects(): SlowObjects {
  const takenBytes = new Map<string, number>();
  const publishes: string[] = [];
  const waiting: (() => void)[] = [];
  let bytesWritten = 0;
  const taken = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const create = (location: string): OutputObject => {
    let given = 0;
    const take = (): void => void takenBytes.set(location, given);
    return {
      location,
      write(bytes) {
        given += bytes.length;
        bytesWritten += bytes.length;
      },
      async drained() {
        await taken();
        take();
      },
      async publish() {
        await taken();
        take();
        publishes.push(location);
        return { sizeBytes: given };
      },
      async abort() {},
    };
  };
  return {
    takenBytes,
    publishes,
    create,
    takeOne() {
      const next = waiting.shift();
      next?.();
      return next !== undefined;
    },
    openInput: () => Promise.reject(new Error('no inputs here')),
    publishFile: () => Promise.reject(new Error('no files here')),
    cancel() {},
    get bytesWritten() {
      return bytesWritten;
    },
  };
}
