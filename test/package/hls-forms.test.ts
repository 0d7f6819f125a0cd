/** Less usual forms of HLS groups: key frames in files of their own, numbered folders, packed Dolby sound. */

import { createDecipheriv } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import { decodeBytes } from './support/decode.ts';
import { driveGroup } from './support/drive.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import { createMemoryObjects } from './support/memory-objects.ts';
import { entriesOf, textOf } from './support/read-playlists.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
/** 5.4 s at 25 fps with a key frame each second: segments of 2, 2 and 1.4 s. */
const video = tracks.video({ frames: 135, forcedKeyFrameSeconds: rational(1) });
const sound = tracks.audio({ seconds: 5.4 });

describe('key frames in files of their own', () => {
  const output = videoOutput(0, '_a', {
    audioRenditionIds: ['s'],
    iFramePlaylistLocation: 's3://out/vod/clip_a_I-Frame.m3u8',
    iFrameSegmentLocation: 's3://out/vod/clip_a_I-Frame_%05d.ts',
  });
  const driven = [{ outputIndex: 0, tracks: [video, sound] }];

  it('hold one picture each at its time, and are listed whole', async () => {
    const { objects, result } = await makeGroup([output], driven);
    const entries = entriesOf(objects, 's3://out/vod/clip_a_I-Frame.m3u8');
    expect(entries.map(({ uri }) => uri)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `clip_a_I-Frame_0000${n}.ts`),
    );
    expect(textOf(objects, 's3://out/vod/clip_a_I-Frame.m3u8')).not.toContain('BYTERANGE');
    expect(entries.reduce((sum, { duration }) => sum + duration, 0)).toBeCloseTo(5.4, 6);
    entries.forEach(({ bytes }, n) => {
      expect(bytes.length % 188).toBe(0);
      // Tables first: a player may begin with any of them.
      expect([bytes.readUInt16BE(1) & 0x1fff, bytes.readUInt16BE(189) & 0x1fff]).toEqual([0, 480]);
      const [picture, ...others] = decodeBytes(bytes, 'ts');
      expect(others).toEqual([]);
      expect(picture).toMatchObject({ frames: 1, errors: 0, pts: [180_000 + n * 90_000] });
    });
    // The segments are what they are without them.
    const plain = await makeGroup([videoOutput(0, '_a', { audioRenditionIds: ['s'] })], driven);
    for (const [n, { bytes }] of entriesOf(objects, 's3://out/vod/clip_a.m3u8').entries())
      expect(bytes.equals(entriesOf(plain.objects, 's3://out/vod/clip_a.m3u8')[n]?.bytes ?? bytes)).toBe(
        true,
      );
    expect(result.outputs[0]?.objects.filter(({ location }) => location.includes('I-Frame_'))).toHaveLength(
      6,
    );
  });

  it('are encrypted as wholes with the number of their place', async () => {
    const key = Buffer.from('a0b1c2d3e4f5061728394a5b6c7d8e9f', 'hex');
    const content = {
      keyId: '',
      key: key.toString('hex'),
      iv: null,
      tracks: null,
      sessionLines: [],
      mpdElements: [],
    };
    const keyLines = ['#EXT-X-KEY:METHOD=AES-128,URI="k"'];
    const keys: GroupKeys = {
      groupIndex: 0,
      scheme: 'aes-128',
      clearSegments: 0,
      keys: [{ ...content, keyLines, headerBoxes: [], protectionHeaders: [] }],
    };
    const objects = createMemoryObjects();
    await driveGroup(createHlsGroupWriter(hlsGroup([output]), objects, keys), driven);
    const [, second] = entriesOf(objects, 's3://out/vod/clip_a_I-Frame.m3u8');
    const iv = Buffer.alloc(16);
    iv[15] = 2;
    const cipher = createDecipheriv('aes-128-cbc', key, iv);
    const clear = Buffer.concat([cipher.update(second?.bytes ?? Buffer.alloc(0)), cipher.final()]);
    expect(decodeBytes(clear, 'ts')[0]).toMatchObject({ frames: 1, errors: 0, pts: [270_000] });
  });
});

it('numbered folders hold so many segments each, and the playlist finds them', async () => {
  const output = videoOutput(0, '_a', {
    playlistLocation: 's3://out/vod/clip_a/clip_a.m3u8',
    segmentLocation: 's3://out/vod/clip_a/%05d/clip_a_%05d.ts',
    segmentsPerFolder: 2,
  });
  const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [video] }]);
  const entries = entriesOf(objects, 's3://out/vod/clip_a/clip_a.m3u8');
  expect(entries.map(({ uri }) => uri)).toEqual([
    '00000/clip_a_00001.ts',
    '00000/clip_a_00002.ts',
    '00001/clip_a_00003.ts',
  ]);
  expect(entries.every(({ bytes }) => bytes.length > 0)).toBe(true);
});

it.each([
  ['AC3', 'ac3', 'ac-3', 'audio/ac3'],
  ['EAC3', 'eac3', 'ec-3', 'audio/eac3'],
] as const)(
  'packed %s decodes from each segment, behind its time',
  async (codec, format, name, contentType) => {
    const dolby = tracks.audio({ seconds: 5.4, codec });
    const extension = format === 'eac3' ? 'ec3' : format;
    const outputs = [
      videoOutput(0, '_a'),
      audioOutput(1, '_s', {
        segmentFormat: format,
        segmentLocation: `s3://out/vod/clip_s_%05d.${extension}`,
      }),
    ];
    const { objects } = await makeGroup(outputs, [
      { outputIndex: 0, tracks: [video] },
      { outputIndex: 1, tracks: [dolby] },
    ]);
    const entries = entriesOf(objects, 's3://out/vod/clip_s.m3u8');
    expect(entries).toHaveLength(3);
    let samples = 0;
    for (const { bytes } of entries) {
      expect(bytes.toString('latin1', 0, 3)).toBe('ID3');
      const [track] = decodeBytes(bytes.subarray(tagBytes(bytes)), format);
      expect(track?.errors).toBe(0);
      samples += track?.samples ?? 0;
    }
    expect(samples).toBe(dolby.packets.length * 1536);
    expect(textOf(objects, 's3://out/vod/clip.m3u8')).toMatch(new RegExp(`CODECS="avc1[^"]*,${name}"`));
    expect(objects.options.get(`s3://out/vod/clip_s_00001.${extension}`)?.contentType).toBe(contentType);
  },
);

it('sound can be shifted against the pictures', async () => {
  const startOf = async (audioOffsetMs: number): Promise<number> => {
    const output = videoOutput(0, '_a', { audioRenditionIds: ['s'], audioOffsetMs });
    const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [video, sound] }]);
    const [first] = entriesOf(objects, 's3://out/vod/clip_a.m3u8');
    return (
      decodeBytes(first?.bytes ?? Buffer.alloc(0), 'ts').find(({ kind }) => kind === 'audio')?.pts[0] ?? 0
    );
  };
  expect((await startOf(-120)) - (await startOf(0))).toBe(-120 * 90);
});

/** Length of the ID3 tag in front: its header tells the rest in four bytes of seven bits. */
function tagBytes(bytes: Buffer): number {
  return 10 + [...bytes.subarray(6, 10)].reduce((sum, byte) => sum * 128 + byte, 0);
}
