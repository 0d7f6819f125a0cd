/**
 * Adds data streams to the program map that the library writes: it knows of picture and sound alone, the packets of the
 * data are ours.
 */
import type { DataStreams } from '../engine/transport/data-streams.ts';
import { sectionChecksum } from '../signals/section-checksum.ts';

const packetBytes = 188;
/** Table, length, program, version and section numbers, clock PID, length of the program's descriptors. */
const headerBytes = 12;
const checksumBytes = 4;

/** Packets with every map completed. The map must be one packet, before and after (the plan sees to it). */
export function withDataStreams(
  bytes: Uint8Array,
  pmtPid: number,
  data: Pick<DataStreams, 'programDescriptors' | 'streams'>,
): Uint8Array {
  let changed: Buffer | null = null;
  for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
    const second = bytes[at + 1] ?? 0;
    const pid = ((second & 0x1f) << 8) | (bytes[at + 2] ?? 0);
    if (pid !== pmtPid || (second & 0x40) === 0) continue;
    changed ??= Buffer.from(bytes);
    complete(changed.subarray(at, at + packetBytes), data);
  }
  return changed ?? bytes;
}

function complete(
  packet: Buffer,
  { programDescriptors, streams }: Pick<DataStreams, 'programDescriptors' | 'streams'>,
): void {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  const payload = 4 + (hasField ? 1 + (packet[4] ?? 0) : 0);
  const start = payload + 1 + (packet[payload] ?? 0);
  const length = 3 + (packet.readUInt16BE(start + 1) & 0xfff);
  const section = packet.subarray(start, start + length);
  const ownDescriptors = section.readUInt16BE(10) & 0xfff;
  const body = Buffer.concat([
    section.subarray(0, headerBytes + ownDescriptors),
    programDescriptors,
    section.subarray(headerBytes + ownDescriptors, -checksumBytes),
    ...streams.flatMap(({ streamType, pid, descriptors }) => [
      Buffer.of(
        streamType,
        0xe0 | (pid >> 8),
        pid & 0xff,
        0xf0 | (descriptors.length >> 8),
        descriptors.length,
      ),
      descriptors,
    ]),
  ]);
  const total = body.length + checksumBytes;
  if (start + total > packetBytes) throw new RangeError('the program map does not fit into one packet');
  body.writeUInt16BE(0xb000 | (total - 3), 1);
  body.writeUInt16BE(0xf000 | (ownDescriptors + programDescriptors.length), 10);
  packet.fill(0xff, start);
  body.copy(packet, start);
  packet.writeUInt32BE(sectionChecksum(body), start + body.length);
}
