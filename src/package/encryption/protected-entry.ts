/** Sample entries of encrypted tracks: `encv`, `enca` and the scheme behind them (ISO/IEC 14496-12 8.12; spec drm.md 8). */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import type { FragmentedOutput } from '../../plan/group-plan.ts';
import { box, fullBox, latin, u8, u32 } from '../fmp4/boxes.ts';
import type { TrackProtections } from '../fmp4/fragmenter.ts';
import { piffScheme, protectionHeaderBox } from '../fmp4/piff-boxes.ts';
import { type ContentKey, type GroupKeys, keyOf } from './content-keys.ts';
import { createSampleCipher } from './sample-cipher.ts';

/** How the tracks of one output are encrypted; null when the group's media are not encrypted sample by sample. */
export function protectTracks(
  keys: GroupKeys | null,
  { outputIndex, brand, isKeyFramesOnly }: FragmentedOutput,
): TrackProtections | null {
  if (keys === null || keys.scheme === 'aes-128' || keys.scheme === 'sample-aes') return null;
  const { scheme } = keys;
  const used = [
    ...new Set((['video', 'audio'] as const).flatMap((kind) => keyOf(keys, outputIndex, kind) ?? [])),
  ];
  return {
    protectorOf(track, trackIndex) {
      const key = keyOf(keys, outputIndex, track.kind);
      const { groupIndex } = keys;
      const place = { groupIndex, outputIndex, isKeyFramesOnly: isKeyFramesOnly === true, trackIndex };
      return key === null ? null : createSampleCipher(track, scheme, key, place);
    },
    entriesOf(track, entry) {
      const key = keyOf(keys, outputIndex, track.kind);
      if (key === null) return [entry];
      const information =
        brand === 'piff'
          ? piffScheme(entry.subarray(4, 8), Buffer.from(key.keyId, 'hex'))
          : schemeInformation(entry, track, scheme, key);
      const wrapped = box(track.kind === 'video' ? 'encv' : 'enca', entry.subarray(8), information);
      return keys.clearSegments > 0 ? [wrapped, entry] : [wrapped];
    },
    headers: brand === 'piff' ? used.flatMap(smoothHeaders) : isoHeaders(used),
    clearSegments: keys.clearSegments,
  };
}

function isoHeaders(keys: readonly ContentKey[]): Buffer[] {
  return [...new Set(keys.flatMap(({ headerBoxes }) => headerBoxes))].map((text) =>
    Buffer.from(text, 'base64'),
  );
}

function smoothHeaders({ protectionHeaders }: ContentKey): Buffer[] {
  return protectionHeaders.map(({ systemId, data }) =>
    protectionHeaderBox(systemId, Buffer.from(data, 'base64')),
  );
}

/** The entry's own name and the scheme, which stand at the end of the protected entry. */
function schemeInformation(
  entry: Buffer,
  track: EncodedTrack,
  scheme: 'cenc' | 'cbcs',
  { keyId, iv }: ContentKey,
): Buffer {
  const isVideo = track.kind === 'video';
  const keyBytes = Buffer.from(keyId, 'hex');
  const defaults =
    scheme === 'cenc'
      ? fullBox('tenc', 0, 0, u8(0, 0, 1, 8), keyBytes)
      : fullBox(
          'tenc',
          1,
          0,
          // One block of ten for pictures; sound has no pattern: every block.
          u8(0, isVideo ? 0x19 : 0, 1, 0),
          keyBytes,
          u8(16),
          Buffer.from(iv ?? '', 'hex'),
        );
  return box(
    'sinf',
    box('frma', entry.subarray(4, 8)),
    fullBox('schm', 0, 0, latin(scheme), u32(0x00010000)),
    box('schi', defaults),
  );
}
