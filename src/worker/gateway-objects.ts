/**
 * The objects one child has open at the gateway. Requests for one object run one after another, in the order they
 * came; different objects do not wait for each other. What is not published when the child ends is aborted.
 */
import type { ObjectReader, ObjectWriter } from '../store/store.ts';

/** More open objects than any plan needs; a child that wants more is broken. */
const maxOpenObjects = 2048;

/** An object the child has opened. */
export type OpenObject = OpenReader | OpenWriter;

/** A source the child reads. */
export interface OpenReader {
  readonly kind: 'reader';
  readonly location: string;
  readonly reader: ObjectReader;
}

/** A new object the child writes. */
export interface OpenWriter {
  readonly kind: 'writer';
  readonly location: string;
  readonly writer: ObjectWriter;
}

/** The open objects of one child, by the child's numbers. */
export interface OpenObjects {
  /** Runs `work` after everything asked earlier for the same object. */
  inOrder<Result>(object: number, work: () => Promise<Result>): Promise<Result>;
  /** Opens an object under the child's number. Rejects with RangeError when the number is taken or there are too many. */
  open<Opened extends OpenObject>(object: number, make: () => Promise<Opened>): Promise<Opened>;
  /** Throws RangeError when the object is not open for reading, or writing. */
  reader(object: number): OpenReader;
  writer(object: number): OpenWriter;
  /** Forgets an object without closing it; null when it is unknown. */
  take(object: number): OpenObject | null;
  /** Waits for what is under way, closes all readers and aborts all writers. */
  closeAll(): Promise<void>;
}

/** Closes a reader; drops a writer's object. */
export async function closeOpenObject(opened: OpenObject): Promise<void> {
  if (opened.kind === 'reader') await opened.reader.close();
  else await opened.writer.abort();
}

/** Starts with nothing open. */
export function trackOpenObjects(): OpenObjects {
  const open = new Map<number, OpenObject>();
  const opening = new Set<number>();
  const queues = new Map<number, Promise<unknown>>();

  return {
    inOrder(object, work) {
      const before = queues.get(object) ?? Promise.resolve();
      const result = before.then(work);
      const settled = result.catch(() => {});
      queues.set(object, settled);
      void settled.then(() => {
        if (queues.get(object) === settled) queues.delete(object);
      });
      return result;
    },
    async open(object, make) {
      if (open.has(object) || opening.has(object)) throw new RangeError(`object ${object} is open already`);
      if (open.size + opening.size >= maxOpenObjects)
        throw new RangeError(`more than ${maxOpenObjects} objects are open`);
      opening.add(object);
      try {
        const opened = await make();
        open.set(object, opened);
        return opened;
      } finally {
        opening.delete(object);
      }
    },
    reader(object) {
      const opened = open.get(object);
      if (opened?.kind !== 'reader') throw new RangeError(`object ${object} is not open for reading`);
      return opened;
    },
    writer(object) {
      const opened = open.get(object);
      if (opened?.kind !== 'writer') throw new RangeError(`object ${object} is not open for writing`);
      return opened;
    },
    take(object) {
      const opened = open.get(object) ?? null;
      open.delete(object);
      return opened;
    },
    async closeAll() {
      await Promise.all(queues.values());
      const left = [...open.values()];
      open.clear();
      await Promise.allSettled(left.map(closeOpenObject));
    },
  };
}
