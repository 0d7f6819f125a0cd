/** Encrypted packages: an independent tool decrypts them to exactly the samples of the clear encode. */

import { createDecipheriv } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { nalUnits } from '../../src/package/annex-b.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { h264SliceHeaderBytes, readH264Sets } from '../../src/package/encryption/h264-slice-header.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import { element } from '../../src/package/xml.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import { decryptWithPackager, hasPackager, sampleDigests } from './support/decrypt.ts';
import { driveGroup } from './support/drive.ts';
import { audioTrackFile, cmafGroup, videoTrackFile } from './support/fragmented-plan.ts';
import { hlsGroup, videoOutput } from './support/hls-plan.ts';
import { joined, makeFragments, namesOf } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { entriesOf, textOf } from './support/read-playlists.ts';

if (!hasPackager) console.log('encryption.test.ts: decryption is skipped, shaka-packager has no binary here');

const tracks = createTinyTracks();
afterAll(tracks.free);
const keyId = '00112233445566778899aabbccddeeff';
const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
/** Large enough for several blocks behind each slice header; two slices a picture. */
const video = tracks.video({
  frames: 60,
  widthPx: 320,
  heightPx: 180,
  forcedKeyFrameSeconds: rational(1),
  globalHeader: true,
  options: {
    'x264-params': 'bframes=2:b-adapt=0:slices=2:weightp=2:weightb=1:cabac=1:ref=3',
    preset: 'veryfast',
  },
});
const hevc = tracks.video({
  frames: 30,
  widthPx: 320,
  heightPx: 180,
  codec: 'H_265',
  forcedKeyFrameSeconds: rational(1),
  globalHeader: true,
});
const sound = tracks.audio({ seconds: 2.4 });

function keysFor(scheme: GroupKeys['scheme'], changes: Partial<GroupKeys> = {}): GroupKeys {
  return {
    groupIndex: 0,
    scheme,
    clearSegments: 0,
    keys: [
      {
        keyId,
        key,
        iv,
        tracks: null,
        keyLines: ['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://1"'],
        sessionLines: [],
        mpdElements: [element('ContentProtection', { schemeIdUri: 'urn:mpeg:dash:mp4protection:2011' })],
        headerBoxes: [],
        protectionHeaders: [],
      },
    ],
    ...changes,
  };
}

const encryption = { scheme: 'cbcs' } as EncryptionPlan;

async function encrypted(
  keys: GroupKeys,
  picture = video,
  entry: 'avc1' | 'hvc1' = 'avc1',
): Promise<MemoryObjects> {
  const objects = createMemoryObjects();
  const group = cmafGroup([videoTrackFile(0, '_a', { sampleEntry: entry }), audioTrackFile(1, '_s')], {
    encryption,
  });
  await driveGroup(createFragmentedGroupWriter(group, objects, tmpdir(), keys), [
    { outputIndex: 0, tracks: [picture] },
    { outputIndex: 1, tracks: [sound] },
  ]);
  return objects;
}

const fileOf = (objects: MemoryObjects, stem: string, extension: string): Buffer =>
  joined(
    objects,
    `${stem}init.${extension}`,
    ...namesOf(objects, `${stem}_0`).filter((n) => n.endsWith(extension)),
  );

describe.skipIf(!hasPackager)('Common Encryption', () => {
  const clear = makeFragments(cmafGroup([videoTrackFile(0, '_a'), audioTrackFile(1, '_s')]), [
    { outputIndex: 0, tracks: [video] },
    { outputIndex: 1, tracks: [sound] },
  ]);

  it.each(['cenc', 'cbcs'] as const)('%s decrypts to the samples of the clear encode', async (scheme) => {
    const objects = await encrypted(keysFor(scheme));
    for (const [stem, extension, kind] of [
      ['clip_a', 'cmfv', 'video'],
      ['clip_s', 'cmfa', 'audio'],
    ] as const) {
      const file = fileOf(objects, stem, extension);
      const reference = sampleDigests(fileOf((await clear).objects, stem, extension));
      expect(sampleDigests(file)).not.toEqual(reference);
      expect(sampleDigests(decryptWithPackager(file, kind, keyId, key))).toEqual(reference);
    }
  });

  it.each(['cenc', 'cbcs'] as const)('%s of H.265 too', async (scheme) => {
    const objects = await encrypted(keysFor(scheme), hevc, 'hvc1');
    const plain = await makeFragments(cmafGroup([videoTrackFile(0, '_a', { sampleEntry: 'hvc1' })]), [
      { outputIndex: 0, tracks: [hevc] },
    ]);
    const decrypted = decryptWithPackager(fileOf(objects, 'clip_a', 'cmfv'), 'video', keyId, key);
    expect(sampleDigests(decrypted)).toEqual(sampleDigests(fileOf(plain.objects, 'clip_a', 'cmfv')));
  });

  it('begins clear where the job asks for it, with the key line behind the clear segments', async () => {
    const objects = await encrypted(keysFor('cbcs', { clearSegments: 1 }));
    const reference = sampleDigests(fileOf((await clear).objects, 'clip_a', 'cmfv'));
    const seen = sampleDigests(fileOf(objects, 'clip_a', 'cmfv'));
    expect(seen.slice(0, 50)).toEqual(reference.slice(0, 50));
    expect(seen.slice(50)).not.toEqual(reference.slice(50));
    const lines = textOf(objects, 's3://out/vod/clip_a.m3u8').split('\n');
    expect(lines.indexOf('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://1"')).toBe(
      lines.indexOf('clip_a_000000001.cmfv') + 1,
    );
  });
});

describe('slice headers', () => {
  it('end where a slice of one macroblock type begins: the same for equal pictures, never past the unit', () => {
    const extradata = video.track.encoder.extraData ?? Buffer.alloc(0);
    const sets = readH264Sets(nalUnits(extradata), null);
    const lengths = video.packets.flatMap((packet) =>
      [...nalUnits(packet.data ?? Buffer.alloc(0))]
        .filter((unit) => [1, 5].includes((unit[0] ?? 0) & 31))
        .map((unit) => ({ header: h264SliceHeaderBytes(unit, sets), unit: unit.length })),
    );
    expect(lengths).toHaveLength(120);
    for (const { header, unit } of lengths) {
      expect(header).toBeGreaterThan(3);
      expect(header).toBeLessThan(Math.min(unit, 60));
    }
  });
});

describe('AES-128 over whole segments', () => {
  const made = async (constant: string | null): Promise<MemoryObjects> => {
    const objects = createMemoryObjects();
    const outputs = [videoOutput(0, '_a')];
    const keys = keysFor('aes-128');
    const [only] = keys.keys;
    const withIv = { ...keys, keys: only === undefined ? [] : [{ ...only, iv: constant }] };
    await driveGroup(
      createHlsGroupWriter(
        hlsGroup(outputs, { encryption: { scheme: 'aes-128' } as EncryptionPlan }),
        objects,
        withIv,
      ),
      [{ outputIndex: 0, tracks: [video] }],
    );
    return objects;
  };

  it.each([iv, null])('decrypts to the clear segments (constant IV %s)', async (constant) => {
    const objects = await made(constant);
    const plain = createMemoryObjects();
    await driveGroup(createHlsGroupWriter(hlsGroup([videoOutput(0, '_a')]), plain), [
      { outputIndex: 0, tracks: [video] },
    ]);
    const playlist = 's3://out/vod/clip_a.m3u8';
    const clear = entriesOf(plain, playlist);
    const secret = entriesOf(objects, playlist);
    expect(secret).toHaveLength(2);
    for (const [index, { bytes }] of secret.entries()) {
      const start = constant ?? (index + 1).toString(16).padStart(32, '0');
      const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.from(start, 'hex'));
      expect(
        Buffer.concat([decipher.update(bytes), decipher.final()]).equals(
          clear[index]?.bytes ?? Buffer.alloc(0),
        ),
      ).toBe(true);
    }
    expect(textOf(objects, playlist)).toContain('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://1"\n#EXTINF');
  });
});
