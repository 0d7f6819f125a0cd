/**
 * What an output keeps in memory while it is made: the bytes that went in, less those that the store or the scratch
 * folder has. It is bounded by its segments, however long it is and however slow the store.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import { createHlsGroupWriter, type HlsGroupWriter } from '../../src/package/hls-group.ts';
import { cmafGroup, dashGroup, smoothFile, smoothGroup, videoTrackFile } from './support/fragmented-plan.ts';
import { hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createSlowObjects, type SlowObjects } from './support/slow-objects.ts';
import type { TinyTrack } from './support/tiny-encode.ts';

captureLibraryLog();
const tracks = createTinyTracks();
const scratch = mkdtempSync(path.join(tmpdir(), 'openconvert-memory-'));
afterAll(() => {
  tracks.free();
  rmSync(scratch, { recursive: true });
});

const segmentSeconds = rational(1);
/** Noise: segments of some hundred kilobytes, so that what waits in front of the store is seen. */
const film = (seconds: number): TinyTrack =>
  tracks.video({
    frames: 25 * seconds,
    forcedKeyFrameSeconds: segmentSeconds,
    gopFrames: 25,
    globalHeader: true,
    options: { qp: '10' },
    draw(planes, n) {
      let state = n + 1;
      for (const plane of planes)
        for (let at = 0; at < plane.length; at += 1) {
          state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
          plane[at] = state >> 16;
        }
    },
  });
const short = film(6);
const long = film(12);

const groups: Readonly<Record<string, (objects: SlowObjects) => HlsGroupWriter>> = {
  HLS: (objects) =>
    createHlsGroupWriter(
      hlsGroup([videoOutput(0, '_v')], { segmentSeconds, progressiveManifests: true }),
      objects,
    ),
  CMAF: (objects) =>
    createFragmentedGroupWriter(cmafGroup([videoTrackFile(0, '_v')], { segmentSeconds }), objects, scratch),
  'CMAF in one file': (objects) =>
    createFragmentedGroupWriter(
      cmafGroup(
        [videoTrackFile(0, '_v', { initLocation: null, segmentLocation: 's3://out/vod/clip_v.cmfv' })],
        {
          segmentSeconds,
          segmentControl: 'SINGLE_FILE',
        },
      ),
      objects,
      scratch,
    ),
  DASH: (objects) =>
    createFragmentedGroupWriter(
      dashGroup([videoTrackFile(0, '_v', { brand: 'iso6', playlistLocation: null })], { segmentSeconds }),
      objects,
      scratch,
    ),
  Smooth: (objects) =>
    createFragmentedGroupWriter(
      smoothGroup([smoothFile(0, '_v')], { segmentSeconds, fragmentSeconds: segmentSeconds }),
      objects,
      scratch,
    ),
};

interface Account {
  /** The most that was held at a time, in segments of the largest size. */
  readonly heldSegments: number;
  /** Segments that were readable when the last packet was given. */
  readonly readableBeforeEnd: number;
}

/** Feeds a track as fast as it is taken; the store takes something only when `isSlow` and nothing else moves, or at once. */
async function keepAccount(
  writer: HlsGroupWriter,
  objects: SlowObjects,
  film: TinyTrack,
  isSlow: boolean,
): Promise<Account> {
  const output = writer.outputWriter(0);
  await output.start([film.track]);
  let given = 0;
  let heldBytes = 0;
  let readableBeforeEnd = 0;
  const count = (): void => {
    const stored = [...objects.takenBytes].filter(([location]) => /\.(ts|cmfv|ismv)$/.test(location));
    const inScratch = readdirSync(scratch).reduce(
      (sum, name) => sum + statSync(path.join(scratch, name)).size,
      0,
    );
    const left = given - inScratch - stored.reduce((sum, [, bytes]) => sum + bytes, 0);
    heldBytes = Math.max(heldBytes, left);
  };
  const settle = async (work: Promise<unknown> | void): Promise<void> => {
    let isDone = false;
    const done = Promise.resolve(work).finally(() => {
      isDone = true;
    });
    do {
      if (!isSlow) while (objects.takeOne()) await turn();
      await turn();
      count();
      if (!isDone && isSlow) objects.takeOne();
    } while (!isDone);
    await done;
  };
  for (const packet of film.packets) {
    given += packet.size;
    await settle(output.writePacket(0, packet));
    if (packet === film.packets.at(-1))
      readableBeforeEnd = objects.publishes.filter((location) => /_0+\d+\.(ts|cmfv)$/.test(location)).length;
  }
  const finished = (async () => {
    await output.endTrack(0);
    await output.finish();
    await writer.finish();
  })();
  given = 0;
  await settle(finished);
  return { heldSegments: heldBytes / largestSegment(film), readableBeforeEnd };
}

/** Everything that can go on without the store has gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function largestSegment({ packets }: TinyTrack): number {
  const sizes = new Map<number, number>();
  for (const { pts, size } of packets) {
    const segment = Math.floor(Number(pts) / 25);
    sizes.set(segment, (sizes.get(segment) ?? 0) + size);
  }
  return Math.max(...sizes.values());
}

describe.each(Object.entries(groups))('an output of %s', (name, open) => {
  it('keeps the segment that is being made, and nothing before it', async () => {
    const objects = createSlowObjects();
    const { heldSegments, readableBeforeEnd } = await keepAccount(open(objects), objects, long, false);
    // The pictures that begin the next segment are there when the one before it ends.
    expect(heldSegments).toBeLessThan(1.3);
    if (!/file|Smooth/.test(name)) expect(readableBeforeEnd).toBe(11);
  });

  it('waits for a slow store, with one more segment on its way there', async () => {
    const heldOf = async (film: TinyTrack): Promise<number> => {
      const objects = createSlowObjects();
      return (await keepAccount(open(objects), objects, film, true)).heldSegments;
    };
    const held = await heldOf(short);
    expect(held).toBeLessThan(2.2);
    expect(await heldOf(long)).toBeCloseTo(held, 1);
  });
});
