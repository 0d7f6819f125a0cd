/**
 * Splice information sections (ANSI/SCTE 35 9.6): what tells of ad breaks in a transport stream. Times are ticks of
 * 90 kHz on whatever clock the section stands in; moving a section to another clock changes them and the checksum.
 */
import { sectionChecksum } from './section-checksum.ts';
import {
  formatSegmentationDescriptor,
  readSegmentationDescriptors,
  type Segmentation,
} from './segmentation-descriptor.ts';

/** One message. */
export interface SpliceSection {
  readonly command: 'time_signal' | 'splice_insert' | 'other';
  /** Splice time with the adjustment added, 33 bits; null: at once, or the command has none. */
  readonly ticks: number | null;
  readonly segmentations: readonly Segmentation[];
  /** The whole section. */
  readonly bytes: Buffer;
}

const tableId = 0xfc;
const commands: Readonly<Record<number, SpliceSection['command']>> = { 5: 'splice_insert', 6: 'time_signal' };
/** Header up to and with the command's type. */
const headerBytes = 14;
const checksumBytes = 4;
const clockTurn = 2 ** 33;

/** Reads a section; null when it is damaged, or encrypted and so not readable. */
export function parseSpliceSection(bytes: Uint8Array): SpliceSection | null {
  const given = Buffer.from(bytes);
  if (given.length < headerBytes + 2 + checksumBytes || given[0] !== tableId) return null;
  const length = 3 + (given.readUInt16BE(1) & 0xfff);
  if (length < headerBytes + 2 + checksumBytes || given.length < length) return null;
  const section = given.subarray(0, length);
  const isEncrypted = ((section[4] ?? 0) & 0x80) !== 0;
  if (isEncrypted || sectionChecksum(section) !== 0) return null;
  const command = commands[section[13] ?? 0] ?? 'other';
  const commandEnd = endOfCommand(section, command);
  if (commandEnd === null || commandEnd + 2 + checksumBytes > length) return null;
  const loopEnd = commandEnd + 2 + section.readUInt16BE(commandEnd);
  if (loopEnd + checksumBytes > length) return null;
  const own = command === 'time_signal' ? readTime(section, headerBytes) : null;
  return {
    command,
    ticks: own === null ? null : (own + adjustmentOf(section)) % clockTurn,
    segmentations: readSegmentationDescriptors(section.subarray(commandEnd + 2, loopEnd)),
    bytes: Buffer.from(section),
  };
}

/** The same time signal at another time: its adjustment is used up. Throws TypeError for other commands. */
export function atSpliceTime(section: SpliceSection, ticks: number): Buffer {
  if (section.command !== 'time_signal') throw new TypeError(`a ${section.command} is not moved`);
  const { bytes } = section;
  const end = endOfCommand(bytes, 'time_signal');
  if (end === null) throw new TypeError('the section is damaged');
  return assemble(bytes.subarray(3, headerBytes), ticks, bytes.subarray(end, -checksumBytes));
}

/** A new time signal. */
export function formatTimeSignal(ticks: number, segmentations: readonly Segmentation[]): Buffer {
  const descriptors = Buffer.concat(segmentations.map(formatSegmentationDescriptor));
  const loop = Buffer.alloc(2);
  loop.writeUInt16BE(descriptors.length);
  // Version 0, clear, no adjustment, cipher index 0, every tier; the command follows.
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0xff, 0xf0, 5, 6]);
  return assemble(header, ticks, Buffer.concat([loop, descriptors]));
}

/** `header` begins behind the length and ends with the command's type. */
function assemble(header: Buffer, ticks: number, descriptors: Buffer): Buffer {
  const start = Buffer.from(header);
  const encrypted = (start[1] ?? 0) & 0xfe;
  start.fill(0, 1, 6);
  start[1] = encrypted;
  start.writeUInt16BE((start.readUInt16BE(8) & 0xf000) | 5, 8);
  const body = Buffer.concat([start, formatTime(ticks), descriptors]);
  const length = body.length + checksumBytes;
  const section = Buffer.concat([
    Buffer.from([tableId, 0x30 | (length >> 8), length & 0xff]),
    body,
    Buffer.alloc(checksumBytes),
  ]);
  section.writeUInt32BE(sectionChecksum(section.subarray(0, -checksumBytes)), section.length - checksumBytes);
  return section;
}

/** Where the descriptors begin. Old writers leave the command's length open (0xfff). */
function endOfCommand(section: Buffer, command: SpliceSection['command']): number | null {
  const length = section.readUInt16BE(11) & 0xfff;
  if (length !== 0xfff) return headerBytes + length;
  if (command !== 'time_signal') return null;
  return headerBytes + ((section[headerBytes] ?? 0) & 0x80 ? 5 : 1);
}

function readTime(section: Buffer, at: number): number | null {
  if (((section[at] ?? 0) & 0x80) === 0) return null;
  return ((section[at] ?? 0) & 1) * 2 ** 32 + section.readUInt32BE(at + 1);
}

function formatTime(ticks: number): Buffer {
  const wrapped = ((ticks % clockTurn) + clockTurn) % clockTurn;
  const time = Buffer.alloc(5);
  time[0] = 0xfe | Math.floor(wrapped / 2 ** 32);
  time.writeUInt32BE(wrapped % 2 ** 32, 1);
  return time;
}

function adjustmentOf(section: Buffer): number {
  return ((section[4] ?? 0) & 1) * 2 ** 32 + section.readUInt32BE(5);
}
