/**
 * Counter mode under one key: no IV of 64 bits comes twice in a job. Two samples with the same would share their key stream,
 * and the exclusive-or of what is published would be that of the pictures (ISO/IEC 23001-7 9.3).
 */
import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import type { CmafOutputGroup, DashOutputGroup, SmoothOutputGroup } from '../../src/plan/group-plan.ts';
import { type DrivenOutput, feedAll, startAll } from './support/drive.ts';
import {
  audioTrackFile,
  cmafGroup,
  dashGroup,
  smoothFile,
  smoothGroup,
  videoTrackFile,
} from './support/fragmented-plan.ts';
import { createTinyTracks } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { type Box, boxesOf } from './support/read-smooth.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const picture = { frames: 60, forcedKeyFrameSeconds: rational(1), globalHeader: true } as const;
const large = tracks.video({ ...picture, widthPx: 320, heightPx: 180 });
const small = tracks.video({ ...picture, widthPx: 160, heightPx: 90 });
const sound = tracks.audio({ seconds: 2.4 });
const samplesOf = ({ packets }: typeof large): number => packets.length;

const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

/** Every group of the job has the same key and the same IV, as a static key with a constant IV gives them. */
async function ivsOf(
  group: CmafOutputGroup | DashOutputGroup | SmoothOutputGroup,
  driven: readonly DrivenOutput[],
): Promise<readonly string[]> {
  const { groupIndex } = group;
  const keys: GroupKeys = {
    groupIndex,
    scheme: 'cenc',
    clearSegments: 0,
    keys: [
      {
        keyId: '00112233445566778899aabbccddeeff',
        key: 'a0b1c2d3e4f5061728394a5b6c7d8e9f',
        iv,
        tracks: null,
        keyLines: [],
        sessionLines: [],
        mpdElements: [],
        headerBoxes: [],
        protectionHeaders: [],
      },
    ],
  };
  const objects = createMemoryObjects();
  const writer = createFragmentedGroupWriter(group, objects, tmpdir(), keys);
  await startAll(writer, driven);
  for (const extra of writer.extras) {
    await extra.writer.start([large.track]);
    for (const packet of large.packets) await extra.writer.writePacket(0, packet);
    await extra.writer.endTrack(0);
  }
  await feedAll(writer, driven);
  for (const { outputIndex } of driven) await writer.outputWriter(outputIndex).finish();
  await writer.finish();
  return writtenIvs(objects);
}

/** IVs of `senc`, and of the box that PIFF has for it. */
function writtenIvs(objects: MemoryObjects): readonly string[] {
  return [...objects.visible].flatMap(([location, bytes]) =>
    /\.(cmfv|cmfa|ismv)$/.test(location) ? protectionBoxes(boxesOf(bytes)).flatMap(readIvs) : [],
  );
}

function protectionBoxes(boxes: readonly Box[]): readonly Buffer[] {
  return boxes.flatMap(({ type, body }): readonly Buffer[] => {
    if (type === 'moof' || type === 'traf') return protectionBoxes(boxesOf(body));
    if (type === 'senc') return [body];
    const isPiff = type === 'uuid' && body.toString('hex', 0, 16) === 'a2394f525a9b4f14a2446c427c648df4';
    return isPiff ? [body.subarray(16)] : [];
  });
}

function readIvs(content: Buffer): readonly string[] {
  const hasSubsamples = (content.readUInt32BE(0) & 2) !== 0;
  const ivs: string[] = [];
  for (let at = 8, left = content.readUInt32BE(4); left > 0; left -= 1) {
    ivs.push(content.toString('hex', at, at + 8));
    at += 8;
    if (hasSubsamples) at += 2 + 6 * content.readUInt16BE(at);
  }
  return ivs;
}

it('gives every track of every group IVs of its own', async () => {
  const cmaf = await ivsOf(
    cmafGroup([videoTrackFile(0, '_v'), videoTrackFile(1, '_w'), audioTrackFile(2, '_a')], {
      keyFrameTrack: videoTrackFile(0, '_k', { isKeyFramesOnly: true, playlistLocation: null }),
    }),
    [
      { outputIndex: 0, tracks: [large] },
      { outputIndex: 1, tracks: [small] },
      { outputIndex: 2, tracks: [sound] },
    ],
  );
  // Beside three tracks, one picture a second.
  expect(cmaf).toHaveLength(samplesOf(large) + samplesOf(small) + samplesOf(sound) + 3);
  expect(cmaf).toContain(iv.slice(0, 16));

  const muxed = { audioRenditionIds: ['a'], brand: 'iso6' } as const;
  const dash = await ivsOf(dashGroup([videoTrackFile(0, '_v', muxed)], { groupIndex: 1 }), [
    { outputIndex: 0, tracks: [large, sound] },
  ]);
  const smooth = await ivsOf(
    smoothGroup([smoothFile(0, '_v', { audioRenditionIds: ['a'] }), smoothFile(1, '_w')], { groupIndex: 2 }),
    [
      { outputIndex: 0, tracks: [large, sound] },
      { outputIndex: 1, tracks: [small] },
    ],
  );
  expect(dash).toHaveLength(samplesOf(large) + samplesOf(sound));
  expect(smooth).toHaveLength(samplesOf(large) + samplesOf(sound) + samplesOf(small));

  const all = [...cmaf, ...dash, ...smooth];
  expect(new Set(all).size).toBe(all.length);
});
