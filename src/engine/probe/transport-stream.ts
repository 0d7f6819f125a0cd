/**
 * Reads programs, languages and scrambling from the first packets of an MPEG transport stream (ISO/IEC 13818-1),
 * because the library's binding shows no program list.
 */
import type { ByteSource } from './byte-source.ts';
import { type ServiceNames, type ServiceTable, serviceTablePid, watchServiceTable } from './service-table.ts';

/** An elementary stream as its program map describes it. */
export interface ElementaryStream {
  readonly pid: number;
  readonly streamType: number;
  /** From the ISO 639 language descriptor; null without one. */
  readonly audioType: number | null;
}

/** A program of the program association table whose map was found. */
export interface TransportProgram {
  readonly programNumber: number;
  readonly streams: readonly ElementaryStream[];
  /** From the service description table; absent: it does not describe the program. */
  readonly service?: ServiceNames;
}

/** What the first packets of a transport stream tell. */
export interface TransportFacts {
  readonly programs: readonly TransportProgram[];
  /** More than half of the packets of the programs' streams are scrambled. */
  readonly isScrambled: boolean;
  /** The object ends inside a packet. */
  readonly endsInsidePacket: boolean;
}

const syncByte = 0x47;
/** Plain, with a 4-byte arrival timestamp in front (M2TS), with 16 bytes of parity behind. */
const packetSizes = [188, 192, 204] as const;
const stepBytes = 512 * 1024;
/** A program map repeats at least every 500 ms: 4 MiB cover that up to 67 Mbit/s. */
const maxScanBytes = 4 * 1024 * 1024;
/** Services are described at least every 2 s (ETSI TR 101 211 4.4.1); how long that is, clock references tell. */
const serviceSeconds = 2.1;
/** Where they tell nothing: 2 s at 33 Mbit/s. */
const maxServiceScanBytes = 8 * 1024 * 1024;

/**
 * Scans until each program's map is found, at most 4 MiB, and on until the services are described or two seconds have
 * passed, at most 8 MiB. Null when no packet structure is found.
 */
export async function examineTransportStream(bytes: ByteSource): Promise<TransportFacts | null> {
  let scanned = await bytes.read(0, stepBytes);
  const framing = findFraming(scanned);
  if (framing === null) return null;
  const scan = newScan();
  let offset = framing.syncOffset;
  for (;;) {
    for (; offset + 188 <= scanned.length; offset += framing.packetBytes)
      readPacket(scanned.subarray(offset, offset + 188), scan);
    if (scanned.length >= bytes.sizeBytes || isEnough(scan, scanned.length)) break;
    const more = await bytes.read(scanned.length, stepBytes);
    if (more.length === 0) break;
    scanned = Buffer.concat([scanned, more]);
  }
  return {
    programs: [...scan.programs.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ programNumber, streams }) => {
        const service = scan.services.services().get(programNumber);
        return { programNumber, streams, ...(service === undefined ? {} : { service }) };
      }),
    isScrambled: isScrambled(scan),
    endsInsidePacket: (bytes.sizeBytes - framing.firstPacketOffset) % framing.packetBytes !== 0,
  };
}

interface Scan {
  /** PID of a program's map → program number, in the order of the association table. */
  readonly mapPids: Map<number, { programNumber: number; order: number }>;
  readonly programs: Map<number, { programNumber: number; order: number; streams: ElementaryStream[] }>;
  /** Sections in the making, by PID. */
  readonly sections: Map<number, Buffer>;
  readonly packets: Map<number, { total: number; scrambled: number }>;
  readonly services: ServiceTable;
  /** First and last clock reference of the first PID that carries any, in ticks of 90 kHz. */
  clock: { readonly pid: number; readonly first: number; last: number } | null;
}

function newScan(): Scan {
  return {
    mapPids: new Map(),
    programs: new Map(),
    sections: new Map(),
    packets: new Map(),
    services: watchServiceTable(),
    clock: null,
  };
}

function isEnough(scan: Scan, scannedBytes: number): boolean {
  if (!isComplete(scan)) return scannedBytes >= maxScanBytes;
  return (
    scan.services.isComplete ||
    scannedBytes >= maxServiceScanBytes ||
    (scan.clock !== null && scan.clock.last - scan.clock.first >= serviceSeconds * 90_000)
  );
}

function isComplete(scan: Scan): boolean {
  return scan.mapPids.size > 0 && scan.programs.size === scan.mapPids.size;
}

interface Framing {
  readonly syncOffset: number;
  readonly firstPacketOffset: number;
  readonly packetBytes: (typeof packetSizes)[number];
}

/** Packets from the first byte on; else wherever and however far apart sync bytes repeat. */
function findFraming(head: Buffer): Framing | null {
  // A timestamp in front of packets may hold a sync byte itself, in every packet: its place is tried first.
  if (isAligned(head, 4, 192)) return { syncOffset: 4, firstPacketOffset: 0, packetBytes: 192 };
  for (let at = head.indexOf(syncByte); at >= 0 && at < 64 * 1024; at = head.indexOf(syncByte, at + 1)) {
    const packetBytes = packetSizes.find((size) => isAligned(head, at, size));
    if (packetBytes === undefined) continue;
    const firstPacketOffset = packetBytes === 192 ? Math.max(0, at - 4) : at;
    return { syncOffset: at, firstPacketOffset, packetBytes };
  }
  return null;
}

/** Five sync bytes at this distance, or all that fit in a short file, at least two. */
function isAligned(head: Buffer, offset: number, packetBytes: number): boolean {
  const checks = Math.min(5, Math.floor((head.length - offset - 188) / packetBytes) + 1);
  if (checks < 2) return false;
  return Array.from({ length: checks }, (_, index) => head[offset + index * packetBytes]).every(
    (byte) => byte === syncByte,
  );
}

function readPacket(packet: Buffer, scan: Scan): void {
  if (packet[0] !== syncByte) return;
  const second = packet[1] ?? 0;
  const fourth = packet[3] ?? 0;
  const pid = ((second & 0x1f) << 8) | (packet[2] ?? 0);
  const hasPayload = (fourth & 0x10) !== 0;
  const adaptationBytes = (fourth & 0x20) !== 0 ? (packet[4] ?? 0) + 1 : 0;
  if (adaptationBytes > 7 && ((packet[5] ?? 0) & 0x10) !== 0)
    noteClock(scan, pid, packet.readUInt32BE(6) * 2);
  if (!hasPayload || pid === 0x1fff) return;
  countPacket(scan, pid, (fourth & 0xc0) !== 0);
  const payload = packet.subarray(4 + adaptationBytes);
  const isStart = (second & 0x40) !== 0;
  if (pid === serviceTablePid) scan.services.take(payload, isStart);
  if (pid === 0 || scan.mapPids.has(pid)) collectSection(scan, pid, payload, isStart);
}

/** Clocks that jump back begin anew. */
function noteClock(scan: Scan, pid: number, ticks: number): void {
  const { clock } = scan;
  if (clock === null || (clock.pid === pid && ticks < clock.last))
    scan.clock = { pid, first: ticks, last: ticks };
  else if (clock.pid === pid) clock.last = ticks;
}

function countPacket(scan: Scan, pid: number, isScrambledPacket: boolean): void {
  const count = scan.packets.get(pid) ?? { total: 0, scrambled: 0 };
  count.total += 1;
  if (isScrambledPacket) count.scrambled += 1;
  scan.packets.set(pid, count);
}

/** A section starts behind the pointer field of a packet with the start flag and may go on in the next packets. */
function collectSection(scan: Scan, pid: number, payload: Buffer, isStart: boolean): void {
  let section: Buffer;
  if (isStart) {
    section = Buffer.from(payload.subarray(1 + (payload[0] ?? 0)));
  } else {
    const begun = scan.sections.get(pid);
    if (begun === undefined) return;
    section = Buffer.concat([begun, payload]);
  }
  if (section.length < 3) return;
  const sectionBytes = 3 + (section.readUInt16BE(1) & 0x0fff);
  if (section.length < sectionBytes) {
    scan.sections.set(pid, section);
    return;
  }
  scan.sections.delete(pid);
  readSection(scan, pid, section.subarray(0, sectionBytes));
}

/** Without its 8 bytes of header and 4 of checksum. Tables announced for later (current_next 0) do not count. */
function readSection(scan: Scan, pid: number, section: Buffer): void {
  if (section.length < 12 || ((section[5] ?? 0) & 1) === 0) return;
  const body = section.subarray(8, section.length - 4);
  if (pid === 0 && section[0] === 0x00) readAssociation(scan, body);
  const program = scan.mapPids.get(pid);
  if (program === undefined || section[0] !== 0x02) return;
  const programNumber = section.readUInt16BE(3);
  // Several programs may share the PID of their maps; the section says which one it is.
  scan.programs.set(programNumber, {
    programNumber,
    order: orderOf(scan, programNumber),
    streams: readMap(body),
  });
}

function readAssociation(scan: Scan, body: Buffer): void {
  for (let offset = 0; offset + 4 <= body.length; offset += 4) {
    const programNumber = body.readUInt16BE(offset);
    const pid = body.readUInt16BE(offset + 2) & 0x1fff;
    if (programNumber === 0 || scan.mapPids.has(pid)) continue;
    scan.mapPids.set(pid, { programNumber, order: scan.mapPids.size });
  }
}

function orderOf(scan: Scan, programNumber: number): number {
  return (
    [...scan.mapPids.values()].find((program) => program.programNumber === programNumber)?.order ??
    scan.mapPids.size
  );
}

function readMap(body: Buffer): ElementaryStream[] {
  const streams: ElementaryStream[] = [];
  if (body.length < 4) return streams;
  let offset = 4 + (body.readUInt16BE(2) & 0x0fff);
  while (offset + 5 <= body.length) {
    const descriptorBytes = body.readUInt16BE(offset + 3) & 0x0fff;
    const descriptors = body.subarray(offset + 5, offset + 5 + descriptorBytes);
    streams.push({
      streamType: body[offset] ?? 0,
      pid: body.readUInt16BE(offset + 1) & 0x1fff,
      audioType: readAudioType(descriptors),
    });
    offset += 5 + descriptorBytes;
  }
  return streams;
}

/** ISO 639 language descriptor (tag 0x0A): three letters and the audio type, repeated. */
function readAudioType(descriptors: Buffer): number | null {
  for (let offset = 0; offset + 2 <= descriptors.length; offset += 2 + (descriptors[offset + 1] ?? 0)) {
    if (descriptors[offset] === 0x0a && (descriptors[offset + 1] ?? 0) >= 4)
      return descriptors[offset + 5] ?? null;
  }
  return null;
}

function isScrambled(scan: Scan): boolean {
  let total = 0;
  let scrambled = 0;
  for (const { streams } of scan.programs.values()) {
    for (const { pid } of streams) {
      total += scan.packets.get(pid)?.total ?? 0;
      scrambled += scan.packets.get(pid)?.scrambled ?? 0;
    }
  }
  return scrambled > total / 2;
}
