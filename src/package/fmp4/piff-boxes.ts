/** Boxes of the Protected Interoperable File Format 1.1 that ISO files do not have, or have in another form. */
import { box, fullBox, latin, u8, u32, u64 } from './boxes.ts';

/** Extended types (PIFF 1.1 section 5; [MS-SSTR] 2.2.4.4). */
const extendedTypes = {
  sampleEncryption: 'a2394f525a9b4f14a2446c427c648df4',
  trackEncryption: '8974dbce7be74c5184f97148f9882554',
  protectionHeader: 'd08a4f1810f34a82b6c832d8aba183d3',
  fragmentTime: '6d1d9b0542d544e680e2141daff757b2',
} as const;

function extendedBox(
  type: keyof typeof extendedTypes,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box('uuid', Buffer.from(extendedTypes[type], 'hex'), u32(version * 0x1000000 + flags), ...content);
}

/** Where a fragment stands on the timeline of its track (`tfxd`). */
export function fragmentTimeBox(startTicks: bigint, durationTicks: bigint): Buffer {
  return extendedBox('fragmentTime', 1, 0, u64(startTicks), u64(durationTicks));
}

/** IVs and subsamples of a track fragment; `list` is the count with the entries. */
export function sampleEncryptionBox(hasSubsamples: boolean, list: readonly Uint8Array[]): Buffer {
  return extendedBox('sampleEncryption', 0, hasSubsamples ? 2 : 0, ...list);
}

/** The scheme of a track: AES in counter mode with IVs of eight bytes. */
export function piffScheme(originalType: Uint8Array, keyId: Uint8Array): Buffer {
  return box(
    'sinf',
    box('frma', originalType),
    fullBox('schm', 0, 0, latin('piff'), u32(0x00010001)),
    box('schi', extendedBox('trackEncryption', 0, 0, u8(0, 0, 1, 8), keyId)),
  );
}

/** What a DRM system gave for the movie. */
export function protectionHeaderBox(systemId: string, data: Uint8Array): Buffer {
  const id = Buffer.from(systemId.replaceAll('-', ''), 'hex');
  return extendedBox('protectionHeader', 0, 0, id, u32(data.length), data);
}
