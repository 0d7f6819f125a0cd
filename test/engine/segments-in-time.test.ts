/** Segments leave while the encode runs: the end of the input is held back until the first of them are stored. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import { rational } from '../../src/exact-time.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { audioRendition, hlsGroup, jobPlan, videoRendition } from './plans.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('long.mp4', { durationSeconds: 20, widthPx: 640, heightPx: 360 });
});
afterAll(() => workshop.close());

/** A store that gives the last part of its objects only after `release`, and tells of each object it has published. */
function gated(store: ObjectStore, onPublished: (location: string) => void) {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen = { held: 0 };
  const gatedStore: ObjectStore = {
    ...store,
    async open(location, signal) {
      const reader = await store.open(location, signal);
      let read = 0;
      return {
        ...reader,
        // Read through callbacks: a path would be a way around the gate.
        head: { ...reader.head, path: null },
        async read(offset, length, signal) {
          read += length;
          if (read > reader.head.sizeBytes * 0.7) {
            seen.held += 1;
            await released;
          }
          return reader.read(offset, length, signal);
        },
      };
    },
    async create(location, options, signal) {
      const writer = await store.create(location, options, signal);
      return {
        ...writer,
        async publish() {
          const published = await writer.publish();
          onPublished(location);
          return published;
        },
      };
    },
  };
  return { store: gatedStore, release, seen };
}

describe('segments', { timeout: 60_000 }, () => {
  it('are stored, and named by a playlist, before the engine has the end of its input', async () => {
    const order: string[] = [];
    const gate = gated(await workshop.store(), (location) => {
      order.push(location.replace('s3://outputs/', ''));
      // The playlist comes with the third segment.
      if (location.endsWith('live_v.m3u8')) gate.release();
    });
    const group = { ...hlsGroup('live', ['v'], 'a', 1), progressiveManifests: true };
    const plan = jobPlan({
      key: 'long.mp4',
      videoRenditions: [videoRendition('v', { forcedKeyFrameSeconds: rational(1) })],
      audioRenditions: [audioRendition('a')],
      groups: [group],
    });
    await workshop.run(plan, { objects: createLocalObjects(gate.store) });
    expect(gate.seen.held).toBeGreaterThan(0);
    expect(order.slice(0, 4)).toEqual([
      'live_v_00001.ts',
      'live_v_00002.ts',
      'live_v_00003.ts',
      'live_v.m3u8',
    ]);
    expect(order.slice(-2)).toEqual(['live_v.m3u8', 'live.m3u8']);
    const playlist = readFileSync(workshop.outputPath('live_v.m3u8'), 'utf8');
    expect(playlist.match(/#EXTINF/g)).toHaveLength(20);
    expect(playlist).toContain('#EXT-X-ENDLIST');
  });
});
