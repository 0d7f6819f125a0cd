/**
 * Soft telecine: film of 23.976 pictures a second is coded as it is, and the stream tells decoders to show every other
 * picture for three fields, which makes 29.97 frames of two fields (2:3 pulldown). Encoders do not tell it, so it is
 * written into their packets: flags in MPEG-2 pictures (Rec. ITU-T H.262 6.3.10), picture structures in timing messages
 * of H.264 and H.265 (H.264 table D-1, H.265 table D.2), and ticks of fields instead of those of film.
 */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import { overwriteBits } from './bit-string.ts';
import { readTimingSyntax } from './h264-sequence.ts';
import { findTiming } from './h265-sequence.ts';
import { escaped, joinUnits } from './nal-units.ts';

type Pulldown = NonNullable<StreamData['pulldown']>;

/** The fields of four pictures: top bottom top, bottom top, bottom top bottom, top bottom; or the other way round. */
const structures: Readonly<Record<Pulldown, readonly number[]>> = {
  'top-field-first': [5, 4, 6, 3],
  'bottom-field-first': [6, 3, 5, 4],
};
const topFirst: ReadonlySet<number> = new Set([3, 5]);
const threeFields: ReadonlySet<number> = new Set([5, 6]);

/** `pic_struct` of the picture that is shown at `tick` of film. */
export function pictureStructure(pulldown: Pulldown, tick: number): number {
  return structures[pulldown][tick & 3] ?? 0;
}

/** Fields that have been shown when the picture at `tick` of film begins: three of every other one. */
function fieldsBefore(tick: number): number {
  return Math.ceil((tick * 5) / 2);
}

/** Seconds in half a field of 59.94: what pictures with an odd tick come later than film has them. */
export const halfFieldSeconds = 1001 / 60_000 / 2;

/** How much later a picture is taken out at `tick` than at the even pace of film, in seconds. */
export function lateness(tick: number): number {
  return fieldsBefore(tick) === (tick * 5) / 2 ? 0 : halfFieldSeconds;
}

/** Delays of a picture in ticks. */
export interface PictureDelays {
  readonly removal: number;
  readonly output: number;
}

/** Delays of H.264 pictures in fields; encoders count them in half pictures of film. */
export interface FieldDelays {
  /** The next picture in coding order, taken out at `tick` of film; `opensPeriod`: delays behind it count from it. */
  next(tick: number, opensPeriod: boolean): (told: PictureDelays) => PictureDelays;
}

/** Follows the periods of a stream, so that none of them begins half a field off. */
export function createFieldDelays(): FieldDelays {
  let start: number | null = null;
  return {
    next(tick, opensPeriod) {
      const before = fieldsBefore(tick);
      const removal = before - fieldsBefore(start ?? tick);
      if (opensPeriod) start = tick;
      return ({ output }) => ({ removal, output: fieldsBefore(tick + output / 2) - before });
    },
  };
}

const startCode = Buffer.from([0, 0, 1]);
const codes = { sequence: 0xb3, extension: 0xb5, firstSlice: 0x01 };
const extensions = { sequence: 1, picture: 8 };
/** 30000/1001 (H.262 table 6-4). */
const fieldFrameRateCode = 4;

/** An MPEG-2 picture, with the headers in front of it, that is shown as fields. */
export function withRepeatedFields(coded: Uint8Array, pulldown: Pulldown, tick: number): Buffer {
  const bytes = Buffer.from(coded);
  const structure = pictureStructure(pulldown, tick);
  for (let at = bytes.indexOf(startCode); at >= 0; at = bytes.indexOf(startCode, at + 4)) {
    const code = bytes[at + 3] ?? 0;
    const payload = (at + 4) * 8;
    if (code === codes.firstSlice) break;
    if (code === codes.sequence) overwriteBits(bytes, payload + 28, fieldFrameRateCode, 4);
    if (code !== codes.extension) continue;
    const kind = (bytes[at + 4] ?? 0) >> 4;
    // progressive_sequence; then top_field_first, repeat_first_field and progressive_frame.
    if (kind === extensions.sequence) overwriteBits(bytes, payload + 12, 0, 1);
    if (kind !== extensions.picture) continue;
    overwriteBits(bytes, payload + 24, topFirst.has(structure) ? 1 : 0, 1);
    overwriteBits(bytes, payload + 30, threeFields.has(structure) ? 1 : 0, 1);
    overwriteBits(bytes, payload + 32, 1, 1);
  }
  return bytes;
}

/** Ticks of the fields of 29.97 instead of those of film: 5/4 as many. */
function fieldTicks(scale: number): number {
  return (scale * 5) / 4;
}

const parameterSetBytes = 4096;

/** An H.264 sequence parameter set that counts ticks of fields. */
export function h264WithTicks(unit: Uint8Array): Uint8Array {
  const bytes = Buffer.from(rawBytes(unit.subarray(1), parameterSetBytes));
  const scale = readTimingSyntax(bytes)?.timeScale ?? null;
  if (scale === null) throw new RangeError('a sequence without timing cannot be shown as fields');
  overwriteBits(bytes, scale.at, fieldTicks(scale.value), 32);
  return Buffer.concat([unit.subarray(0, 1), escaped(bytes)]);
}

const h265Sequence = 33;
const h265HeaderBytes = 2;

/**
 * An H.265 sequence parameter set that counts ticks of fields, and tells that messages of pictures tell their fields;
 * other units come back as they are. Film counts a tick for each picture, and two or three for one that is shown as
 * fields: 5/2 as many.
 */
export function h265WithTicks(unit: Uint8Array): Uint8Array {
  if (nalType(unit, 'H_265') !== h265Sequence) return unit;
  const bytes = Buffer.from(rawBytes(unit.subarray(h265HeaderBytes), parameterSetBytes));
  const timing = findTiming(bytes);
  if (timing === null) throw new RangeError('a sequence without timing cannot be shown as fields');
  overwriteBits(bytes, timing.fieldFlagAt, 1, 1);
  overwriteBits(bytes, timing.scaleAt, 2 * fieldTicks(timing.scale), 32);
  return Buffer.concat([unit.subarray(0, h265HeaderBytes), escaped(bytes)]);
}

/** Parameter sets that a container keeps outside of the stream. */
export function withFieldTicks(extraData: Buffer, codec: 'H_264' | 'H_265'): Buffer {
  const units = [...nalUnits(extraData)];
  if (codec === 'H_265') return joinUnits(units.map(h265WithTicks));
  return joinUnits(
    units.map((unit) => (nalType(unit, 'H_264') === h264Sequence ? h264WithTicks(unit) : unit)),
  );
}

const h264Sequence = 7;
