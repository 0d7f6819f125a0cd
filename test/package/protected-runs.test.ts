/** What is encrypted of each sample, held against another packager that reads the same headers with code of its own. */
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { nalUnits } from '../../src/package/annex-b.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { createRunFinder } from '../../src/package/encryption/protected-runs.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import {
  decryptWithPackager,
  encryptWithPackager,
  hasPackager,
  sampleDigests,
  subsamplesIn,
} from './support/decrypt.ts';
import { driveGroup } from './support/drive.ts';
import { cmafGroup, videoTrackFile } from './support/fragmented-plan.ts';
import { joined, makeFragments, namesOf } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import type { TinyTrack, TinyVideoOptions } from './support/tiny-encode.ts';

if (!hasPackager) console.log('protected-runs.test.ts: skipped, shaka-packager has no binary here');

const tracks = createTinyTracks();
afterAll(tracks.free);
const keyId = '00112233445566778899aabbccddeeff';
const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

function keysFor(scheme: 'cenc' | 'cbcs'): GroupKeys {
  const signals = { keyLines: [], sessionLines: [], mpdElements: [], headerBoxes: [], protectionHeaders: [] };
  return {
    groupIndex: 0,
    scheme,
    clearSegments: 0,
    keys: [{ keyId, key, iv, tracks: null, ...signals }],
  };
}

type Picture = Omit<TinyVideoOptions, 'frames'> & {
  readonly entry: 'avc1' | 'hvc1' | null;
  /** Protected runs of a sample, and clear bytes in front of one, that at least one sample must have. */
  readonly mostRuns?: number;
  readonly longestHeader?: number;
};

const long = { widthPx: 640, heightPx: 360, forcedKeyFrameSeconds: rational(1), globalHeader: true };
const quick = 'log-level=none:pools=1:frame-threads=1:open-gop=0';
/** Streams whose headers differ in length and form. */
const streams: Readonly<Record<string, Picture>> = {
  'H.264, slices, weights and many references': {
    ...long,
    entry: 'avc1',
    mostRuns: 4,
    options: {
      preset: 'veryfast',
      'x264-params': 'bframes=3:b-adapt=0:b-pyramid=normal:slices=4:weightp=2:weightb=1:ref=6',
    },
  },
  'H.264, interlaced and without CABAC': {
    ...long,
    entry: 'avc1',
    options: { 'x264-params': 'bframes=2:b-adapt=0:tff=1:cabac=0:ref=4' },
  },
  'H.265, entry points of each row of small blocks': {
    ...long,
    widthPx: 96,
    heightPx: 2160,
    entry: 'hvc1',
    codec: 'H_265',
    longestHeader: 140,
    options: { 'x265-params': `${quick}:ctu=16:max-tu-size=16:wpp=1` },
  },
  'H.265, slices, weights and many references': {
    ...long,
    entry: 'hvc1',
    codec: 'H_265',
    mostRuns: 3,
    options: { 'x265-params': `${quick}:slices=3:weightp=1:weightb=1:ref=5:bframes=4:b-pyramid=1` },
  },
  'H.265, without offsets, filters and rows': {
    ...long,
    entry: 'hvc1',
    codec: 'H_265',
    options: { 'x265-params': `${quick}:no-wpp=1:no-sao=1:no-deblock=1:bframes=0:ref=3` },
  },
  AV1: { ...long, entry: null, codec: 'AV1' },
  'AV1, tiles': {
    ...long,
    entry: null,
    codec: 'AV1',
    mostRuns: 8,
    options: { 'svtav1-params': 'lp=1:scd=0:tile-columns=1:tile-rows=2' },
  },
  'AV1, film grain': {
    ...long,
    entry: null,
    codec: 'AV1',
    options: { 'svtav1-params': 'lp=1:scd=0:film-grain=10:film-grain-denoise=1' },
  },
};

const encode = ({ entry: _, mostRuns: __, longestHeader: ___, ...options }: Picture): TinyTrack =>
  tracks.video({ frames: 40, ...options });

async function encrypted(
  scheme: 'cenc' | 'cbcs',
  entry: Picture['entry'],
  track: TinyTrack,
): Promise<Buffer> {
  const objects = createMemoryObjects();
  const group = cmafGroup([videoTrackFile(0, '_a', { sampleEntry: entry })], {
    encryption: { scheme } as EncryptionPlan,
  });
  const writer = createFragmentedGroupWriter(group, objects, tmpdir(), keysFor(scheme));
  await driveGroup(writer, [{ outputIndex: 0, tracks: [track] }]);
  return fileOf(objects);
}

const fileOf = (objects: MemoryObjects): Buffer =>
  joined(objects, 'clip_ainit.cmfv', ...namesOf(objects, 'clip_a_0'));

describe.skipIf(!hasPackager).each(Object.entries(streams))('%s', (_, picture) => {
  const track = encode(picture);
  const clear = makeFragments(cmafGroup([videoTrackFile(0, '_a', { sampleEntry: picture.entry })]), [
    { outputIndex: 0, tracks: [track] },
  ]).then(({ objects }) => fileOf(objects));

  it.each(['cenc', 'cbcs'] as const)(
    'stays clear in %s exactly where decoders read first',
    async (scheme) => {
      const ours = await encrypted(scheme, picture.entry, track);
      const theirs = encryptWithPackager(
        await clear,
        scheme,
        keyId,
        key,
        iv.slice(0, scheme === 'cenc' ? 16 : 32),
      );
      const ivBytes = scheme === 'cenc' ? 8 : 0;
      const samples = subsamplesIn(ours, ivBytes);
      expect(samples).toHaveLength(track.packets.length);
      expect(samples).toEqual(subsamplesIn(theirs, ivBytes));
      const runs = samples.map((sample) => sample.filter(([, bytes]) => bytes > 0).length);
      expect(Math.max(...runs)).toBeGreaterThanOrEqual(picture.mostRuns ?? 1);
      const headers = samples.flatMap((sample) => sample.map(([bytes]) => bytes));
      expect(Math.max(...headers)).toBeGreaterThanOrEqual(picture.longestHeader ?? 1);
    },
  );

  it.each(['cenc', 'cbcs'] as const)(
    'decrypts from %s to the samples of the clear encode',
    async (scheme) => {
      const reference = sampleDigests(await clear);
      const ours = await encrypted(scheme, picture.entry, track);
      expect(reference).toHaveLength(track.packets.length);
      expect(sampleDigests(ours)).not.toEqual(reference);
      expect(sampleDigests(decryptWithPackager(ours, 'video', keyId, key))).toEqual(reference);
    },
  );
});

describe('headers that are not readable', () => {
  const [name, picture] = Object.entries(streams)[0] ?? [];
  if (name === undefined || picture === undefined) throw new TypeError('no stream');
  const { track, packets } = encode(picture);

  it('are fault 1091, before anything is encrypted', () => {
    const encoder = { extraData: null } as typeof track.encoder;
    const find = createRunFinder({ ...track, encoder } as typeof track);
    const units = [...nalUnits(packets[0]?.data ?? Buffer.alloc(0))].filter(
      (unit) => ((unit[0] ?? 0) & 31) === 5,
    );
    expect(units).toHaveLength(4);
    expect(() => find?.(Buffer.alloc(0), units)).toThrow(
      expect.objectContaining({
        record: expect.objectContaining({ code: 1091, pointer: track.rendition.pointer }),
      }),
    );
  });
});

describe.skipIf(!hasPackager)('more slices than tables of sizes can tell', () => {
  it('leaves the shortest clear, and decrypts', async () => {
    const track = encode({
      ...long,
      widthPx: 96,
      heightPx: 1024,
      entry: 'avc1',
      options: { 'x264-params': 'bframes=0:slices=64' },
    });
    const clear = await makeFragments(cmafGroup([videoTrackFile(0, '_a')]), [
      { outputIndex: 0, tracks: [track] },
    ]);
    const ours = await encrypted('cenc', 'avc1', track);
    expect(Math.max(...subsamplesIn(ours, 8).map(({ length }) => length))).toBe(40);
    expect(sampleDigests(decryptWithPackager(ours, 'video', keyId, key))).toEqual(
      sampleDigests(fileOf(clear.objects)),
    );
  });
});
