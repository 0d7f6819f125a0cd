/**
 * The id of a transport stream where the library takes none: it begins at 1, and 0 is as good (ISO/IEC 13818-1 2.4.4.5).
 * It stands in the association and the service description, in the same place of both sections.
 */
import { sectionChecksum } from '../signals/section-checksum.ts';

const packetBytes = 188;
const checksumBytes = 4;
/** Association, and description of services (EN 300 468 table 1). */
const identifiedPids: ReadonlySet<number> = new Set([0, 0x11]);

/** Packets whose tables name `id`. Sections begin and end in one packet, as the library writes those of one program. */
export function withStreamId(bytes: Uint8Array, id: number): Uint8Array {
  const changed = Buffer.from(bytes);
  for (let at = 0; at + packetBytes <= changed.length; at += packetBytes) {
    const packet = changed.subarray(at, at + packetBytes);
    const second = packet[1] ?? 0;
    const pid = ((second & 0x1f) << 8) | (packet[2] ?? 0);
    if (identifiedPids.has(pid) && (second & 0x40) !== 0) identify(packet, id);
  }
  return changed;
}

function identify(packet: Buffer, id: number): void {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  const payload = 4 + (hasField ? 1 + (packet[4] ?? 0) : 0);
  const start = payload + 1 + (packet[payload] ?? 0);
  const end = start + 3 + (packet.readUInt16BE(start + 1) & 0xfff);
  if (end > packetBytes) throw new RangeError('a table of the library does not fit into one packet');
  packet.writeUInt16BE(id, start + 3);
  packet.writeUInt32BE(sectionChecksum(packet.subarray(start, end - checksumBytes)), end - checksumBytes);
}
