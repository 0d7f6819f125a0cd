/** Supplemental enhancement messages of H.264 and H.265, written and rewritten (spec timecode-and-clipping.md 6, video.md 1). */
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { StreamData, TimecodeStart } from '../plan/picture-plan.ts';
import { formatTimecode, frameNumberOf, hasDropFrame, parseTimecode } from '../timecode.ts';
import { type BitWriter, readBits, writeBits } from './bit-string.ts';
import type { TimingSyntax } from './h264-sequence.ts';
import type { PictureDelays } from './pulldown.ts';

/** Payload types (Rec. ITU-T H.264 D.1, H.265 D.2.1). */
const pictureTiming = 1;
const registeredUserData = 4;
const unregisteredUserData = 5;
const timeCode = 136;

/** Timestamps of a picture by its structure (Rec. ITU-T H.264 Table D-1). */
const timestampsOfStructure = [1, 1, 1, 2, 2, 3, 3, 2, 3];

/** Counting without drops, and with two (or four) numbers dropped a minute (Rec. ITU-T H.264 Table D-2). */
const plainCounting = 0;
const dropCounting = 4;

/** The active format to write: the planned one, or what came with the picture. */
export function formatOf({ activeFormat }: StreamData, sourceFormat: number | null): number | null {
  return activeFormat === 'source' ? sourceFormat : activeFormat;
}

/** Makes the timecode of each output picture from the first one's. */
export function createTimecodes(start: TimecodeStart): (tick: number) => string {
  const parsed = parseTimecode(start.timecode);
  const rate: Rational = start.frameRate;
  const isDropFrame = (parsed?.isDropFrame ?? false) && hasDropFrame(rate);
  const first = parsed === null ? 0 : (frameNumberOf(parsed, rate, isDropFrame) ?? 0);
  return (tick) => formatTimecode(first + tick, rate, isDropFrame);
}

/** The time of one picture as messages count it. */
export interface ClockTime extends ClockFields {
  /** Numbers were left out right before this one. */
  readonly isAfterDrop: boolean;
}

/** Makes the time of each output picture from the first one's. */
export function createClock(start: TimecodeStart): (tick: number) => ClockTime {
  const timecodes = createTimecodes(start);
  // The first number of a minute that has any: 2 at 29.97 pictures a second, 4 at 59.94.
  const firstNumber = Math.round(rationalToNumber(start.frameRate) / 15);
  return (tick) => {
    const fields = clockFields(timecodes(tick));
    const { isDropFrame, minutes, seconds, frames } = fields;
    const isAfterDrop = isDropFrame && minutes % 10 !== 0 && seconds === 0 && frames === firstNumber;
    return { ...fields, isAfterDrop };
  };
}

interface ClockFields {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly frames: number;
  readonly isDropFrame: boolean;
}

function clockFields(timecode: string): ClockFields {
  const { hours, minutes, seconds, frames, isDropFrame } = parseTimecode(timecode) ?? {
    hours: 0,
    minutes: 0,
    seconds: 0,
    frames: 0,
    isDropFrame: false,
  };
  return { hours, minutes, seconds, frames, isDropFrame };
}

/** What picture timing messages are to tell: null leaves what they tell already. */
export interface PictureTiming {
  readonly clock: ClockTime | null;
  readonly fields: ShownFields | null;
}

/** How a picture is shown in a stream whose ticks were made 5/4 as many. */
export interface ShownFields {
  /** Rec. ITU-T H.264 table D-1. */
  readonly structure: number;
  /** Delays in those ticks. */
  readonly delays: (told: PictureDelays) => PictureDelays;
}

/** A picture timing message with its timecode and structure put in; other fields stay. `payload` has no escapes. */
export function withPictureTiming(payload: Uint8Array, syntax: TimingSyntax, timing: PictureTiming): Buffer {
  const read = readBits(payload);
  const written = writeBits();
  if (syntax.delayBits !== null) {
    const removal = read.bits(syntax.delayBits.removal);
    const output = read.bits(syntax.delayBits.output);
    const delays = timing.fields?.delays({ removal, output }) ?? { removal, output };
    written.bits(delays.removal, syntax.delayBits.removal);
    written.bits(delays.output, syntax.delayBits.output);
  }
  const told = read.bits(4);
  const structure = timing.fields?.structure ?? told;
  written.bits(structure, 4);
  const stamps = timestampsOfStructure[structure] ?? 1;
  for (let stamp = 0; stamp < stamps; stamp += 1) {
    // Only the first field's time is known; the others carry none.
    const clock = stamp === 0 ? timing.clock : null;
    written.flag(clock !== null);
    if (clock === null) continue;
    written.bits(structure === 0 ? 0 : 1, 2);
    written.flag(false);
    writeClock(written, clock, 8);
    if (syntax.timeOffsetBits > 0) written.bits(0, syntax.timeOffsetBits);
  }
  return written.aligned();
}

/** counting_type … hours_value, which both codecs have in this order. */
function writeClock(bits: BitWriter, clock: ClockTime, frameBits: number): void {
  bits.bits(clock.isDropFrame ? dropCounting : plainCounting, 5);
  bits.flag(true).flag(false);
  bits.flag(clock.isAfterDrop);
  bits.bits(clock.frames, frameBits);
  bits.bits(clock.seconds, 6).bits(clock.minutes, 6).bits(clock.hours, 5);
}

/** The H.265 time code message of one picture. */
export function timeCodeMessage(clock: ClockTime): Buffer {
  const bits = writeBits().bits(1, 2).flag(true).flag(false);
  writeClock(bits, clock, 9);
  bits.bits(0, 5);
  return message(timeCode, bits.aligned());
}

/** The H.265 timing message of a progressive picture that is shown as fields (Rec. ITU-T H.265 tables D.2, D.3). */
export function filmTimingMessage(structure: number): Buffer {
  return message(pictureTiming, writeBits().bits(structure, 4).bits(1, 2).flag(false).aligned());
}

/** What both codecs carry in messages of their own beside each picture: the unregistered timecode, the active format. */
export function createMessages(data: StreamData): (tick: number, sourceFormat: number | null) => Buffer[] {
  const timecodes = data.unregisteredTimecode === null ? null : createTimecodes(data.unregisteredTimecode);
  return (tick, sourceFormat) => {
    const format = formatOf(data, sourceFormat);
    return [
      ...(timecodes === null ? [] : [unregisteredMessage(timecodes(tick))]),
      ...(format === null ? [] : [activeFormatMessage(format)]),
    ];
  };
}

/** An active format description as broadcast (ETSI TS 101 154 B.3): `DTG1`, flag, code. */
export function activeFormatMessage(code: number): Buffer {
  return message(
    registeredUserData,
    Buffer.from([0xb5, 0x00, 0x31, 0x44, 0x54, 0x47, 0x31, 0x41, 0xf0 | code]),
  );
}

/** The same as user data of an MPEG-2 picture. */
export function activeFormatUserData(code: number): Buffer {
  return Buffer.from([0x00, 0x00, 0x01, 0xb2, 0x44, 0x54, 0x47, 0x31, 0x41, 0xf0 | code]);
}

function message(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, payload.length]), payload]);
}

/** Rewrites the picture timing messages of an SEI unit's bytes (behind the header, no escapes); null: it has none. */
export function rewritePictureTiming(
  bytes: Uint8Array,
  syntax: TimingSyntax,
  timing: PictureTiming,
): Buffer | null {
  const parts: Buffer[] = [];
  let isChanged = false;
  let at = 0;
  while (at + 2 < bytes.length) {
    const type = readLength(bytes, at);
    const size = readLength(bytes, type.next);
    const payload = bytes.subarray(size.next, size.next + size.value);
    const isTiming = type.value === pictureTiming && syntax.hasPictureStructure;
    isChanged ||= isTiming;
    const body = isTiming ? withPictureTiming(payload, syntax, timing) : Buffer.from(payload);
    parts.push(lengthBytes(type.value), lengthBytes(body.length), body);
    at = size.next + size.value;
  }
  return isChanged ? Buffer.concat([...parts, Buffer.from([0x80])]) : null;
}

/** Types and sizes are sums of bytes; 255 goes on. */
function readLength(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let next = at;
  while (bytes[next] === 255) {
    value += 255;
    next += 1;
  }
  return { value: value + (bytes[next] ?? 0), next: next + 1 };
}

function lengthBytes(value: number): Buffer {
  return Buffer.concat([Buffer.alloc(Math.floor(value / 255), 255), Buffer.from([value % 255])]);
}

/** Identifier of our unregistered timecode messages (the service's own is not published). */
const unregisteredId = Buffer.from('c2f4a1d05b7e4e0c9a3d6f1e8b274d61', 'hex');

/** An unregistered message: identifier, then hours, minutes, seconds, frames in packed decimals. */
export function unregisteredMessage(timecode: string): Buffer {
  const { hours, minutes, seconds, frames } = clockFields(timecode);
  const packed = [hours, minutes, seconds, frames].map(
    (value) => (Math.floor(value / 10) << 4) | (value % 10),
  );
  return message(unregisteredUserData, Buffer.concat([unregisteredId, Buffer.from(packed)]));
}
