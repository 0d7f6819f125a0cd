/**
 * Multiplexes access units into a transport stream under one clock. Each byte has its time: the stream runs at the
 * plan's rate, access units leave a lead before they are decoded, tables and clock references when they are due; a
 * constant rate is held with null packets, a variable one skips the idle time. Where the rate is too low for an access
 * unit to arrive before it is decoded, its packets follow each other faster: decoders must not starve (ISO/IEC 13818-1
 * 2.4.2.4), and what exceeds the rate is counted.
 */
import type { TransportPlan } from '../../plan/file-plan.ts';
import type { BoundaryMark } from './boundary-points.ts';
import { type DataStreams, noDataStreams } from './data-streams.ts';
import { createPacketizer, packetBytes, pesPacket, sectionPayload } from './packetizer.ts';
import {
  associationTable,
  mapTable,
  networkTable,
  serviceTable,
  tablePids,
  timeTable,
} from './psi-tables.ts';
import type { TransportTrack } from './transport-track.ts';

/** Frames that leave in one PES packet. Times in ticks of 90 kHz, the plan's offsets included. */
export interface AccessUnit {
  readonly track: TransportTrack;
  readonly pts: number;
  readonly dts: number;
  readonly parts: readonly Uint8Array[];
  readonly isKey: boolean;
  readonly mark: BoundaryMark | null;
}

/** A multiplex in the making. */
export interface Multiplexer {
  /** Takes the next unit in the order of `sendTime`. */
  write(unit: AccessUnit): void;
  /** Puts data at a time in ticks of 27 MHz, or as soon after it as may be; comes in order with the units. */
  writeData(time: number, pid: number, payload: Buffer): void;
  flush(): void;
  /** Places where the stream ran faster than its rate; what follows on each other is one. */
  readonly hurries: number;
}

const clockRate = 27_000_000;
const ticksPerMs = clockRate / 1000;

/** How early pictures leave at least: what decoders wait before they begin. */
const pictureLeadMs = 700;
/** Sound's buffer is small: what leaves too early would overflow it, so no more than most of it is used. */
const soundLeadMs = { least: 30, most: 100 };
const usedShareOfBuffer = 0.8;

/** A clock reference tells when its own last byte arrives (2.4.3.5): eleven bytes into the packet. */
const clockOffset = 11 / packetBytes;

/** Payload of a packet that carries a clock reference, the fullest of adaptation fields that are common. */
const leastPayload = 170;
/** A clock must go on, however late a stream is: packets follow each other at most so many times faster. */
const fastest = 1000;

/** Without video there are no key frames at which tables could stand. */
const tableFallbackMs = 500;

/** When a unit leaves, in ticks of 27 MHz: its decoding time less its track's lead. */
export function sendTime(plan: TransportPlan, track: TransportTrack, dts: number): number {
  return dts * 300 - leadMs(plan, track) * ticksPerMs;
}

function leadMs({ keepsBufferModel }: TransportPlan, track: TransportTrack): number {
  if (track.kind === 'video') return Math.max(pictureLeadMs, track.bufferSeconds * 1000);
  if (!keepsBufferModel) return pictureLeadMs;
  const bufferMs = (track.bufferBytes * 8 * usedShareOfBuffer * 1000) / Math.max(1, track.bitrateBps);
  return Math.min(soundLeadMs.most, Math.max(soundLeadMs.least, bufferMs));
}

/** Something that stands in the stream at intervals. */
interface Recurring {
  readonly intervalTicks: number;
  due: number;
  write(): void;
}

/** A unit of which `offset` bytes have left. */
interface WaitingUnit {
  readonly unit: AccessUnit;
  readonly pes: Buffer;
  offset: number;
}

/** Makes the multiplexer; `sink` copies what it is given. */
export function createMultiplexer(
  plan: TransportPlan,
  tracks: readonly TransportTrack[],
  sink: (bytes: Uint8Array) => void,
  data: Pick<DataStreams, 'programDescriptors' | 'streams'> = noDataStreams,
): Multiplexer {
  const packetizer = createPacketizer(sink);
  const ticksPerPacket = (packetBytes * 8 * clockRate) / plan.rateBps;
  const clockTrack = tracks.find(({ pid }) => pid === plan.pids.pcr) ?? null;
  const hasVideo = tracks.some(({ kind }) => kind === 'video');
  /** Time of the next packet's first byte; unknown before the first unit. */
  let now = 0;
  let hasBegun = false;
  let startOfStream = 0;
  /** The first reference stands behind the first tables. */
  let hasClock = false;
  /** From this time on the next packet must carry the clock. */
  let clockDue = Number.POSITIVE_INFINITY;
  /** How much later the reference of a packet after the next one may be. */
  const clockLead = ticksPerPacket * (1 + clockOffset) + 1;
  /** Time that one packet takes at present. */
  let pace = ticksPerPacket;
  let hurries = 0;
  /** Units on their way, in the order in which they are decoded: a long picture lets sound pass that is needed earlier. */
  const waiting: WaitingUnit[] = [];

  const step = (): void => {
    now += pace;
  };
  // The interval is the longest there may be: the clock is due when the packet that follows would bring it too late.
  const takeClock = (): number => {
    const reference = now + pace * clockOffset;
    hasClock = true;
    clockDue = reference + plan.pcrIntervalMs * ticksPerMs - clockLead;
    return reference;
  };
  const writeClockAlone = (): void => {
    packetizer.writeClock(plan.pids.pcr, takeClock());
    step();
  };
  /** A packet that cannot carry the clock itself: where it is due, it goes in front. */
  const writeBehindClock = (write: () => void): void => {
    if (now >= clockDue) writeClockAlone();
    write();
    step();
  };
  const writePayload = (pid: number, payload: Buffer, beforeEach?: () => void): void => {
    for (let offset = 0; offset < payload.length; ) {
      beforeEach?.();
      writeBehindClock(() => {
        offset = packetizer.write(pid, payload, offset, {});
      });
    }
  };
  const writeTable = (pid: number, section: Buffer): void => writePayload(pid, sectionPayload(section));
  const pat = associationTable(plan);
  const pmt = mapTable(plan, [...tracks, ...data.streams], data.programDescriptors);
  const recurring: Recurring[] = [];
  const recur = (intervalMs: number, write: () => void): void =>
    void recurring.push({ intervalTicks: intervalMs * ticksPerMs, due: Number.NEGATIVE_INFINITY, write });
  const tableInterval = (intervalMs: number): number =>
    intervalMs || (hasVideo ? Number.POSITIVE_INFINITY : tableFallbackMs);
  recur(tableInterval(plan.patIntervalMs), () => writeTable(tablePids.pat, pat));
  recur(tableInterval(plan.pmtIntervalMs), () => writeTable(plan.pids.pmt, pmt));
  const { sdt, nit, tdt } = plan;
  if (sdt !== null) recur(sdt.intervalMs, () => writeTable(tablePids.sdt, serviceTable(plan, sdt)));
  if (nit !== null) recur(nit.intervalMs, () => writeTable(tablePids.nit, networkTable(plan, nit)));
  if (tdt !== null) {
    recur(tdt.intervalMs, () =>
      writeTable(tablePids.tdt, timeTable(tdt.startTimeMs + (now - startOfStream) / ticksPerMs)),
    );
  }
  if (plan.nullRateBps > 0 && !plan.isConstantRate) {
    recur((packetBytes * 8 * 1000) / plan.nullRateBps, () => writeBehindClock(packetizer.writeNull));
  }

  /** Tables whose time has come. */
  const writeDue = (): void => {
    for (const each of recurring) {
      if (now < each.due) continue;
      each.due = now + each.intervalTicks;
      each.write();
    }
  };
  const idleUntil = (time: number): void => {
    while (now < time) {
      writeDue();
      if (now >= clockDue) {
        writeClockAlone();
      } else if (plan.isConstantRate) {
        packetizer.writeNull();
        step();
      } else {
        const next = Math.min(clockDue, ...recurring.map(({ due }) => due), time);
        now = Math.max(next, now);
        if (next >= time) return;
      }
    }
  };
  const begin = (time: number): void => {
    hasBegun = true;
    // The clock has no times before 0: a lead that would begin there is shorter (the plan's offset leaves some).
    now = Math.max(0, time);
    startOfStream = now;
  };
  /** Where the plan's pace is too slow for what waits, the one at which all of it still arrives in time. */
  const setPace = (): void => {
    let packets = recurring.filter(({ due }) => now >= due).length;
    let needed = ticksPerPacket;
    for (const { unit, pes, offset } of waiting) {
      packets += Math.ceil((pes.length - offset) / leastPayload);
      needed = Math.min(needed, (unit.dts * 300 - now) / packets);
    }
    if (needed < ticksPerPacket && pace === ticksPerPacket) hurries += 1;
    pace = Math.max(needed, ticksPerPacket / fastest);
  };
  const tablesBefore = (unit: AccessUnit): void => {
    const isMarked = plan.segmentation?.markers === 'PSI_SEGSTART' && unit.mark?.isSegment === true;
    const isKey = unit.track.kind === 'video' && unit.isKey;
    if (isMarked || (isKey && plan.patIntervalMs === 0)) recurring[0]?.write();
    if (isMarked || (isKey && plan.pmtIntervalMs === 0)) recurring[1]?.write();
  };

  /** One packet of the unit that is decoded first. */
  const sendPacket = (next: WaitingUnit): void => {
    const { unit, pes, offset } = next;
    const { track } = unit;
    const isFirst = offset === 0;
    const isClockTrack = track === clockTrack;
    writeDue();
    if (isFirst) tablesBefore(unit);
    const isDue = !hasClock || now >= clockDue;
    const isWithoutTrack = clockTrack === null && plan.pcrEveryPes && isFirst && track === tracks[0];
    if ((isDue && !isClockTrack) || isWithoutTrack) writeClockAlone();
    next.offset = packetizer.write(track.pid, pes, offset, {
      clock: isClockTrack && (isDue || (isFirst && plan.pcrEveryPes)) ? takeClock() : null,
      isRandomAccess: isFirst && isAccessPoint(plan, unit),
      privateData: isFirst ? (unit.mark?.privateData ?? null) : null,
    });
    step();
    if (next.offset >= pes.length) waiting.shift();
  };
  const sendUntil = (time: number): void => {
    for (let next = waiting[0]; next !== undefined && now < time; next = waiting[0]) sendPacket(next);
  };

  return {
    write(unit) {
      const time = sendTime(plan, unit.track, unit.dts);
      if (!hasBegun) begin(time);
      sendUntil(time);
      if (waiting.length === 0) pace = ticksPerPacket;
      idleUntil(time);
      const pes = pesPacket(
        unit.track.streamId,
        unit.pts,
        unit.dts,
        plan.esRateInPes && unit.track.bitrateBps > 0 ? unit.track.bitrateBps : null,
        unit.parts,
      );
      const behind = waiting.findLastIndex((other) => other.unit.dts <= unit.dts);
      waiting.splice(behind + 1, 0, { unit, pes, offset: 0 });
      setPace();
    },
    writeData(time, pid, payload) {
      if (!hasBegun) begin(time);
      sendUntil(time);
      if (waiting.length === 0) pace = ticksPerPacket;
      idleUntil(time);
      writeDue();
      if (!hasClock) writeClockAlone();
      writePayload(pid, payload, writeDue);
      // What waits has less time left.
      setPace();
    },
    flush() {
      sendUntil(Number.POSITIVE_INFINITY);
      packetizer.flush();
    },
    get hurries() {
      return hurries;
    },
  };
}

/** With RAI_SEGSTART the flag says where segments begin, otherwise that decoding can begin. */
function isAccessPoint({ segmentation }: TransportPlan, { isKey, mark, track }: AccessUnit): boolean {
  if (segmentation?.markers === 'RAI_SEGSTART') return mark?.isSegment === true;
  return track.kind === 'video' && isKey;
}
