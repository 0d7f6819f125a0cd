/**
 * Tells in the index of an MXF file where coded pictures are shown: the library does so for MPEG-2 alone, and players
 * would show those of other codecs in the order in which they are coded. The file is changed in place.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { longestHeadBytes, packetSize } from './mxf-packets.ts';

const indexKey = Buffer.from('060e2b34025301010d01020101100100', 'hex');
/** Tags of an index segment (SMPTE ST 377-1 11.2.3). */
const startTag = 0x3f0c;
const entriesTag = 0x3f0a;
/** In front of the entries: their number, and the size of one. */
const arrayHeadBytes = 8;
/** Offsets are signed bytes. */
const farthest = 127;

/** Changes the file; `times` are those at which pictures are shown, in coded order. Pictures in order leave it as it is. */
export function indexReordering(path: string, times: readonly number[]): void {
  const offsets = temporalOffsets(times);
  if (offsets.every((offset) => offset === 0)) return;
  const file = openSync(path, 'r+');
  try {
    const size = fstatSync(file).size;
    for (let at = 0; at < size; ) {
      const head = read(file, at, Math.min(longestHeadBytes, size - at));
      const { length, headBytes } = packetSize(head, at);
      if (head.subarray(0, 16).equals(indexKey)) {
        const segment = read(file, at + headBytes, length);
        if (fillSegment(segment, offsets)) writeSync(file, segment, 0, length, at + headBytes);
      }
      at += headBytes + length;
    }
  } finally {
    closeSync(file);
  }
}

/** Where the picture that is shown at a place stands among the coded ones, from that place (ST 377-1 11.2.3). */
export function temporalOffsets(times: readonly number[]): readonly number[] {
  const coded = times.map((time, place) => ({ time, place }));
  coded.sort((a, b) => a.time - b.time || a.place - b.place);
  return coded.map(({ place }, shown) => {
    const offset = place - shown;
    if (Math.abs(offset) > farthest)
      throw new RangeError(`picture ${shown} is coded ${offset} pictures away`);
    return offset;
  });
}

function fillSegment(segment: Buffer, offsets: readonly number[]): boolean {
  let start = 0;
  let entries: Buffer | null = null;
  for (let at = 0; at + 4 <= segment.length; ) {
    const tag = segment.readUInt16BE(at);
    const size = segment.readUInt16BE(at + 2);
    const value = segment.subarray(at + 4, at + 4 + size);
    if (tag === startTag) start = Number(value.readBigInt64BE(0));
    if (tag === entriesTag) entries = value;
    at += 4 + size;
  }
  if (entries === null || entries.length < arrayHeadBytes) return false;
  const count = entries.readUInt32BE(0);
  const bytes = entries.readUInt32BE(4);
  for (let index = 0; index < count; index += 1)
    entries.writeInt8(offsets[start + index] ?? 0, arrayHeadBytes + index * bytes);
  return count > 0;
}

function read(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  return bytes;
}
