/** Input objects over files, as the engine child gets them: by path, or through asynchronous callbacks. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { openPathInput, openRangeInput } from '../../src/engine/object-input.ts';
import { probeInput } from '../../src/engine/probe/probe-input.ts';
import type { InputFacts } from '../../src/plan/facts.ts';

/** The URL a probed file has in messages. */
export const location = 's3://bucket/input';

/** Probes a file by its path. */
export async function probeFile(path: string): Promise<InputFacts> {
  const input = openPathInput(location, path, statSync(path).size, () => {});
  try {
    return await probeInput(input, location);
  } finally {
    await input.close();
  }
}

/** Probes a file through range requests; `failAt` makes requests that reach this byte fail with `fault`. */
export async function probeByRanges(
  path: string,
  failure: { readonly failAt: number; readonly fault: Error } | null = null,
): Promise<InputFacts> {
  const file = openSync(path, 'r');
  const input = openRangeInput(
    location,
    {
      sizeBytes: statSync(path).size,
      async fetch(offset, length) {
        if (failure !== null && offset + length > failure.failAt) throw failure.fault;
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
      },
      async close() {
        closeSync(file);
      },
    },
    () => {},
  );
  try {
    return await probeInput(input, location);
  } finally {
    await input.close();
  }
}
