/** Timestamps, names and headers of what is written. */

import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { decodeBytes } from './support/decode.ts';
import { audioOutput, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import { entriesOf } from './support/read-playlists.ts';
import { readTransportStream } from './support/transport-stream.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const playlist = 's3://out/vod/clip_v.m3u8';

describe('timestamps', () => {
  it('begin where the plan says, and below zero one turn of the clock earlier', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(2) });
    const tone = tracks.audio({ seconds: 2 });
    for (const timestampOffsetMs of [10_000, 0, -5_000]) {
      const { objects } = await makeGroup(
        [
          videoOutput(0, '_v', { audioRenditionIds: ['s'], timestampOffsetMs }),
          audioOutput(1, '_s', { timestampOffsetMs }),
        ],
        [
          { outputIndex: 0, tracks: [film, tone] },
          { outputIndex: 1, tracks: [tone] },
        ],
      );
      const wanted = (timestampOffsetMs * 90 + 2 ** 33) % 2 ** 33;
      const first = readTransportStream(entriesOf(objects, playlist)[0]?.bytes ?? Buffer.alloc(0)).find(
        ({ pid, pts }) => pid === 481 && pts !== null,
      );
      expect(first?.pts).toBe(wanted);
      const packed = entriesOf(objects, 's3://out/vod/clip_s.m3u8')[0]?.bytes ?? Buffer.alloc(0);
      expect(packed.readBigUInt64BE(65)).toBe(BigInt((timestampOffsetMs * 90 - 1920 + 2 ** 33) % 2 ** 33));
    }
  });
});

describe('names and headers of objects', () => {
  it('compress playlists, carry the S3 settings, escape URIs and put the base URL in front', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(2) });
    const { objects } = await makeGroup(
      [videoOutput(0, '_v', { segmentLocation: 's3://out/vod/clip_v/my part#%05d.ts' })],
      [{ outputIndex: 0, tracks: [film] }],
      {
        gzipManifests: true,
        baseUrl: 'https://cdn.example/',
        objectSettings: {
          cannedAcl: 'public-read',
          storageClass: 'STANDARD_IA',
          encryption: { type: 'AES256', keyArn: null, context: null },
        },
      },
    );
    const body = objects.visible.get(playlist) ?? Buffer.alloc(0);
    expect(gunzipSync(body).toString()).toContain('\nhttps://cdn.example/clip_v/my%20part%2300001.ts\n');
    expect(objects.options.get(playlist)).toEqual({
      contentType: 'application/vnd.apple.mpegurl',
      contentEncoding: 'gzip',
      cannedAcl: 'public-read',
      storageClass: 'STANDARD_IA',
      serverSideEncryption: { type: 'AES256', keyArn: null, context: null },
    });
    expect(objects.options.get('s3://out/vod/clip_v/my part#00001.ts')).toMatchObject({
      contentType: 'video/MP2T',
      cannedAcl: 'public-read',
    });
  });

  it('count from one base address where each stream has a folder of its own', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(2) });
    const outputs = ['v', 'w'].map((name, index) =>
      videoOutput(index, `_${name}`, {
        playlistLocation: `s3://out/vod/clip_${name}/clip_${name}.m3u8`,
        iFramePlaylistLocation: `s3://out/vod/clip_${name}/clip_${name}_I-Frame.m3u8`,
        segmentLocation: `s3://out/vod/clip_${name}/00000/clip_${name}_%05d.ts`,
      }),
    );
    const { objects } = await makeGroup(
      outputs,
      outputs.map(({ outputIndex }) => ({ outputIndex, tracks: [film] })),
      { baseUrl: 'https://cdn.example/' },
    );
    const folder = 's3://out/vod/';
    for (const { playlistLocation, iFramePlaylistLocation } of outputs) {
      for (const location of [playlistLocation, iFramePlaylistLocation]) {
        const body = (objects.visible.get(location ?? '') ?? Buffer.alloc(0)).toString();
        const named = body.match(/^https:\S+$/gm) ?? [];
        expect(named.length).toBeGreaterThan(0);
        for (const uri of named)
          expect([...objects.visible.keys()]).toContain(uri.replace('https://cdn.example/', folder));
      }
    }
    // Playlists are found where they are.
    expect((objects.visible.get('s3://out/vod/clip.m3u8') ?? '').toString()).toContain(
      '\nclip_w/clip_w.m3u8\n',
    );
  });

  it('resolve the time of completion in segment names', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(1) });
    const { objects } = await makeGroup(
      [videoOutput(0, '_v', { segmentLocation: 's3://out/vod/clip_v-%{dt}_%05d.ts' })],
      [{ outputIndex: 0, tracks: [film] }],
      { segmentSeconds: rational(1) },
    );
    const uris = entriesOf(objects, playlist).map(({ uri }) => uri);
    expect(uris[1]).toMatch(/^clip_v-\d{8}T\d{6}_00002\.ts$/);
    expect(entriesOf(objects, playlist).map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([
      25, 25,
    ]);
  });

  it('write no playlist at all with SEGMENTS_ONLY', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(1) });
    const { objects, result } = await makeGroup(
      [videoOutput(0, '_v', { playlistLocation: null })],
      [{ outputIndex: 0, tracks: [film] }],
      {
        segmentSeconds: rational(1),
        multivariant: { location: null },
      },
    );
    expect([...objects.visible.keys()]).toEqual([
      's3://out/vod/clip_v_00001.ts',
      's3://out/vod/clip_v_00002.ts',
    ]);
    expect(result.playlistLocations).toEqual([]);
    expect(result.outputs[0]?.locations).toEqual([]);
  });
});
