/** What becomes of a row: refused with a code, or a package whose frames come out as they went in. */

import { createDecipheriv } from 'node:crypto';
import { tmpdir } from 'node:os';
import { validateJobSettings } from '../../../src/contract/validate-job.ts';
import { nalType, nalUnits } from '../../../src/package/annex-b.ts';
import type { GroupKeys } from '../../../src/package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../../../src/package/fragmented-group.ts';
import { createHlsGroupWriter } from '../../../src/package/hls-group.ts';
import type { PlannedOutputGroup } from '../../../src/plan/group-plan.ts';
import { jobWith, planOf } from '../../plan/plan-fixtures.ts';
import { type DecodedTrack, decodeBytes } from '../support/decode.ts';
import { decryptWithPackager, sampleDigests, samplesIn } from '../support/decrypt.ts';
import { driveGroup } from '../support/drive.ts';
import { createMemoryObjects, type MemoryObjects } from '../support/memory-objects.ts';
import { countWithMp4Box } from '../support/mp4-box.ts';
import { noMpdSchema, validateMpd } from '../support/mpd-schema.ts';
import { readHlsPackage } from '../support/read-hls-package.ts';
import { entriesOf, readMediaPlaylist, readMultivariantPlaylist } from '../support/read-playlists.ts';
import { decryptedSamples, readFile } from '../support/read-smooth.ts';
import type { TinyTrack } from '../support/tiny-encode.ts';
import { groupOf, isVideo, key, type PackageRow, rowNameOf } from './package-rows.table.ts';

export type PackageOutcome =
  | { readonly status: 'packaged' }
  | { readonly status: 'refused'; readonly code: number; readonly reason: string };

type StreamingGroup = Exclude<PlannedOutputGroup, { readonly type: 'FILE_GROUP' }>;

const keyId = '00112233445566778899aabbccddeeff';
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const keyFiles = { 'film.key': Buffer.from(key, 'hex') };
const playlist = 'clip_a.m3u8';

/** Makes the row. Throws when a package was made that is not what went into it. */
export async function makePackageRow(
  row: PackageRow,
  tracks: ReadonlyMap<string, TinyTrack>,
): Promise<PackageOutcome> {
  const settings = jobWith([groupOf(row)]);
  const { document, findings } = validateJobSettings(settings);
  const [first] = findings;
  if (document === null) return { status: 'refused', code: 400, reason: first?.message ?? '' };
  const planned = planOf(document);
  const [group] = planned.plan?.outputGroups ?? [];
  if (group === undefined) {
    const error = planned.findings.find(({ severity }) => severity === 'error');
    const code = error !== undefined && 'code' in error ? Number(error.code) : 0;
    return { status: 'refused', code, reason: error?.message ?? '' };
  }
  const track = tracks.get(row.codec);
  if (track === undefined) throw new Error(`${rowNameOf(row)} plans, and there is no track to prove it with`);
  if (group.type === 'FILE_GROUP') throw new Error('not a streaming group');
  const clear = await make({ ...group, encryption: null } as StreamingGroup, track, null);
  assertValid(row, group, clear, track);
  if (row.encryption === 'none') assertWhole(row, group, clear, track);
  else {
    const scheme = group.encryption?.scheme;
    if (scheme === undefined) throw new Error(`${rowNameOf(row)} is planned in the clear`);
    const hidden = await make(group, track, keysFor(scheme));
    assertValid(row, group, hidden, track);
    assertDecrypts(row, group, track, { hidden, clear });
  }
  return { status: 'packaged' };
}

async function make(group: StreamingGroup, track: TinyTrack, keys: GroupKeys | null): Promise<MemoryObjects> {
  const objects = createMemoryObjects();
  const writer =
    group.type === 'HLS_GROUP'
      ? createHlsGroupWriter(group, objects, keys)
      : createFragmentedGroupWriter(group, objects, tmpdir(), keys);
  await driveGroup(writer, [{ outputIndex: 0, tracks: [track] }]);
  return objects;
}

function keysFor(scheme: GroupKeys['scheme']): GroupKeys {
  const method = scheme === 'aes-128' ? 'AES-128' : 'SAMPLE-AES';
  const keyLines = [`#EXT-X-KEY:METHOD=${method},URI="film.key",IV=0x${iv}`];
  const signals = { sessionLines: [], mpdElements: [], headerBoxes: [], protectionHeaders: [] };
  return {
    groupIndex: 0,
    scheme,
    clearSegments: 0,
    keys: [{ keyId, key, iv, tracks: null, keyLines, ...signals }],
  };
}

/** All media of the one output, one behind the other. */
function mediaOf(group: StreamingGroup, objects: MemoryObjects): Buffer {
  const [output] = group.outputs;
  if (output === undefined) throw new Error('no output');
  const [stem = '', extension = ''] = output.segmentLocation.split(/_%0\dd/);
  const init = 'initLocation' in output ? output.initLocation : null;
  const locations = [...objects.visible.keys()].filter(
    (each) => each !== init && each.startsWith(stem) && (extension === '' || each.endsWith(extension)),
  );
  const media = extension === '' ? [output.segmentLocation] : locations.sort();
  return Buffer.concat(
    [...(init == null ? [] : [init]), ...media].map((each) => objects.visible.get(each) ?? Buffer.alloc(0)),
  );
}

/** What parsers and validators of others say of everything that was written; they throw. */
function assertValid(row: PackageRow, group: StreamingGroup, objects: MemoryObjects, track: TinyTrack): void {
  for (const [location, bytes] of objects.visible) {
    const text = bytes.toString();
    if (location.endsWith('.mpd') && noMpdSchema === null) validateMpd(text);
    if (location.endsWith('.m3u8'))
      text.includes('#EXTINF') ? readMediaPlaylist(text) : readMultivariantPlaylist(text);
  }
  if (group.type === 'HLS_GROUP') return;
  const counted = countWithMp4Box(mediaOf(group, objects));
  const expected = playedPackets(row, track).length;
  if (counted !== expected)
    throw new Error(`${rowNameOf(row)}: ${counted} samples of ${expected} for mp4box`);
}

/** Without edit lists nothing hides the run-up of sound, so Smooth files have none. */
function playedPackets(row: PackageRow, { packets }: TinyTrack): TinyTrack['packets'] {
  return packets.filter(({ pts }) => row.group !== 'MS_SMOOTH' || isVideo(row.codec) || pts >= 0n);
}

function assertWhole(row: PackageRow, group: StreamingGroup, objects: MemoryObjects, track: TinyTrack): void {
  const extension = group.outputs[0]?.segmentLocation.split('.').at(-1) ?? '';
  // Each segment of packed audio begins with a tag, so each is a file of its own.
  const files =
    group.type === 'HLS_GROUP' && extension !== 'ts'
      ? entriesOf(objects, `s3://out/vod/${playlist}`).map(({ bytes }) => withoutTags(bytes))
      : [mediaOf(group, objects)];
  const decoded = files.map((bytes) =>
    decodeBytes(bytes, /^(cmf|ism|mp4)/.test(extension) ? 'mp4' : extension),
  );
  const sum = (amount: (seen: DecodedTrack) => number): number =>
    decoded.reduce((total, [only]) => total + (only === undefined ? 0 : amount(only)), 0);
  const count = isVideo(row.codec) ? track.frames : playedPackets(row, track).length;
  const found = sum(({ frames, packets }) => (isVideo(row.codec) ? frames : packets));
  const errors = sum((seen) => seen.errors);
  if (decoded.some(({ length }) => length !== 1) || errors !== 0 || found !== count)
    throw new Error(`${rowNameOf(row)}: ${found} of ${count}, ${errors} errors`);
}

/** Bytes behind ID3 tags (ID3v2.4 3.1), which demuxers of AC-3 take for frames. */
function withoutTags(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 3) !== 'ID3') return bytes;
  const size = [...bytes.subarray(6, 10)].reduce((sum, seven) => sum * 128 + seven, 0);
  return withoutTags(bytes.subarray(10 + size));
}

interface Pair {
  readonly hidden: MemoryObjects;
  readonly clear: MemoryObjects;
}

function assertDecrypts(row: PackageRow, group: StreamingGroup, track: TinyTrack, pair: Pair): void {
  const { hidden, clear } = pair;
  const opened = openPackage(row, group, track, pair);
  const equal = JSON.stringify(opened.decrypted) === JSON.stringify(opened.clear);
  if (!equal || opened.clear.length === 0)
    throw new Error(`${rowNameOf(row)}: decrypted frames are not those of the clear package`);
  if (mediaOf(group, hidden).equals(mediaOf(group, clear)))
    throw new Error(`${rowNameOf(row)} is not encrypted`);
}

interface Opened {
  readonly decrypted: readonly string[];
  readonly clear: readonly string[];
}

function openPackage(
  row: PackageRow,
  group: StreamingGroup,
  track: TinyTrack,
  { hidden, clear }: Pair,
): Opened {
  if (group.type === 'MS_SMOOTH_GROUP') {
    const samples = (objects: MemoryObjects) => readFile(mediaOf(group, objects)).fragments;
    return {
      decrypted: samples(hidden).flatMap((each) => decryptedSamples(each, key).map(hex)),
      clear: samples(clear).flatMap((each) => each.samples.map(hex)),
    };
  }
  if (group.type !== 'HLS_GROUP') {
    const stream = isVideo(row.codec) ? 'video' : 'audio';
    return {
      decrypted: sampleDigests(decryptWithPackager(mediaOf(group, hidden), stream, keyId, key)),
      clear: sampleDigests(mediaOf(group, clear)),
    };
  }
  if (row.encryption === 'AES128')
    return {
      decrypted: entriesOf(hidden, `s3://out/vod/${playlist}`).map(({ bytes }) =>
        hex(decryptedSegment(bytes)),
      ),
      clear: entriesOf(clear, `s3://out/vod/${playlist}`).map(({ bytes }) => hex(bytes)),
    };
  if (row.codec === 'AC3' || row.codec === 'EAC3') {
    const extension = row.codec.toLowerCase();
    const frames = (objects: MemoryObjects): readonly Buffer[] =>
      entriesOf(objects, `s3://out/vod/${playlist}`).flatMap(({ bytes }) =>
        samplesIn(withoutTags(bytes), extension),
      );
    return { decrypted: frames(hidden).map(decryptedFrame).map(hex), clear: frames(clear).map(hex) };
  }
  return {
    decrypted: framesOf(row, track, readHlsPackage(hidden, playlist, keyFiles)),
    clear: framesOf(row, track, readHlsPackage(clear, playlist)),
  };
}

function decryptedSegment(bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.from(iv, 'hex'));
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

/** Dolby frames under SAMPLE-AES: sixteen bytes and the odd end are clear (spec drm.md 6.2). */
function decryptedFrame(frame: Buffer): Buffer {
  const end = 16 + Math.floor((frame.length - 16) / 16) * 16;
  const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.from(iv, 'hex'));
  const opened = decipher.setAutoPadding(false).update(frame.subarray(16, end));
  return Buffer.concat([frame.subarray(0, 16), opened, frame.subarray(end)]);
}

/** Packets of the track, without those of the segment that is read twice; of pictures their slices. */
function framesOf(
  row: PackageRow,
  track: TinyTrack,
  [all = []]: readonly (readonly Buffer[])[],
): readonly string[] {
  const packets = all.slice(0, track.packets.length);
  if (!isVideo(row.codec)) return packets.map(hex);
  return packets.flatMap((packet) =>
    [...nalUnits(packet)].filter((unit) => [1, 5].includes(nalType(unit, 'H_264'))).map(hex),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
