/**
 * Edits the header metadata of an MXF file that the library has written (SMPTE ST 377-1). The header keeps its length:
 * what its sets grow by is taken from its fills, and what they shrink by goes to them.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { longestHeadBytes, packetSize } from './mxf-packets.ts';

/** Beginning of the keys of all sets; byte 14 tells the kind. */
const setKey = Buffer.from('060e2b34025301010d010101', 'hex');
const primerKey = Buffer.from('060e2b34020501010d010201010501', 'hex');
const fillKey = Buffer.from('060e2b34010101020301021001000000', 'hex');
const identificationKind = 0x30;
/** Platform, version of the toolkit and of the product are optional, and give way where the fill is too short. */
const optionalTags: ReadonlySet<number> = new Set([0x3c08, 0x3c07, 0x3c03]);
/** Shortest fill: key and the four bytes of its length. */
const shortestFillBytes = 20;
/** Header metadata are found within this, but for those of many tracks. Buffers of megabytes wake the collector. */
const metadataBytes = 64 * 1024;
/** Header metadata, and the first picture behind it, are found within this. */
const headBytes = 8 * 1024 * 1024;

/** A packet of the header metadata: the primer or a set. */
export interface MxfPacket {
  readonly key: Buffer;
  /** As the file has it, with key and length. */
  readonly raw: Buffer;
  readonly value: Buffer;
  /** In place of `value`; null leaves the packet as it is. */
  changed: Buffer | null;
}

/**
 * Lets `edit` change the packets, and writes them. `head` reads the beginning of the file: metadata and at least one picture.
 * A file of which nothing is changed stays as it is. Throws RangeError where the header has no room.
 */
export function editMetadata(
  path: string,
  edit: (packets: readonly MxfPacket[], head: () => Buffer) => void,
): void {
  const file = openSync(path, 'r+');
  try {
    const size = fstatSync(file).size;
    const read = (length: number): Buffer => {
      const head = Buffer.alloc(Math.min(length, size));
      readSync(file, head, 0, head.length, 0);
      return head;
    };
    const found = readMetadata(read(metadataBytes)) ?? readMetadata(read(headBytes));
    if (found === null) throw new RangeError('MXF header metadata without an end');
    const { start, end, packets } = found;
    edit(packets, () => read(headBytes));
    if (packets.every(({ changed }) => changed === null)) return;
    writeSync(file, fitted(packets, end - start), 0, end - start, start);
  } finally {
    closeSync(file);
  }
}

/** True for the packet that explains local tags. */
export function isPrimer({ key }: MxfPacket): boolean {
  return startsWith(key, primerKey);
}

/** Kind of a set, byte 14 of its key; null for the primer. */
export function kindOf({ key }: MxfPacket): number | null {
  return startsWith(key, setKey) ? (key[14] ?? null) : null;
}

/** A member of a set by its local tag; null where the set has none. */
export function memberOf(set: Buffer, wanted: number): Buffer | null {
  const found = membersOf(set).find(({ tag }) => tag === wanted);
  return found === undefined ? null : set.subarray(found.at, found.at + found.size);
}

/** The set with one member more. */
export function withMember(set: Buffer, tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([set, head, value]);
}

/** The set without some of its members. */
export function withoutMembers(set: Buffer, isDropped: (tag: number) => boolean): Buffer {
  const kept = membersOf(set).filter(({ tag }) => !isDropped(tag));
  return Buffer.concat(kept.map(({ at, size }) => set.subarray(at - 4, at + size)));
}

/** The packets of the header metadata, and where they stand with their fills; null: they go on behind `head`. */
function readMetadata(head: Buffer): { start: number; end: number; packets: MxfPacket[] } | null {
  let start = -1;
  const packets: MxfPacket[] = [];
  for (let offset = 0; offset + longestHeadBytes <= head.length; ) {
    const { length, headBytes: before } = packetSize(
      head.subarray(offset, offset + longestHeadBytes),
      offset,
    );
    const key = head.subarray(offset, offset + 16);
    const begins = startsWith(key, primerKey);
    if (begins) start = offset;
    const next = offset + before + length;
    const isMetadata = begins || startsWith(key, setKey);
    if (start >= 0 && !isMetadata && !key.equals(fillKey)) return { start, end: offset, packets };
    if (isMetadata) {
      const raw = head.subarray(offset, next);
      packets.push({ key, raw, value: raw.subarray(before), changed: null });
    }
    if (next > head.length) return null;
    offset = next;
  }
  return null;
}

/** The packets in `size` bytes, with one fill behind them. */
function fitted(packets: readonly MxfPacket[], size: number): Buffer {
  if (size - bytesOf(packets).length < shortestFillBytes) {
    for (const packet of packets)
      if (kindOf(packet) === identificationKind)
        packet.changed = withoutMembers(packet.value, (tag) => optionalTags.has(tag));
  }
  const bytes = bytesOf(packets);
  const left = size - bytes.length - shortestFillBytes;
  if (left < 0) throw new RangeError('no room for more metadata in the MXF header');
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
