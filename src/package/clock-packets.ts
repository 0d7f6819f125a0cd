/**
 * Clock references on a PID that the job chooses (`pcrPid`): the library writes them with the first track. They move into
 * packets of their own in front of those, without payload (ISO/IEC 13818-1 2.4.3.4), and the program map names their PID.
 */
import { sectionChecksum } from '../signals/section-checksum.ts';

/** A transport packet. */
export const packetBytes = 188;
const checksumBytes = 4;
/** Length of an adaptation field that fills a packet. */
const fullFieldBytes = packetBytes - 5;
const clockBytes = 6;
const clockFlag = 0x10;

/** Which PID the clock leaves, and which it goes to. */
export interface ClockPids {
  readonly carrier: number;
  readonly clock: number;
  readonly map: number;
}

/** Makes a step that takes whole packets in stream order and gives them back with the clock on its PID. */
export function createClockMover({ carrier, clock, map }: ClockPids): (bytes: Uint8Array) => Uint8Array {
  /** Packets without payload repeat the counter of the one before them on their PID (2.4.3.3). */
  let counter = 0;
  return (bytes) => {
    const packets: Uint8Array[] = [];
    for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
      const packet = Buffer.from(bytes.subarray(at, at + packetBytes));
      const pid = packet.readUInt16BE(1) & 0x1fff;
      if (pid === map) nameClock(packet, clock);
      if (pid === clock) counter = (packet[3] ?? 0) & 0x0f;
      const reference = pid === carrier ? takeClock(packet) : null;
      if (reference !== null) packets.push(clockPacket(clock, counter, reference));
      packets.push(packet);
    }
    return Buffer.concat(packets);
  };
}

/** Takes the reference out of the packet, which keeps its length; null when it has none. */
function takeClock(packet: Buffer): Buffer | null {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  const fieldBytes = packet[4] ?? 0;
  const flags = packet[5] ?? 0;
  if (!hasField || fieldBytes === 0 || (flags & clockFlag) === 0) return null;
  const reference = Buffer.from(packet.subarray(6, 6 + clockBytes));
  packet[5] = flags & ~clockFlag;
  // What follows the reference moves up; stuffing fills the end.
  packet.copyWithin(6, 6 + clockBytes, 5 + fieldBytes);
  packet.fill(0xff, 5 + fieldBytes - clockBytes, 5 + fieldBytes);
  return reference;
}

/** A packet of the clock alone; the reference as its six bytes stand in an adaptation field. */
export function clockPacket(pid: number, counter: number, reference: Buffer): Buffer {
  const packet = Buffer.alloc(packetBytes, 0xff);
  packet[0] = 0x47;
  packet.writeUInt16BE(pid, 1);
  packet[3] = 0x20 | counter;
  packet[4] = fullFieldBytes;
  packet[5] = clockFlag;
  reference.copy(packet, 6);
  return packet;
}

/** The map is one packet, which begins with its section (`program-map.ts`). */
function nameClock(packet: Buffer, pid: number): void {
  if (((packet[1] ?? 0) & 0x40) === 0) return;
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  const payload = 4 + (hasField ? 1 + (packet[4] ?? 0) : 0);
  const start = payload + 1 + (packet[payload] ?? 0);
  const length = 3 + (packet.readUInt16BE(start + 1) & 0xfff);
  if (start + length > packetBytes) throw new RangeError('the program map does not fit into one packet');
  packet.writeUInt16BE(0xe000 | pid, start + 8);
  packet.writeUInt32BE(
    sectionChecksum(packet.subarray(start, start + length - checksumBytes)),
    start + length - checksumBytes,
  );
}
