/** Reads a transport stream file packet by packet (ISO/IEC 13818-1), for measurements. Shares no code with the multiplexer. */
import { readFileSync } from 'node:fs';

export interface ReadPacket {
  /** Its place in the file. */
  readonly index: number;
  readonly pid: number;
  readonly isStart: boolean;
  readonly hasPayload: boolean;
  readonly counter: number;
  readonly isRandomAccess: boolean;
  /** Clock reference in ticks of 27 MHz; null: none. */
  readonly clock: number | null;
  readonly privateData: Buffer | null;
  readonly payload: Buffer;
}

/** All packets. Throws for a file that does not consist of packets. */
export function readTransport(path: string): readonly ReadPacket[] {
  const bytes = readFileSync(path);
  if (bytes.length % 188 !== 0) throw new Error(`${path} has ${bytes.length} bytes`);
  return Array.from({ length: bytes.length / 188 }, (_, index) =>
    readPacket(bytes.subarray(index * 188, (index + 1) * 188), index),
  );
}

function readPacket(packet: Buffer, index: number): ReadPacket {
  if (packet[0] !== 0x47) throw new Error(`packet ${index} has no sync byte`);
  const control = ((packet[3] ?? 0) >> 4) & 3;
  const hasField = (control & 2) !== 0;
  const fieldBytes = hasField ? (packet[4] ?? 0) : 0;
  const flags = fieldBytes > 0 ? (packet[5] ?? 0) : 0;
  const hasClock = (flags & 0x10) !== 0;
  const privateAt = hasClock ? 12 : 6;
  const start = hasField ? 5 + fieldBytes : 4;
  if (start > 188) throw new Error(`packet ${index} has an adaptation field of ${fieldBytes} bytes`);
  return {
    index,
    pid: packet.readUInt16BE(1) & 0x1fff,
    isStart: ((packet[1] ?? 0) & 0x40) !== 0,
    hasPayload: (control & 1) !== 0,
    counter: (packet[3] ?? 0) & 15,
    isRandomAccess: (flags & 0x40) !== 0,
    clock: hasClock
      ? (packet.readUInt32BE(6) * 2 + (packet.readUInt16BE(10) >> 15)) * 300 +
        (packet.readUInt16BE(10) & 0x1ff)
      : null,
    privateData:
      (flags & 2) === 0 ? null : packet.subarray(privateAt + 1, privateAt + 1 + (packet[privateAt] ?? 0)),
    payload: (control & 1) === 0 ? Buffer.alloc(0) : packet.subarray(start),
  };
}

export interface ReadPes {
  readonly first: ReadPacket;
  /** Index of the packet that brings the last byte. */
  readonly lastIndex: number;
  readonly pts: number;
  readonly dts: number;
  /** In units of 50 bytes a second; null: not given. */
  readonly esRate: number | null;
}

/** The PES packets of a PID. */
export function readPes(packets: readonly ReadPacket[], pid: number): readonly ReadPes[] {
  const own = packets.filter((packet) => packet.pid === pid && packet.hasPayload);
  return own.flatMap((packet, place) => {
    if (!packet.isStart) return [];
    const after = own.findIndex((later, index) => index > place && later.isStart);
    const last = own[(after < 0 ? own.length : after) - 1];
    const flags = packet.payload[7] ?? 0;
    const pts = timestampAt(packet.payload, 9);
    const hasDts = (flags & 0x40) !== 0;
    const rateAt = hasDts ? 19 : 14;
    return [
      {
        first: packet,
        lastIndex: last?.index ?? packet.index,
        pts,
        dts: hasDts ? timestampAt(packet.payload, 14) : pts,
        esRate: (flags & 0x10) === 0 ? null : (packet.payload.readUIntBE(rateAt, 3) >> 1) & 0x3f_ffff,
      },
    ];
  });
}

function timestampAt(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] ?? 0) & 0x0e) * 2 ** 29 +
    (bytes.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
    (bytes.readUInt16BE(at + 3) >> 1)
  );
}

/** Sections of a table, without pointer and filling. */
export function readSections(
  packets: readonly ReadPacket[],
  pid: number,
): readonly { readonly index: number; readonly section: Buffer }[] {
  return packets
    .filter((packet) => packet.pid === pid && packet.isStart)
    .map(({ index, payload }) => {
      const start = 1 + (payload[0] ?? 0);
      return {
        index,
        section: payload.subarray(start, start + 3 + (payload.readUInt16BE(start + 1) & 0xfff)),
      };
    });
}

/** CRC-32 of MPEG over a whole section: 0 when it is intact. */
export function sectionRemainder(section: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of section) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const top = (crc >>> 31) ^ ((byte >> bit) & 1);
      crc = (crc << 1) >>> 0;
      if (top === 1) crc = (crc ^ 0x04c1_1db7) >>> 0;
    }
  }
  return crc;
}
