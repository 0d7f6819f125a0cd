/** What a clip from the middle of a big remote object costs: bars of the product, held on objects of 2 GB. */
import { expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import type { BigKind } from './big-objects.ts';
import { readBigObject } from './read-big-object.ts';

quietLibraryLog();

const largestBlockBytes = 2 * 1024 * 1024;
const kinds: readonly BigKind[] = ['mp4-index-first', 'mp4-index-last', 'mpegts', 'matroska'];

test.each(kinds)(
  '%s: a clip of ten seconds reads less than three times its bytes, and the index',
  async (kind) => {
    const run = await readBigObject(kind, 2_000_000_000);
    console.log(JSON.stringify(run));
    expect(run.frames).toBe(250);
    // The index is read by the probe and by the run.
    expect(run.probeBytes + run.runBytes).toBeLessThan(3 * run.clipBytes + 2 * run.indexBytes);
    // A block that is asked for ahead may still be on its way when the run ends.
    expect(run.runBytes - run.reportedBytes).toBeGreaterThanOrEqual(0);
    expect(run.runBytes - run.reportedBytes).toBeLessThanOrEqual(largestBlockBytes);
    if (kind === 'mp4-index-last') expect(run.probeRequests).toBeLessThanOrEqual(4);
  },
);
