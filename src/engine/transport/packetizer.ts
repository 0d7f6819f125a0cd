/** Cuts sections and PES packets into transport packets of 188 bytes (ISO/IEC 13818-1 2.4.3). */

/** Bytes of a transport packet. */
export const packetBytes = 188;

const headerBytes = 4;

/** The PID of null packets. */
const nullPid = 0x1fff;

/** Packets gathered before they are handed on. */
const packetsPerPiece = 696;

/** What stands in a packet's adaptation field. */
export interface AdaptationField {
  readonly isRandomAccess?: boolean;
  /** Clock reference in ticks of 27 MHz. */
  readonly clock?: number | null;
  readonly privateData?: Buffer | null;
}

/** Writes packets; each call of `onPacket` tells that one has been written. */
export interface Packetizer {
  /** One packet: as much of `payload` from `offset` as fits. Returns the offset that follows. */
  write(pid: number, payload: Uint8Array, offset: number, field: AdaptationField): number;
  /** A packet without payload that carries a clock reference. */
  writeClock(pid: number, clock: number): void;
  writeNull(): void;
  /** Hands what is gathered to the sink. */
  flush(): void;
}

/** Makes the packetizer; `sink` copies what it is given. */
export function createPacketizer(sink: (bytes: Uint8Array) => void): Packetizer {
  const piece = Buffer.allocUnsafe(packetBytes * packetsPerPiece);
  const counters = new Map<number, number>();
  let filled = 0;

  const flush = (): void => {
    if (filled > 0) sink(piece.subarray(0, filled));
    filled = 0;
  };
  const take = (): Buffer => {
    if (filled === piece.length) flush();
    const packet = piece.subarray(filled, filled + packetBytes);
    filled += packetBytes;
    return packet;
  };
  const begin = (packet: Buffer, pid: number, isStart: boolean, control: number): void => {
    const last = counters.get(pid) ?? 15;
    // The counter moves with payload only.
    const counter = (control & 1) === 1 ? (last + 1) & 15 : last;
    counters.set(pid, counter);
    packet[0] = 0x47;
    packet[1] = (isStart ? 0x40 : 0) | (pid >> 8);
    packet[2] = pid & 0xff;
    packet[3] = (control << 4) | counter;
  };

  return {
    write(pid, payload, offset, field) {
      const packet = take();
      const content = adaptationContent(field);
      const left = payload.length - offset;
      const room = packetBytes - headerBytes;
      const isPlain = content.length === 0 && left >= room;
      begin(packet, pid, offset === 0, isPlain ? 1 : 3);
      if (isPlain) {
        packet.set(payload.subarray(offset, offset + room), headerBytes);
        return offset + room;
      }
      const count = Math.min(left, room - 1 - content.length);
      const fieldBytes = room - count - 1;
      packet[4] = fieldBytes;
      if (fieldBytes > 0) {
        packet.fill(0xff, 5, 5 + fieldBytes);
        if (content.length > 0) content.copy(packet, 5);
        else packet[5] = 0;
      }
      packet.set(payload.subarray(offset, offset + count), packetBytes - count);
      return offset + count;
    },
    writeClock(pid, clock) {
      const packet = take();
      begin(packet, pid, false, 2);
      packet[4] = packetBytes - headerBytes - 1;
      packet.fill(0xff, 5);
      adaptationContent({ clock }).copy(packet, 5);
    },
    writeNull() {
      const packet = take();
      packet.fill(0xff);
      packet[0] = 0x47;
      packet[1] = nullPid >> 8;
      packet[2] = nullPid & 0xff;
      packet[3] = 0x10;
    },
    flush,
  };
}

/** A section as the payload of packets: the pointer in front, the rest of the last packet filled up. */
export function sectionPayload(section: Buffer): Buffer {
  const room = packetBytes - headerBytes;
  const payload = Buffer.alloc(Math.ceil((section.length + 1) / room) * room, 0xff);
  payload[0] = 0;
  section.copy(payload, 1);
  return payload;
}

/** A PES packet (ISO/IEC 13818-1 2.4.3.6). Times in ticks of 90 kHz, written modulo 2^33. */
export function pesPacket(
  streamId: number,
  pts: number,
  dts: number,
  esRateBps: number | null,
  parts: readonly Uint8Array[],
): Buffer {
  const hasDts = dts !== pts;
  const optional = Buffer.alloc((hasDts ? 10 : 5) + (esRateBps === null ? 0 : 3));
  writeTimestamp(optional, 0, hasDts ? 3 : 2, pts);
  if (hasDts) writeTimestamp(optional, 5, 1, dts);
  if (esRateBps !== null) {
    // Units of 50 bytes a second, between two marker bits.
    const rate = Math.min(0x3f_ffff, Math.max(1, Math.ceil(esRateBps / 400)));
    optional.writeUIntBE(0x80_0001 | (rate << 1), hasDts ? 10 : 5, 3);
  }
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const length = bytes + optional.length + 3;
  const isVideo = (streamId & 0xf0) === 0xe0;
  const header = Buffer.from([
    0,
    0,
    1,
    streamId,
    0,
    0,
    0x84,
    (hasDts ? 0xc0 : 0x80) | (esRateBps === null ? 0 : 0x10),
    optional.length,
  ]);
  // Video may leave its length open; frames can be longer than the field can say.
  if (!isVideo) header.writeUInt16BE(length > 0xffff ? 0 : length, 4);
  return Buffer.concat([header, optional, ...parts]);
}

function writeTimestamp(target: Buffer, at: number, prefix: number, ticks: number): void {
  const wrapped = BigInt.asUintN(33, BigInt(ticks));
  const high = Number(wrapped >> 30n);
  const low = Number(wrapped & 0x3fff_ffffn);
  target[at] = (prefix << 4) | (high << 1) | 1;
  target.writeUInt16BE((((low >> 15) & 0x7fff) << 1) | 1, at + 1);
  target.writeUInt16BE(((low & 0x7fff) << 1) | 1, at + 3);
}

function adaptationContent({ isRandomAccess, clock, privateData }: AdaptationField): Buffer {
  const hasClock = clock !== undefined && clock !== null;
  const hasPrivate = privateData !== undefined && privateData !== null;
  if (isRandomAccess !== true && !hasClock && !hasPrivate) return empty;
  const content = Buffer.alloc(1 + (hasClock ? 6 : 0) + (hasPrivate ? 1 + privateData.length : 0));
  content[0] = (isRandomAccess === true ? 0x40 : 0) | (hasClock ? 0x10 : 0) | (hasPrivate ? 0x02 : 0);
  if (hasClock) writeClockReference(content, 1, clock);
  if (hasPrivate) {
    const at = hasClock ? 7 : 1;
    content[at] = privateData.length;
    privateData.copy(content, at + 1);
  }
  return content;
}

const empty = Buffer.alloc(0);

function writeClockReference(target: Buffer, at: number, clock: number): void {
  const ticks = BigInt(Math.floor(clock));
  const base = BigInt.asUintN(33, ticks / 300n - (ticks < 0n && ticks % 300n !== 0n ? 1n : 0n));
  const extension = Number(((ticks % 300n) + 300n) % 300n);
  target.writeUInt32BE(Number(base >> 1n), at);
  target.writeUInt16BE((Number(base & 1n) << 15) | 0x7e00 | extension, at + 4);
}
