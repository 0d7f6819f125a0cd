/** SAMPLE-AES: the library's HLS demuxer, which shares no code with ours, gets the frames of the clear package. */
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import { createSampleEncryption } from '../../src/package/sample-aes/sample-encryption.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import type { HlsOutput } from '../../src/plan/group-plan.ts';
import { driveGroup } from './support/drive.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { readHlsPackage } from './support/read-hls-package.ts';
import { entriesOf, readMediaPlaylist, textOf } from './support/read-playlists.ts';
import type { TinyTrack } from './support/tiny-encode.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
/** 5 s in three segments; two slices a picture, long enough for several blocks. */
const video = tracks.video({
  frames: 125,
  widthPx: 320,
  heightPx: 180,
  forcedKeyFrameSeconds: rational(1),
  options: { preset: 'veryfast', 'x264-params': 'bframes=2:b-adapt=0:slices=2' },
});
const sound = tracks.audio({ seconds: 5 });
const key = Buffer.from('a0b1c2d3e4f5061728394a5b6c7d8e9f', 'hex');
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const keyFiles = { 'film.key': key };

const keys: GroupKeys = {
  groupIndex: 0,
  scheme: 'sample-aes',
  clearSegments: 0,
  keys: [
    {
      keyId: '00112233445566778899aabbccddeeff',
      key: key.toString('hex'),
      iv,
      tracks: null,
      keyLines: [`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="film.key",IV=0x${iv}`],
      sessionLines: [],
      mpdElements: [],
      headerBoxes: [],
      protectionHeaders: [],
    },
  ],
};

async function make(
  outputs: readonly HlsOutput[],
  driven: readonly (readonly TinyTrack[])[],
  given: GroupKeys | null,
): Promise<MemoryObjects> {
  const objects = createMemoryObjects();
  const encryption = given === null ? null : ({ scheme: 'sample-aes' } as EncryptionPlan);
  const group = hlsGroup(outputs, { encryption });
  await driveGroup(
    createHlsGroupWriter(group, objects, given),
    driven.map((each, index) => ({ outputIndex: outputs[index]?.outputIndex ?? 0, tracks: each })),
  );
  return objects;
}

const units = (frames: readonly Buffer[] = []): Buffer[] =>
  frames.flatMap((frame) => [...nalUnits(frame)].map((unit) => Buffer.from(unit)));
const slices = (found: readonly Buffer[]): Buffer[] =>
  found.filter((unit) => [1, 5].includes(nalType(unit, 'H_264')));

describe('SAMPLE-AES in transport streams', () => {
  const output = videoOutput(0, '_a', {
    audioRenditionIds: ['s'],
    iFramePlaylistLocation: 's3://out/vod/clip_a_I-Frame.m3u8',
  });
  const hidden = make([output], [[video, sound]], keys);
  const open = make([output], [[video, sound]], null);

  it('decrypts to the slices and the sound of the clear package', async () => {
    const [pictures, frames] = readHlsPackage(await hidden, 'clip_a.m3u8', keyFiles);
    const [clearPictures, clearFrames] = readHlsPackage(await open, 'clip_a.m3u8');
    expect(clearPictures?.length).toBeGreaterThan(125);
    expect(slices(units(pictures?.slice(0, 125)))).toEqual(slices(units(clearPictures?.slice(0, 125))));
    const count = sound.packets.length;
    expect(frames?.slice(0, count)).toEqual(clearFrames?.slice(0, count));
  });

  it('hides slices and sound, and nothing decodes without the key', async () => {
    const wrong = { 'film.key': Buffer.alloc(16, 1) };
    const [pictures, frames] = readHlsPackage(await hidden, 'clip_a.m3u8', wrong);
    const [clearPictures, clearFrames] = readHlsPackage(await open, 'clip_a.m3u8');
    const found = slices(units(pictures));
    const clear = slices(units(clearPictures));
    expect(found.filter((slice, n) => slice.equals(clear[n] ?? Buffer.alloc(0))).length).toBeLessThan(
      clear.filter(({ length }) => length <= 48).length + 1,
    );
    expect(frames).not.toEqual(clearFrames);
  });

  it('says so in the program map and in the playlists', async () => {
    const objects = await hidden;
    const text = textOf(objects, 's3://out/vod/clip_a.m3u8');
    expect(text).toContain('#EXT-X-VERSION:5\n');
    expect(text.indexOf('#EXT-X-KEY:METHOD=SAMPLE-AES')).toBeLessThan(text.indexOf('#EXTINF'));
    expect(textOf(objects, 's3://out/vod/clip_a_I-Frame.m3u8')).toContain('#EXT-X-KEY:METHOD=SAMPLE-AES');
    expect(readMediaPlaylist(text)).toHaveLength(3);
    for (const { bytes } of entriesOf(objects, 's3://out/vod/clip_a.m3u8')) {
      // The second packet is the program map: table 2, streams by type and PID, what they stand for.
      const map = bytes.subarray(188, 376);
      expect((map.readUInt16BE(1) & 0x1fff) === 480 && map[5] === 2).toBe(true);
      expect(map.indexOf(Buffer.of(0xdb, 0xe1, 0xe1))).toBeGreaterThan(0);
      expect(map.indexOf(Buffer.of(0xcf, 0xe1, 0xe2))).toBeGreaterThan(0);
      for (const name of ['zavc', 'aacd', 'apadzaac']) expect(map.includes(name)).toBe(true);
      expect(checksumOf(map.subarray(5, 5 + 3 + (map.readUInt16BE(6) & 0xfff)))).toBe(0);
    }
  });
});

describe('SAMPLE-AES in packed audio', () => {
  it('decrypts to the sound of the clear package, each segment with its description', async () => {
    const output = audioOutput(0, '_s');
    const hidden = await make([output], [[sound]], keys);
    const open = await make([output], [[sound]], null);
    const [frames] = readHlsPackage(hidden, 'clip_s.m3u8', keyFiles);
    const [clear] = readHlsPackage(open, 'clip_s.m3u8');
    const count = sound.packets.length;
    expect(clear?.length).toBeGreaterThan(count);
    expect(frames?.slice(0, count)).toEqual(clear?.slice(0, count));
    for (const { bytes } of entriesOf(hidden, 's3://out/vod/clip_s.m3u8'))
      expect(bytes.includes('com.apple.streaming.audioDescription\0zaac')).toBe(true);
  });
});

describe('the cipher of samples', () => {
  const [only] = keys.keys;
  if (only === undefined) throw new TypeError('no key');
  const cipher = createSampleEncryption(only);

  it.each([48, 49, 64, 65, 207, 208, 209, 400])('leaves what it must of a slice of %i bytes', (length) => {
    const slice = Buffer.from([0x65, ...Array.from({ length: length - 1 }, (_, n) => (n % 200) + 10)]);
    const [hidden] = [...nalUnits(cipher.picture(Buffer.concat([Buffer.of(0, 0, 1), slice])))];
    const bytes = withoutEmulation(hidden ?? Buffer.alloc(0));
    expect(bytes).toHaveLength(length);
    const changed = [...bytes.keys()].filter((at) => bytes[at] !== slice[at]);
    // Blocks at 32, 192, 352…, each only where more than a block is left.
    const inBlock = (at: number): boolean => {
      const block = 32 + Math.floor((at - 32) / 160) * 160;
      return length > 48 && at >= 32 && at < block + 16 && length - block > 16;
    };
    expect(changed.every(inBlock)).toBe(true);
    expect(changed.length > 0).toBe(length > 48);
  });

  it('leaves the framing, sixteen bytes and the odd end of sound clear', () => {
    const frame = Buffer.from(Array.from({ length: 7 + 16 + 40 }, (_, n) => n));
    const hidden = cipher.sound(frame, 7);
    expect(hidden.subarray(0, 23)).toEqual(frame.subarray(0, 23));
    expect(hidden.subarray(23, 55)).not.toEqual(frame.subarray(23, 55));
    expect(hidden.subarray(55)).toEqual(frame.subarray(55));
    expect(cipher.sound(frame.subarray(0, 30), 7)).toEqual(frame.subarray(0, 30));
  });
});

function withoutEmulation(unit: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(unit)
      .toString('hex')
      .replace(/(?<=^(?:..)*)0000(?:03)/g, '0000'),
    'hex',
  );
}

/** 0 over a section with its checksum (ISO/IEC 13818-1 annex A). */
function checksumOf(section: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of section) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
