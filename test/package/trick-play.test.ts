/** Thumbnails and key frame tracks made from real pictures: what a player finds at each place. */

import { tmpdir } from 'node:os';
import { Packet } from 'node-av/lib';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import { createHlsGroupWriter, type HlsGroupWriter } from '../../src/package/hls-group.ts';
import type { ImageTrackPlan } from '../../src/plan/streaming-plan.ts';
import { decodeBytes, decodePicture } from './support/decode.ts';
import { feedAll, startAll } from './support/drive.ts';
import { audioTrackFile, cmafGroup, mpdRules, videoTrackFile } from './support/fragmented-plan.ts';
import { hlsGroup, videoOutput } from './support/hls-plan.ts';
import { joined, namesOf } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { readMultivariantPlaylist, textOf } from './support/read-playlists.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
/** 5.4 s at 25 fps with a key frame each second. */
const video = tracks.video({ frames: 135, forcedKeyFrameSeconds: rational(1), globalHeader: true });
const sound = tracks.audio({ seconds: 5.4 });

const thumbnails: ImageTrackPlan = {
  videoRenditionId: 'thumbnails',
  pointer: '/outputGroups/0',
  location: 's3://out/vod/Thumbnail_%09d.jpg',
  playlistLocation: 's3://out/vod/clip_Thumbnail_I-Frame.m3u8',
  widthPx: 16,
  heightPx: 8,
  columns: 2,
  rows: 2,
  intervalSeconds: rational(1),
};

/** Picture `n` is grey of the level 40 × n; one more than there is room for comes at the very end. */
async function feedImages(writer: HlsGroupWriter, count: number): Promise<void> {
  const [extra] = writer.extras;
  await extra?.writer.start([]);
  for (let n = 0; n < count; n += 1) {
    const packet = new Packet();
    packet.alloc();
    packet.data = Buffer.concat([Buffer.alloc(16 * 8, 40 * n), Buffer.alloc(2 * 8 * 4, 128)]);
    packet.pts = BigInt(n);
    packet.duration = 1n;
    await extra?.writer.writePacket(0, packet);
    packet.free();
  }
  await extra?.writer.endTrack(0);
}

/** Level of the middle of each place of a sheet. */
function levelsOf(objects: MemoryObjects, name: string): number[] {
  const { widthPx, heightPx, luma } = decodePicture(joined(objects, name));
  expect([widthPx, heightPx]).toEqual([32, 16]);
  return [0, 1].flatMap((row) => [0, 1].map((column) => luma((column + 0.5) * 16, (row + 0.5) * 8)));
}

describe('thumbnails', () => {
  const makeHls = async () => {
    const objects = createMemoryObjects();
    const output = videoOutput(0, '_a');
    const writer = createHlsGroupWriter(hlsGroup([output], { images: [thumbnails] }), objects);
    const driven = [{ outputIndex: 0, tracks: [video] }];
    await startAll(writer, driven);
    await feedImages(writer, 7);
    await feedAll(writer, driven);
    await writer.outputWriter(0).finish();
    return { objects, result: await writer.finish() };
  };

  it('stand on sheets in their order, the last one black where nothing is left to show', async () => {
    const { objects, result } = await makeHls();
    expect(namesOf(objects, 'Thumbnail')).toEqual(['Thumbnail_000000001.jpg', 'Thumbnail_000000002.jpg']);
    const close = (levels: readonly number[], wanted: readonly number[]): void =>
      expect(levels.every((level, n) => Math.abs(level - (wanted[n] ?? 0)) < 6)).toBe(true);
    close(levelsOf(objects, 'Thumbnail_000000001.jpg'), [0, 40, 80, 120]);
    // The pictures end after 5.4 s: the seventh would be shown at 6 s.
    close(levelsOf(objects, 'Thumbnail_000000002.jpg'), [160, 200, 0, 0]);
    expect(result.extras?.map(({ location }) => location)).toEqual([
      's3://out/vod/Thumbnail_000000001.jpg',
      's3://out/vod/Thumbnail_000000002.jpg',
      's3://out/vod/clip_Thumbnail_I-Frame.m3u8',
    ]);
  });

  it('are listed with the time each sheet is for', async () => {
    const { objects } = await makeHls();
    expect(textOf(objects, 's3://out/vod/clip_Thumbnail_I-Frame.m3u8').split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-TARGETDURATION:4',
      '#EXT-X-MEDIA-SEQUENCE:1',
      '#EXT-X-IMAGES-ONLY',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXTINF:4,',
      '#EXT-X-TILES:RESOLUTION=16x8,LAYOUT=2x2,DURATION=1',
      'Thumbnail_000000001.jpg',
      '#EXTINF:1.4,',
      '#EXT-X-TILES:RESOLUTION=16x8,LAYOUT=2x2,DURATION=1',
      'Thumbnail_000000002.jpg',
      '#EXT-X-ENDLIST',
      '',
    ]);
    const parent = textOf(objects, 's3://out/vod/clip.m3u8');
    expect(parent).toMatch(
      /#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=\d+,CODECS="jpeg",RESOLUTION=16x8,URI="clip_Thumbnail_I-Frame.m3u8"/,
    );
    expect(readMultivariantPlaylist(parent)).toEqual(['clip_a.m3u8']);
  });
});

describe('a track of key frames', () => {
  const made = (async () => {
    const objects = createMemoryObjects();
    const file = videoTrackFile(0, '_a');
    const keyFrameTrack = videoTrackFile(0, '_k', { isKeyFramesOnly: true, playlistLocation: null });
    const group = cmafGroup([file, audioTrackFile(1, '_s')], {
      keyFrameTrack,
      images: [thumbnails],
      mpd: mpdRules,
    });
    const writer = createFragmentedGroupWriter(group, objects, tmpdir());
    const driven = [
      { outputIndex: 0, tracks: [video] },
      { outputIndex: 1, tracks: [sound] },
    ];
    await startAll(writer, driven);
    await feedImages(writer, 6);
    const keys = writer.extras[1]?.writer;
    await keys?.start([video.track]);
    for (const packet of video.packets) await keys?.writePacket(0, packet);
    await keys?.endTrack(0);
    await feedAll(writer, driven);
    for (const { outputIndex } of driven) await writer.outputWriter(outputIndex).finish();
    return { objects, result: await writer.finish() };
  })();

  it('holds one picture a second in the segments of the output, and nothing is missing at the end', async () => {
    const { objects } = await made;
    const segments = namesOf(objects, 'clip_k_0');
    expect(segments).toHaveLength(namesOf(objects, 'clip_a_0').length);
    const [track] = decodeBytes(joined(objects, 'clip_kinit.cmfv', ...segments), 'mp4');
    expect(track).toMatchObject({ frames: 6, errors: 0, pts: [0, 1, 2, 3, 4, 5].map((n) => n * 90_000) });
  });

  it('is told to players as the fast form of the set it belongs to', async () => {
    const { objects, result } = await made;
    const mpd = textOf(objects, 's3://out/vod/clip.mpd');
    const sets = mpd.match(/<AdaptationSet[\s\S]*?<\/AdaptationSet>/g) ?? [];
    expect(sets[0]).toMatch(/^<AdaptationSet id="1" /);
    const fast = sets.find((set) => set.includes('guidelines/trickmode')) ?? '';
    expect(fast).toMatch(/maxPlayoutRate="23" codingDependency="false"/);
    expect(fast).toContain(
      '<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>',
    );
    // The same timeline as the set itself.
    const timeline = (set = ''): string => /<SegmentTimeline>[\s\S]*<\/SegmentTimeline>/.exec(set)?.[0] ?? '';
    expect(timeline(fast)).toBe(timeline(sets[0]));
    expect(timeline(fast)).not.toBe('');
    const images = sets.find((set) => set.includes('thumbnail_tile')) ?? '';
    expect(images).toContain('media="Thumbnail_$Number%09d$.jpg" duration="360000" timescale="90000"');
    expect(images).toContain('width="32" height="16"');
    expect(result.outputs.map(({ outputIndex }) => outputIndex)).toEqual([0, 1]);
    expect(result.extras?.some(({ location }) => location.includes('clip_kinit'))).toBe(true);
  });
});
