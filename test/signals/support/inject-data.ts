/**
 * Puts data streams into a transport stream that has none: completes the program map and inserts packets where their time
 * comes. Shares no code with the product's multiplexer.
 */
import { remainder } from './read-splice.ts';

/** Times in seconds from the first picture of the stream. */
export interface Injected {
  readonly pid: number;
  /** Where it stands: with the clock reference of this time. */
  readonly at: number;
  /** Gets the timestamp of the first picture, ticks of 90 kHz. */
  readonly packets: (pid: number, firstPts: number) => Buffer;
}

export interface InjectedStream {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: Buffer;
}

/** The stream with the data. */
export function injectData(
  stream: Buffer,
  { program, streams }: { readonly program: Buffer; readonly streams: readonly InjectedStream[] },
  items: readonly Injected[],
): Buffer {
  const packets = Array.from({ length: stream.length / 188 }, (_, index) =>
    stream.subarray(index * 188, (index + 1) * 188),
  );
  const firstPts = firstPicture(packets);
  const mapPid = 0x1000;
  const waiting = [...items].sort((a, b) => a.at - b.at);
  const written: Buffer[] = [];
  for (const packet of packets) {
    const clock = clockOf(packet);
    while (waiting[0] !== undefined && clock !== null && clock >= firstPts + waiting[0].at * 90_000) {
      const [item] = waiting.splice(0, 1);
      if (item !== undefined) written.push(item.packets(item.pid, firstPts));
    }
    written.push(pidOf(packet) === mapPid ? completed(packet, program, streams) : packet);
  }
  return renumbered(Buffer.concat(written), new Set(streams.map(({ pid }) => pid)));
}

/** A section as packets. */
export function sectionPackets(pid: number, section: Buffer): Buffer {
  return cut(pid, Buffer.concat([Buffer.of(0), section]), 0xff);
}

/** A PES packet with a timestamp, as packets; `pts` null: without one. */
export function pesPackets(pid: number, streamId: number, pts: number | null, bytes: Buffer): Buffer {
  const time = Buffer.alloc(pts === null ? 0 : 5);
  if (pts !== null) {
    time[0] = 0x21 | (Math.floor(pts / 2 ** 30) << 1);
    time.writeUInt16BE(((Math.floor(pts / 2 ** 15) & 0x7fff) << 1) | 1, 1);
    time.writeUInt16BE(((pts % 2 ** 15) << 1) | 1, 3);
  }
  const length = 3 + time.length + bytes.length;
  const header = Buffer.of(
    0,
    0,
    1,
    streamId,
    length >> 8,
    length & 0xff,
    0x84,
    pts === null ? 0 : 0x80,
    time.length,
  );
  return cut(pid, Buffer.concat([header, time, bytes]), null);
}

/** `fill` behind the payload; null fills with an adaptation field in front of it. */
function cut(pid: number, payload: Buffer, fill: number | null): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 184) {
    const part = payload.subarray(at, at + 184);
    const missing = 184 - part.length;
    const head = Buffer.of(
      0x47,
      (at === 0 ? 0x40 : 0) | (pid >> 8),
      pid & 0xff,
      missing > 0 && fill === null ? 0x30 : 0x10,
    );
    if (missing === 0) packets.push(Buffer.concat([head, part]));
    else if (fill !== null) packets.push(Buffer.concat([head, part, Buffer.alloc(missing, fill)]));
    else {
      const field = Buffer.alloc(missing, 0xff);
      field[0] = missing - 1;
      if (missing > 1) field[1] = 0;
      packets.push(Buffer.concat([head, field, part]));
    }
  }
  return Buffer.concat(packets);
}

function renumbered(stream: Buffer, pids: ReadonlySet<number>): Buffer {
  const counters = new Map<number, number>();
  for (let at = 0; at < stream.length; at += 188) {
    const pid = pidOf(stream.subarray(at, at + 188));
    if (!pids.has(pid)) continue;
    const counter = counters.get(pid) ?? 0;
    stream[at + 3] = ((stream[at + 3] ?? 0) & 0xf0) | counter;
    counters.set(pid, (counter + 1) & 15);
  }
  return stream;
}

function completed(packet: Buffer, program: Buffer, streams: readonly InjectedStream[]): Buffer {
  const start = 5 + (packet[4] ?? 0);
  const length = packet.readUInt16BE(start + 1) & 0xfff;
  const section = packet.subarray(start, start + 3 + length);
  const own = section.readUInt16BE(10) & 0xfff;
  const body = Buffer.concat([
    section.subarray(0, 12 + own),
    program,
    section.subarray(12 + own, -4),
    ...streams.map(({ pid, streamType, descriptors }) =>
      Buffer.concat([
        Buffer.of(streamType, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, descriptors.length),
        descriptors,
      ]),
    ),
  ]);
  body.writeUInt16BE(0xb000 | (body.length + 1), 1);
  body.writeUInt16BE(0xf000 | (own + program.length), 10);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(remainder(body));
  const whole = Buffer.concat([packet.subarray(0, 5), body, sum]);
  return Buffer.concat([whole, Buffer.alloc(188 - whole.length, 0xff)]);
}

function pidOf(packet: Buffer): number {
  return packet.readUInt16BE(1) & 0x1fff;
}

/** Ticks of 90 kHz; null without a reference. */
function clockOf(packet: Buffer): number | null {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  if (!hasField || (packet[4] ?? 0) < 7 || ((packet[5] ?? 0) & 0x10) === 0) return null;
  return packet.readUInt32BE(6) * 2 + ((packet[10] ?? 0) >> 7);
}

function firstPicture(packets: readonly Buffer[]): number {
  for (const packet of packets) {
    const field = ((packet[3] ?? 0) & 0x20) !== 0 ? 1 + (packet[4] ?? 0) : 0;
    const payload = packet.subarray(4 + field);
    if (
      ((packet[1] ?? 0) & 0x40) === 0 ||
      payload.readUIntBE(0, 3) !== 1 ||
      ((payload[3] ?? 0) & 0xf0) !== 0xe0
    )
      continue;
    return (
      ((payload[9] ?? 0) & 0x0e) * 2 ** 29 +
      (payload.readUInt16BE(10) >> 1) * 2 ** 15 +
      (payload.readUInt16BE(12) >> 1)
    );
  }
  throw new Error('the stream has no picture');
}
