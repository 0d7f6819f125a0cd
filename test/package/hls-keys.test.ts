/** HLS groups with several keys: each output has its own, or none, and its playlist names no other (spec drm.md 4.1). */
import { createDecipheriv, createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';
import type { ContentKey, GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import { driveGroup } from './support/drive.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { readHlsPackage } from './support/read-hls-package.ts';
import { entriesOf, textOf } from './support/read-playlists.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const picture = { frames: 60, forcedKeyFrameSeconds: rational(1) } as const;
const driven = [
  { outputIndex: 0, tracks: [tracks.video({ ...picture, widthPx: 320, heightPx: 180 })] },
  { outputIndex: 1, tracks: [tracks.video({ ...picture, widthPx: 160, heightPx: 90 })] },
  { outputIndex: 2, tracks: [tracks.audio({ seconds: 2.4 })] },
];
const outputs = [videoOutput(0, '_a'), videoOutput(1, '_b'), audioOutput(2, '_s')];
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

/** A key for each size of picture; the sound stays clear. */
function keysFor(scheme: 'aes-128' | 'sample-aes'): GroupKeys {
  const method = scheme === 'aes-128' ? 'AES-128' : 'SAMPLE-AES';
  const keys = ['a', 'b'].map(
    (name, outputIndex): ContentKey => ({
      keyId: name.repeat(32),
      key: name.repeat(32),
      iv,
      tracks: [{ outputIndex, kind: 'video' }],
      keyLines: [`#EXT-X-KEY:METHOD=${method},URI="${name}.key",IV=0x${iv}`],
      sessionLines: [],
      mpdElements: [],
      headerBoxes: [],
      protectionHeaders: [],
    }),
  );
  return { groupIndex: 0, scheme, clearSegments: 0, keys };
}

async function made(keys: GroupKeys | null): Promise<MemoryObjects> {
  const objects = createMemoryObjects();
  const encryption = keys === null ? null : ({ scheme: keys.scheme } as EncryptionPlan);
  await driveGroup(createHlsGroupWriter(hlsGroup(outputs, { encryption }), objects, keys), driven);
  return objects;
}

const clear = made(null);
const secretOf = (name: string): Buffer => Buffer.from(name.repeat(32), 'hex');
const segmentsOf = async (objects: Promise<MemoryObjects>, name: string): Promise<readonly Buffer[]> =>
  entriesOf(await objects, `s3://out/vod/clip_${name}.m3u8`).map(({ bytes }) => bytes);
const digests = (parts: readonly Uint8Array[]): readonly string[] =>
  parts.map((bytes) => createHash('md5').update(bytes).digest('hex'));
/** Of the pictures of the clip: demuxers leave the second layer of emulation prevention around them. */
const slicesOf = (frames: readonly Buffer[] = []): readonly string[] =>
  digests(
    frames
      .slice(0, picture.frames)
      .flatMap((frame) => [...nalUnits(frame)])
      .filter((unit) => [1, 5].includes(nalType(unit, 'H_264'))),
  );

describe.each(['aes-128', 'sample-aes'] as const)(
  'an HLS group with a key for each rendition, %s',
  (scheme) => {
    const hidden = made(keysFor(scheme));

    it('names in each playlist the key of its output, and in that of clear sound none', async () => {
      const linesOf = async (name: string): Promise<readonly string[] | null> =>
        textOf(await hidden, `s3://out/vod/clip_${name}.m3u8`).match(/URI="\w\.key"/g);
      expect(await linesOf('a')).toEqual(['URI="a.key"']);
      expect(await linesOf('b')).toEqual(['URI="b.key"']);
      expect(await linesOf('s')).toBeNull();
    });

    it('leaves the sound as it is', async () => {
      expect(digests(await segmentsOf(hidden, 's'))).toEqual(digests(await segmentsOf(clear, 's')));
    });

    it('decrypts each rendition with its own key', async () => {
      for (const name of ['a', 'b']) {
        const open = await segmentsOf(clear, name);
        expect(digests(await segmentsOf(hidden, name))).not.toEqual(digests(open));
        if (scheme === 'aes-128') {
          const decrypted = (await segmentsOf(hidden, name)).map((bytes) => {
            const decipher = createDecipheriv('aes-128-cbc', secretOf(name), Buffer.from(iv, 'hex'));
            return Buffer.concat([decipher.update(bytes), decipher.final()]);
          });
          expect(digests(decrypted)).toEqual(digests(open));
        } else {
          const files = { 'a.key': secretOf('a'), 'b.key': secretOf('b') };
          const [frames] = readHlsPackage(await hidden, `clip_${name}.m3u8`, files);
          const [clearFrames] = readHlsPackage(await clear, `clip_${name}.m3u8`);
          expect(slicesOf(frames)).toEqual(slicesOf(clearFrames));
        }
      }
    });
  },
);
