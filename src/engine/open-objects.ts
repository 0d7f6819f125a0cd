/** What all implementations of `EngineObjects` share: knowing what is open, counting bytes, stopping everything. */
import type { WriteOptions } from '../store/store.ts';
import type { CancelableInput } from './object-input.ts';
import { type CancelableOutput, type ObjectSink, openBufferedOutput } from './object-output.ts';
import type { EngineObjects } from './objects.ts';

/** How one implementation reaches objects. */
export interface ObjectTransport {
  /** `onClosed` is called when the caller closes the input. */
  openInput(location: string, onClosed: () => void): Promise<CancelableInput>;
  createSink(location: string, options: WriteOptions): ObjectSink;
  publishFile(path: string, location: string, options: WriteOptions): Promise<{ readonly sizeBytes: number }>;
  /** Stops what is under way below. Called once. */
  cancel(reason: Error): void;
}

/** Builds `EngineObjects` on a transport. */
export function collectOpenObjects(transport: ObjectTransport): EngineObjects {
  const inputs = new Set<CancelableInput>();
  const outputs = new Set<CancelableOutput>();
  let canceled: Error | null = null;
  let stop: (reason: Error) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  stopped.catch(() => {});
  let bytesWritten = 0;

  /** The result of `work`, or the cancellation when that comes first. */
  const unlessCanceled = <Result>(work: Promise<Result>): Promise<Result> => Promise.race([stopped, work]);

  return {
    async openInput(location) {
      if (canceled !== null) throw canceled;
      let opened: CancelableInput | null = null;
      const opening = transport
        .openInput(location, () => opened !== null && inputs.delete(opened))
        .then(async (input) => {
          opened = input;
          if (canceled === null) return input;
          await input.close();
          throw canceled;
        });
      opening.catch(() => {});
      const input = await unlessCanceled(opening);
      inputs.add(input);
      return input;
    },
    create(location, options) {
      const output = openBufferedOutput(
        location,
        transport.createSink(location, options),
        (bytes) => {
          bytesWritten += bytes;
        },
        () => outputs.delete(output),
      );
      outputs.add(output);
      if (canceled !== null) output.cancel(canceled);
      return output;
    },
    async publishFile(path, location, options) {
      if (canceled !== null) throw canceled;
      const published = transport.publishFile(path, location, options);
      published.catch(() => {});
      const { sizeBytes } = await unlessCanceled(published);
      bytesWritten += sizeBytes;
      return { sizeBytes };
    },
    cancel() {
      if (canceled !== null) return;
      canceled = new DOMException('the task was canceled', 'AbortError');
      stop(canceled);
      for (const input of inputs) input.cancel(canceled);
      for (const output of outputs) output.cancel(canceled);
      transport.cancel(canceled);
    },
    get bytesWritten() {
      return bytesWritten;
    },
  };
}
