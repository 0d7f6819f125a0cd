/**
 * Copies the active format of the coded pictures into the picture descriptor of an MXF file (SMPTE ST 377-1 F.4.1). The
 * header keeps its length: what it grows by is taken from its fills.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { packetSize } from './mxf-packets.ts';

/** Local tag and label of the property (SMPTE ST 377-1, RP 210). */
const formatTag = 0x3218;
const formatLabel = Buffer.from('060e2b34010101050401030209000000', 'hex');
const primerKey = Buffer.from('060e2b34020501010d010201010501', 'hex');
const setKey = Buffer.from('060e2b34025301010d010101', 'hex');
const fillKey = Buffer.from('060e2b34010101020301021001000000', 'hex');
/** MPEG video, and CDCI pictures, which other codecs are described as. */
const pictureKinds: ReadonlySet<number> = new Set([0x51, 0x28]);
const identificationKind = 0x30;
/** Platform, version of the toolkit and of the product are optional, and give way where the fill is too short. */
const optionalTags: ReadonlySet<number> = new Set([0x3c08, 0x3c07, 0x3c03]);
const primerEntryBytes = 18;
/** Shortest fill: key and the four bytes of its length. */
const shortestFillBytes = 20;
/** Header metadata, and the first picture behind it, are found within this. */
const headBytes = 8 * 1024 * 1024;
/** `DTG1`, and the flag of a description (ETSI TS 101 154 B.3). */
const descriptionMark = Buffer.from('4454473141', 'hex');

interface MxfPacket {
  readonly key: Buffer;
  /** As the file has it, with key and length. */
  readonly raw: Buffer;
  readonly value: Buffer;
  /** In place of `value`; null leaves the packet as it is. */
  changed: Buffer | null;
}

/** Changes the file; pictures without a description leave it as it is. Throws RangeError where the header has no room. */
export function copyActiveFormat(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const head = Buffer.alloc(Math.min(headBytes, fstatSync(file).size));
    readSync(file, head, 0, head.length, 0);
    const mark = head.indexOf(descriptionMark);
    if (mark < 0) return;
    const { start, end, packets } = readMetadata(head);
    describe(packets, (head[mark + descriptionMark.length] ?? 0) & 0x0f);
    writeSync(file, fitted(packets, end - start), 0, end - start, start);
  } finally {
    closeSync(file);
  }
}

/** The packets of the header metadata, and where they and the fills between and behind them stand. */
function readMetadata(head: Buffer): { start: number; end: number; packets: MxfPacket[] } {
  let start = -1;
  const packets: MxfPacket[] = [];
  for (let offset = 0; offset + 17 <= head.length; ) {
    const { length, headBytes: before } = packetSize(head.subarray(offset, offset + 25), offset);
    const key = head.subarray(offset, offset + 16);
    const isPrimer = startsWith(key, primerKey);
    if (isPrimer) start = offset;
    const next = offset + before + length;
    const isMetadata = isPrimer || startsWith(key, setKey);
    if (start >= 0 && !isMetadata && !key.equals(fillKey)) return { start, end: offset, packets };
    if (isMetadata) {
      const raw = head.subarray(offset, next);
      packets.push({ key, raw, value: raw.subarray(before), changed: null });
    }
    offset = next;
  }
  throw new RangeError('MXF header metadata without an end');
}

function describe(packets: readonly MxfPacket[], code: number): void {
  for (const packet of packets) {
    const { key, value } = packet;
    if (startsWith(key, primerKey)) packet.changed = withPrimerEntry(value);
    // Bits 6 to 3 are the code, bit 2 tells a coded frame of 16:9 (SMPTE ST 2016-1).
    else if (startsWith(key, setKey) && pictureKinds.has(key[14] ?? 0)) {
      const wide = isWide(value) ? 4 : 0;
      packet.changed = Buffer.concat([value, member(formatTag, Buffer.from([(code << 3) | wide]))]);
    }
  }
}

function withPrimerEntry(primer: Buffer): Buffer {
  const tag = Buffer.alloc(2);
  tag.writeUInt16BE(formatTag);
  const grown = Buffer.concat([primer, tag, formatLabel]);
  if (primer.readUInt32BE(4) !== primerEntryBytes) throw new RangeError('an MXF primer of another form');
  grown.writeUInt32BE(primer.readUInt32BE(0) + 1, 0);
  return grown;
}

const aspectTag = 0x320e;
/** Frames at least as wide as this are 16:9 ones. */
const wideAspect = 1.5;

function isWide(set: Buffer): boolean {
  for (const { tag, at } of membersOf(set)) {
    if (tag === aspectTag) return set.readUInt32BE(at) / set.readUInt32BE(at + 4) > wideAspect;
  }
  return true;
}

/** The packets in `size` bytes, with one fill behind them. */
function fitted(packets: readonly MxfPacket[], size: number): Buffer {
  if (size - bytesOf(packets).length < shortestFillBytes) {
    for (const packet of packets)
      if (startsWith(packet.key, setKey) && packet.key[14] === identificationKind)
        packet.changed = withoutOptional(packet.value);
  }
  const bytes = bytesOf(packets);
  const left = size - bytes.length - shortestFillBytes;
  if (left < 0) throw new RangeError('no room for an active format in the MXF header');
  return Buffer.concat([bytes, formatPacket(fillKey, Buffer.alloc(left))]);
}

function bytesOf(packets: readonly MxfPacket[]): Buffer {
  return Buffer.concat(
    packets.map(({ key, raw, changed }) => (changed === null ? raw : formatPacket(key, changed))),
  );
}

function formatPacket(key: Buffer, value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(0x83000000 + value.length);
  return Buffer.concat([key, length, value]);
}

function member(tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

function withoutOptional(set: Buffer): Buffer {
  const kept = membersOf(set).filter(({ tag }) => !optionalTags.has(tag));
  return Buffer.concat(kept.map(({ at, size }) => set.subarray(at - 4, at + size)));
}

function membersOf(
  set: Buffer,
): readonly { readonly tag: number; readonly at: number; readonly size: number }[] {
  const members: { tag: number; at: number; size: number }[] = [];
  for (let at = 0; at + 4 <= set.length; at += 4 + set.readUInt16BE(at + 2))
    members.push({ tag: set.readUInt16BE(at), at: at + 4, size: set.readUInt16BE(at + 2) });
  return members;
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.subarray(0, prefix.length).equals(prefix);
}
