/**
 * Reads the structure of an MXF file, sharing nothing with the muxer: partitions, their packs, and the sets of header
 * metadata (SMPTE ST 377-1). Universal labels are told by the bytes that the registers name (RP 224).
 */
import { readFileSync } from 'node:fs';

export interface MxfFile {
  readonly partitions: readonly MxfPartition[];
  /** Sets of header metadata by the two bytes that tell their kind; members by local tag. */
  readonly sets: readonly MxfSet[];
  /** Items of the generic container (ST 379), by the first and last byte of their number: 15 picture, 16 and 06 sound. */
  readonly essence: readonly { readonly item: number; readonly bytes: number }[];
}

export interface MxfPartition {
  readonly kind: 'header' | 'body' | 'footer';
  readonly isClosed: boolean;
  /** Byte 13 and 14 of the label: 0101 is OP1a. */
  readonly operationalPattern: string;
  /** Byte 14 of each label: 01 D-10, 02 DV, 04 MPEG, 06 AES3/BWF, 10 AVC, 11 VC-3. */
  readonly essenceContainers: readonly number[];
  readonly headerBytes: number;
  readonly offset: number;
}

export interface MxfSet {
  readonly kind: string;
  readonly members: ReadonlyMap<number, Buffer>;
}

/** Kinds of sets that tests look for. */
export const mxfSets = {
  timecode: '0114',
  mpegDescriptor: '0151',
  cdciDescriptor: '0128',
  avcDescriptor: '016e',
  aes3Descriptor: '0147',
  waveDescriptor: '0148',
  soundDescriptor: '0142',
} as const;

const partitionKey = '060e2b34020501010d010201';
const setKey = '060e2b34025301010d010101';
const essenceKey = '060e2b34010201010d010301';
const kinds = { 2: 'header', 3: 'body', 4: 'footer' } as const;

export function readMxf(path: string): MxfFile {
  const file = readFileSync(path);
  const partitions: MxfPartition[] = [];
  const sets: MxfSet[] = [];
  const essence: { item: number; bytes: number }[] = [];
  for (let offset = 0; offset + 17 <= file.length; ) {
    const key = file.toString('hex', offset, offset + 16);
    const { value: length, next } = readLength(file, offset + 16);
    const body = file.subarray(next, next + length);
    if (body.length < length)
      throw new RangeError(`a packet of ${length} bytes at ${offset} reaches outside`);
    const kind = kinds[file[offset + 13] as 2 | 3 | 4];
    if (key.startsWith(partitionKey) && kind !== undefined)
      partitions.push(partition(body, kind, file[offset + 14] ?? 0, offset));
    else if (key.startsWith(setKey)) sets.push({ kind: key.slice(26, 30), members: membersOf(body) });
    else if (key.startsWith(essenceKey)) essence.push({ item: file[offset + 12] ?? 0, bytes: length });
    offset = next + length;
  }
  return { partitions, sets, essence };
}

function partition(body: Buffer, kind: MxfPartition['kind'], status: number, offset: number): MxfPartition {
  const count = body.readUInt32BE(80);
  return {
    kind,
    isClosed: status === 2 || status === 4,
    operationalPattern: body.toString('hex', 64 + 12, 64 + 14),
    essenceContainers: Array.from({ length: count }, (_, index) => body[88 + index * 16 + 13] ?? 0),
    headerBytes: Number(body.readBigUInt64BE(32)),
    offset,
  };
}

function membersOf(body: Buffer): ReadonlyMap<number, Buffer> {
  const members = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= body.length; ) {
    const size = body.readUInt16BE(at + 2);
    members.set(body.readUInt16BE(at), body.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return members;
}

/** Basic encoding rules: short form, or a count of bytes. */
function readLength(file: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = file[at] ?? 0;
  if (first < 0x80) return { value: first, next: at + 1 };
  const bytes = first & 0x7f;
  return {
    value: bytes === 0 ? 0 : Number(BigInt(`0x${file.toString('hex', at + 1, at + 1 + bytes)}`)),
    next: at + 1 + bytes,
  };
}
