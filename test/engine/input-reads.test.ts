/** What a clip from the middle of a remote object costs; the slow suite holds it for objects of 2 GB. */
import { expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { readBigObject } from './read-big-object.ts';

quietLibraryLog();

test.each(['mp4-index-last', 'mpegts'] as const)(
  '%s: a clip of ten seconds from 100 reads less than three times its bytes',
  { timeout: 120_000 },
  async (kind) => {
    const run = await readBigObject(kind, 100_000_000);
    expect(run.frames).toBe(250);
    expect(run.probeBytes + run.runBytes).toBeLessThan(3 * run.clipBytes + 2 * run.indexBytes);
    // What the server sent is what the engine says it read, up to what was still on its way at the end.
    expect(Math.abs(run.reportedBytes - run.runBytes)).toBeLessThan(4 * 1024 * 1024);
  },
);
