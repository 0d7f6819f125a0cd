/**
 * Keeps the clock references of a transport stream within an interval (`maxPcrInterval`): the library writes them with
 * pictures or sound only, so where those are further apart, packets that carry nothing but the clock (ISO/IEC 13818-1
 * 2.4.3.4) stand between them.
 *
 * The rate between two references is constant (2.4.2.2), so what is added is spread over the packets between them by
 * time. At the end of a segment the next reference is not known yet: there they stand in front of it, behind the tables.
 */
import { clockPacket, packetBytes } from './clock-packets.ts';

/** Where the clock is, and how far apart its references may be. */
export interface ClockIntervals {
  readonly pid: number;
  readonly intervalMs: number;
  /** Sound beside pictures, which drives the clock on when the pictures have ended. */
  readonly soundPids: readonly number[];
  /** How far the clock runs ahead of decoding times, in milliseconds. */
  readonly leadMs: number;
  /** How long a picture is shown, in milliseconds; 0: there are none. */
  readonly pictureMs: number;
}

/** Takes whole packets in stream order and hands them on with the clock between them. */
export interface ClockFiller {
  write(bytes: Uint8Array): void;
  /** Hands on what waits for the next reference. */
  flush(): void;
}

/**
 * Sound is written up to the delay of reordered pictures early: only sound that is so much later than the clock tells
 * that no picture follows.
 */
const soundMargin = { leastMs: 1000, pictures: 16 };

/** Timestamps have 33 bits. */
const turn = 2 ** 33;

/** Makes the filler; `sink` copies what it is given. */
export function createClockFiller(
  { pid, intervalMs, soundPids, leadMs, pictureMs }: ClockIntervals,
  sink: (bytes: Uint8Array) => void,
): ClockFiller {
  const interval = intervalMs * 90;
  const margin = 90 * (leadMs + Math.max(soundMargin.leastMs, soundMargin.pictures * pictureMs));
  /** In 1/90,000 s, as it is written; null before the first reference. */
  let last: number | null = null;
  /** Packets without payload repeat the counter of the one before them on their PID (2.4.3.3). */
  let counter = 0;
  let held: Buffer[] = [];
  /** Packets behind the last reference have left: what is missing comes in one place. */
  let isCut = false;

  const handOn = (packets: readonly Buffer[]): void => {
    if (packets.length > 0) sink(Buffer.concat(packets));
  };
  const flush = (): void => {
    const packets = held;
    held = [];
    isCut = true;
    if (packets.length === 0) return;
    counter = counterAfter(packets, pid, counter);
    handOn(packets);
  };
  /** Ends what is held at `time`, at which the next packet tells the clock or could. */
  const fillUntil = (time: number): void => {
    if (last === null) return flush();
    const gap = ahead(time, last);
    const filled: Buffer[] = [];
    let taken = 0;
    for (let after = interval; after < gap; after += interval) {
      const place = isCut ? held.length : Math.ceil((held.length * after) / gap);
      const before = held.slice(taken, place);
      counter = counterAfter(before, pid, counter);
      filled.push(...before, clockPacket(pid, counter, referenceOf((last + after) % turn)));
      taken = place;
    }
    held = held.slice(taken);
    handOn(filled);
    flush();
  };

  return {
    write(bytes) {
      for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
        const packet = Buffer.from(bytes.subarray(at, at + packetBytes));
        const clock = pidOf(packet) === pid ? clockOf(packet) : null;
        if (clock !== null) {
          fillUntil(clock);
          last = clock;
          isCut = false;
        } else if (last !== null && soundPids.includes(pidOf(packet))) {
          const sound = timestampOf(packet);
          const due = sound === null ? 0 : ahead(sound, last) - margin;
          if (due > interval) {
            fillUntil((last + due) % turn);
            last = (last + Math.floor((due - 1) / interval) * interval) % turn;
          }
        }
        held.push(packet);
      }
    },
    flush,
  };
}

/** How much later `time` is than `before`; negative where it is earlier, over the end of a turn too. */
function ahead(time: number, before: number): number {
  const difference = (((time - before) % turn) + turn) % turn;
  return difference < turn / 2 ? difference : difference - turn;
}

function pidOf(packet: Buffer): number {
  return packet.readUInt16BE(1) & 0x1fff;
}

function counterAfter(packets: readonly Buffer[], pid: number, before: number): number {
  const last = packets.findLast((packet) => pidOf(packet) === pid);
  return last === undefined ? before : (last[3] ?? 0) & 0x0f;
}

/** The reference in 1/90,000 s: the library writes no finer ones. */
function clockOf(packet: Buffer): number | null {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0;
  if (!hasField || (packet[4] ?? 0) === 0 || ((packet[5] ?? 0) & 0x10) === 0) return null;
  return packet.readUInt32BE(6) * 2 + ((packet[10] ?? 0) >> 7);
}

function referenceOf(clock: number): Buffer {
  const reference = Buffer.alloc(6);
  reference.writeUInt32BE(Math.floor(clock / 2));
  reference.writeUInt16BE(((clock % 2) << 15) | 0x7e00, 4);
  return reference;
}

/** Presentation time of the PES packet that begins here, in 1/90,000 s (2.4.3.6). */
function timestampOf(packet: Buffer): number | null {
  const control = packet[3] ?? 0;
  if ((packet.readUInt16BE(1) & 0x4000) === 0 || (control & 0x10) === 0) return null;
  const start = 4 + ((control & 0x20) === 0 ? 0 : 1 + (packet[4] ?? 0));
  if (start + 14 > packetBytes || packet.readUIntBE(start, 3) !== 1) return null;
  if (((packet[start + 7] ?? 0) & 0x80) === 0) return null;
  const high = ((packet[start + 9] ?? 0) >> 1) & 7;
  const middle = packet.readUInt16BE(start + 10) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + (packet.readUInt16BE(start + 12) >> 1);
}
