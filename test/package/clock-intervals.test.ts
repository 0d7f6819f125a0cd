/** How far apart clock references stand in segments (`maxPcrInterval`), measured from their packets. */

import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { HlsOutput } from '../../src/plan/group-plan.ts';
import { decodeBytes } from './support/decode.ts';
import { audioOutput, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import { entriesOf } from './support/read-playlists.ts';
import { readTransportStream, type StreamPacket } from './support/transport-stream.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const film = tracks.video({ frames: 100, forcedKeyFrameSeconds: rational(2) });
const ntsc = tracks.video({
  frames: 120,
  frameRate: rational(30_000, 1001),
  forcedKeyFrameSeconds: rational(2),
});
const tone = tracks.audio({ seconds: 4 });

async function make(changes: Partial<HlsOutput>, video = film, sound = tone) {
  const output = videoOutput(0, '_v', { audioRenditionIds: ['s'], ...changes });
  const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [video, sound] }]);
  const segments = entriesOf(objects, 's3://out/vod/clip_v.m3u8').map(({ bytes }) => bytes);
  return { segments, packets: segments.flatMap((bytes) => readTransportStream(bytes)) };
}

/** Between neighbouring references, in milliseconds. */
function gapsOf(packets: readonly StreamPacket[]): number[] {
  const clocks = packets.flatMap(({ pcr }) => pcr ?? []);
  return clocks.slice(1).map((clock, place) => (clock - (clocks[place] ?? 0)) / 90);
}

/** Sizes of pictures in packets stay; the clock has packets of its own. */
const withoutClock = (packets: readonly StreamPacket[]): StreamPacket[] =>
  packets.filter(({ pcr, hasPayload }) => pcr === null || hasPayload);

describe('clock references of segments', () => {
  it.each([20, 33, 40, 100])(
    'stand with pictures and between them, never more than %i ms apart',
    async (ms) => {
      for (const video of [film, ntsc]) {
        const { segments, packets } = await make({ clockIntervalMs: ms }, video);
        const gaps = gapsOf(packets);
        expect(Math.max(...gaps)).toBeLessThanOrEqual(ms);
        expect(Math.min(...gaps)).toBeGreaterThan(0);
        // Pictures that are closer than the interval need no packets beside them.
        const pictureMs = video === film ? 40 : 1001 / 30;
        const alone = packets.filter(({ pcr, hasPayload }) => pcr !== null && !hasPayload);
        if (pictureMs <= ms) expect(alone).toHaveLength(0);
        else expect(alone.length).toBeGreaterThanOrEqual(video.frames - 1);
        // No more of them than pictures and interval need.
        expect(gaps.length).toBeLessThanOrEqual((video.frames * pictureMs) / (ms > 40 ? ms * 0.6 : ms / 2));
        for (const bytes of segments) {
          expect(decodeBytes(bytes, 'ts').map(({ errors }) => errors)).toEqual([0, 0]);
          // Behind the tables.
          expect(
            readTransportStream(bytes)
              .slice(0, 3)
              .map(({ pid }) => pid),
          ).toEqual([0, 480, 0x11]);
        }
      }
    },
  );

  it('are spread over the packets between two pictures by time', async () => {
    const large = tracks.video({ frames: 10, widthPx: 640, heightPx: 360, options: { qp: '1' } });
    const { packets } = await make({ clockIntervalMs: 10 }, large);
    const places = packets.flatMap(({ pcr }, place) => (pcr === null ? [] : [place]));
    // Four steps of 10 ms from the first picture to the second.
    const [first = 0, , , , last = 0] = places;
    expect(last - first).toBeGreaterThan(40);
    for (const step of [1, 2, 3])
      expect(Math.abs((places[step] ?? 0) - first - ((last - first) * step) / 4)).toBeLessThanOrEqual(4);
  });

  it('change nothing in the packets around them, and repeat the counter before them', async () => {
    const usual = await make({});
    const filled = await make({ clockIntervalMs: 20 });
    expect(withoutClock(filled.packets)).toEqual(usual.packets);
    let last = 0;
    for (const packet of filled.packets.filter(({ pid }) => pid === 481)) {
      if (packet.hasPayload) last = packet.counter;
      else expect(packet.counter).toBe(last);
    }
  });

  it('stand once in files of one key frame', async () => {
    const output = videoOutput(0, '_v', {
      clockIntervalMs: 20,
      iFramePlaylistLocation: 's3://out/vod/clip_v_I-Frame.m3u8',
      iFrameSegmentLocation: 's3://out/vod/clip_v_I-Frame_%05d.ts',
    });
    const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [film] }]);
    const files = [...objects.visible].filter(([location]) => /I-Frame_\d+\.ts$/.test(location));
    expect(files.length).toBeGreaterThan(1);
    for (const [, bytes] of files) {
      const clocks = readTransportStream(bytes).filter(({ pcr }) => pcr !== null);
      expect(clocks.map(({ hasPayload }) => hasPayload)).toEqual([true]);
    }
  });

  it('keep the interval on a PID of their own', async () => {
    const { packets } = await make({
      clockIntervalMs: 20,
      pids: { video: 481, audio: [482], pmt: 480, pcr: 490 },
    });
    expect(Math.max(...gapsOf(packets))).toBeLessThanOrEqual(20);
    expect(new Set(packets.filter(({ pcr }) => pcr !== null).map(({ pid }) => pid))).toEqual(new Set([490]));
  });

  it('go on where sound outlasts the pictures, and over the end of the clock', async () => {
    const long = tracks.audio({ seconds: 8 });
    // Two seconds before the end of the 33 bits, in milliseconds.
    for (const timestampOffsetMs of [2000, 2 ** 33 / 90 - 2000].map(Math.round)) {
      const { packets } = await make({ clockIntervalMs: 40, timestampOffsetMs }, film, long);
      const gaps = gapsOf(packets).map((gap) => (gap < 0 ? gap + 2 ** 33 / 90 : gap));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(40.001);
      expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBeGreaterThan(6000);
    }
  });

  it.each([
    [1, 1],
    [1, 2],
    [1, 4],
  ])('keep to the pictures of %d in %d s, however early the sound beside them is', async (num, den) => {
    const seconds = (12 * den) / num;
    // The sound of a segment stands before the next picture, which is decoded pictures before it is shown.
    const forcedKeyFrameSeconds = rational(4 * den, num);
    const slow = tracks.video({ frames: 12, frameRate: rational(num, den), forcedKeyFrameSeconds });
    // Reordered pictures of that rate are decoded seconds before the first is shown.
    const changes = { clockIntervalMs: 40, timestampOffsetMs: 20_000 };
    const { packets } = await make(changes, slow, tracks.audio({ seconds }));
    const gaps = gapsOf(packets);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(40.001);
    // A clock that sound has driven past the next picture would go back there.
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    let clock = 0;
    for (const { pcr, pts, dts } of packets) {
      clock = pcr ?? clock;
      const decoded = dts ?? pts;
      if (decoded !== null) expect(decoded).toBeGreaterThanOrEqual(clock);
    }
  });

  it('stand between the packets of sound without pictures', async () => {
    const output = audioOutput(0, '_a', {
      segmentFormat: 'mpegts',
      segmentLocation: 's3://out/vod/clip_a_%05d.ts',
      clockIntervalMs: 20,
      pids: { video: 0, audio: [482], pmt: 480, pcr: 482 },
    });
    const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [tone] }]);
    const packets = entriesOf(objects, 's3://out/vod/clip_a.m3u8').flatMap(({ bytes }) =>
      readTransportStream(bytes),
    );
    expect(Math.max(...gapsOf(packets))).toBeLessThanOrEqual(20);
  });
});
