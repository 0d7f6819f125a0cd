/**
 * Finishes an MXF file the library has written: it labels all sound as AES3 (SMPTE ST 382), and files that are to hold
 * Broadcast Wave need other labels of the same length; it knows of no active format, and describes AVC-Intra as if it were
 * MPEG-2. The file is changed in place.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { copyActiveFormat } from './mxf-active-format.ts';
import { dropMpeg2Members } from './mxf-avc-descriptor.ts';
import { editMetadata } from './mxf-metadata.ts';
import { longestHeadBytes, packetSize } from './mxf-packets.ts';
import { indexReordering } from './mxf-reordering.ts';

/** What is to be done to the file. */
export interface MxfFinish extends MxfOptions {
  /** When pictures are shown, in coded order. */
  readonly shownTicks: readonly number[];
}

/** The part that the plan decides. */
interface MxfOptions {
  readonly hasWaveSound: boolean;
  /** `afdSignaling` COPY_FROM_VIDEO. */
  readonly copiesActiveFormat: boolean;
}

/** Parts muxer options into the library's own and ours. Ours: `wave_sound` with `1`, `active_format` with `video`. */
export function splitMxfOptions(options: Readonly<Record<string, string>>): {
  readonly library: Readonly<Record<string, string>>;
  readonly finish: MxfOptions;
} {
  const { wave_sound: wave, active_format: format, ...others } = options;
  return { library: others, finish: { hasWaveSound: wave === '1', copiesActiveFormat: format === 'video' } };
}

/** Changes the file. Throws RangeError when it is not what the library writes. */
export function finishMxf(path: string, finish: MxfFinish): void {
  if (finish.hasWaveSound) labelWaveSound(path);
  editMetadata(path, (packets, head) => {
    dropMpeg2Members(packets);
    if (finish.copiesActiveFormat) copyActiveFormat(packets, head());
  });
  indexReordering(path, finish.shownTicks);
}

/** Header metadata is read whole; it never has this many bytes. */
const largestPacketBytes = 1024 * 1024;

const partitionKey = Buffer.from('060e2b34020501010d010201', 'hex');
const setKey = Buffer.from('060e2b34025301010d010101', 'hex');
const soundKey = Buffer.from('060e2b34010201010d01030116', 'hex');
/** The container of sound by frames: ST 382 labels AES3 as 03 and Broadcast Wave as 01, both in byte 14. */
const aes3Container = Buffer.from('060e2b34040101010d0103010206', 'hex');
/** Last bytes of the keys of the two descriptors. */
const aes3Descriptor = 0x47;
const waveDescriptor = 0x48;
/** Element types of sound wrapped by frames (ST 382 tables 2, 3), byte 14 of an essence key. */
const aes3Element = 0x03;
const waveElement = 0x01;
const trackNumberTag = 0x4804;

/** Turns AES3 into Broadcast Wave labels. Throws RangeError when the file is not what the library writes. */
function labelWaveSound(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const size = fstatSync(file).size;
    for (let offset = 0; offset < size; ) {
      const head = read(file, offset, Math.min(longestHeadBytes, size - offset));
      const { length, headBytes } = packetSize(head, offset);
      if (startsWith(head, soundKey)) relabelEssence(file, head, offset);
      else if (startsWith(head, partitionKey) || startsWith(head, setKey)) {
        if (length > largestPacketBytes) throw new RangeError(`MXF metadata of ${length} bytes at ${offset}`);
        relabelMetadata(file, offset, read(file, offset, headBytes + length), headBytes);
      }
      offset += headBytes + length;
    }
  } finally {
    closeSync(file);
  }
}

function relabelEssence(file: number, head: Buffer, offset: number): void {
  if (head[14] === aes3Element) writeSync(file, Buffer.from([waveElement]), 0, 1, offset + 14);
}

function relabelMetadata(file: number, offset: number, packet: Buffer, headBytes: number): void {
  if (startsWith(packet, setKey)) {
    if (packet[14] === aes3Descriptor) packet[14] = waveDescriptor;
    relabelTrackNumber(packet, headBytes);
  }
  for (let at = packet.indexOf(aes3Container); at >= 0; at = packet.indexOf(aes3Container, at + 1)) {
    if (packet[at + 14] === aes3Element) packet[at + 14] = waveElement;
  }
  writeSync(file, packet, 0, packet.length, offset);
}

/** A track's number is the end of its essence keys. */
function relabelTrackNumber(packet: Buffer, headBytes: number): void {
  for (let at = headBytes; at + 4 <= packet.length; at += 4 + packet.readUInt16BE(at + 2)) {
    const isSound = packet.readUInt16BE(at) === trackNumberTag && packet[at + 4] === soundKey.at(-1);
    if (isSound && packet[at + 6] === aes3Element) packet[at + 6] = waveElement;
  }
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.subarray(0, prefix.length).equals(prefix);
}

function read(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  return bytes;
}
