/**
 * The program map of a transport stream whose samples are encrypted: other stream types, and descriptors that say what
 * they stand for (Apple, HLS stream encryption, section 2.3). The muxer writes the map of the clear stream; this rewrites
 * it on its way out.
 */
import { sectionChecksum } from '../../signals/section-checksum.ts';

/** One elementary stream as the new map tells it. */
export interface ProtectedStream {
  readonly streamType: number;
  /** FourCC of the private data indicator. */
  readonly descriptor: string;
  /** Setup of sound; null for pictures, and while it is not known. */
  readonly setup: Buffer | null;
}

const packetBytes = 188;

/** Bytes of whole packets with the maps among them rewritten; `streams` by PID are asked for at each map. */
export function withProtectedMaps(
  bytes: Uint8Array,
  mapPid: number,
  streams: () => ReadonlyMap<number, ProtectedStream>,
): Buffer {
  const written = Buffer.from(bytes);
  for (let at = 0; at + packetBytes <= written.length; at += packetBytes) {
    const packet = written.subarray(at, at + packetBytes);
    const isStart = ((packet[1] ?? 0) & 0x40) !== 0;
    if (isStart && (packet.readUInt16BE(1) & 0x1fff) === mapPid) rewriteMap(packet, streams());
  }
  return written;
}

/** A map is one section in one packet: it has few streams. */
function rewriteMap(packet: Buffer, streams: ReadonlyMap<number, ProtectedStream>): void {
  const hasAdaptation = ((packet[3] ?? 0) & 0x20) !== 0;
  const payloadAt = 4 + (hasAdaptation ? 1 + (packet[4] ?? 0) : 0);
  const sectionAt = payloadAt + 1 + (packet[payloadAt] ?? 0);
  const end = sectionAt + 3 + (packet.readUInt16BE(sectionAt + 1) & 0xfff) - 4;
  const programBytes = packet.readUInt16BE(sectionAt + 10) & 0xfff;
  const firstAt = sectionAt + 12 + programBytes;
  const parts: Buffer[] = [Buffer.from(packet.subarray(sectionAt, firstAt))];
  for (let at = firstAt; at < end; ) {
    const pid = packet.readUInt16BE(at + 1) & 0x1fff;
    const length = packet.readUInt16BE(at + 3) & 0xfff;
    const descriptors = Buffer.from(packet.subarray(at + 5, at + 5 + length));
    const known = streams.get(pid);
    parts.push(streamEntry(packet[at] ?? 0, pid, descriptors, known ?? null));
    at += 5 + length;
  }
  const section = Buffer.concat(parts);
  section.writeUInt16BE(0xb000 | (section.length - 3 + 4), 1);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(sectionChecksum(section), 0);
  const whole = Buffer.concat([section, checksum]);
  if (sectionAt + whole.length > packetBytes)
    throw new RangeError('the program map fills more than a packet');
  whole.copy(packet, sectionAt);
  packet.fill(0xff, sectionAt + whole.length);
}

function streamEntry(
  streamType: number,
  pid: number,
  descriptors: Buffer,
  known: ProtectedStream | null,
): Buffer {
  const added = known === null ? [] : protectionDescriptors(known);
  const length = descriptors.length + added.reduce((sum, part) => sum + part.length, 0);
  const header = Buffer.alloc(5);
  header[0] = known?.streamType ?? streamType;
  header.writeUInt16BE(0xe000 | pid, 1);
  header.writeUInt16BE(0xf000 | length, 3);
  return Buffer.concat([header, descriptors, ...added]);
}

/** The private data indicator (tag 15), and the registration `apad` (tag 5) with the setup of sound. */
function protectionDescriptors({ descriptor, setup }: ProtectedStream): Buffer[] {
  const indicator = Buffer.concat([Buffer.of(15, 4), Buffer.from(descriptor, 'latin1')]);
  if (setup === null) return [indicator];
  return [indicator, Buffer.concat([Buffer.of(5, 4 + setup.length), Buffer.from('apad', 'latin1'), setup])];
}
