/**
 * Writes into coded access units what encoders do not: timecodes, active format descriptions, repeated picture
 * parameter sets. Packets are shared, so a changed one is a copy.
 */
import type { Packet } from 'node-av/lib';
import { type NalCodec, nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import type { VideoRendition } from '../plan/plan.ts';
import { readTimingSyntax, type TimingSyntax } from './h264-sequence.ts';
import { createH265Editor } from './h265-editor.ts';
import { withClosedGroup } from './mpeg2-groups.ts';
import { escaped, joinUnits } from './nal-units.ts';
import { copyWith } from './packet-bytes.ts';
import { h264WithTicks, pictureStructure, withRepeatedFields } from './pulldown.ts';
import {
  activeFormatMessage,
  activeFormatUserData,
  createClock,
  formatOf,
  type PictureTiming,
  rewritePictureTiming,
} from './sei-messages.ts';

/** Edits the packets of one rendition, in coding order. */
export interface StreamEditor {
  /** A changed copy, which the caller frees. `sourceFormat` is the description that came with the picture. */
  edit(packet: Packet, sourceFormat: number | null): Packet;
}

/** Unit types of H.264 (Table 7-1), and the headers of prefix messages. */
const h264 = { message: 6, sequence: 7, picture: 8, delimiter: 9, firstSlice: 1, lastSlice: 5 };
const h264Header = Buffer.from([0x06]);

/** Makes an editor; null when the rendition has nothing to write. `extraData` gives the encoder's parameter sets. */
export function createStreamEditor(
  { streamData, encoder, frameRate }: VideoRendition,
  extraData: () => Buffer | null,
): StreamEditor | null {
  if (streamData === null) return null;
  const { timecode, activeFormat, repeatsPictureParameters, ...marks } = streamData;
  const hasMarks = [
    marks.marksFields,
    marks.profile,
    marks.isHighTier,
    marks.tellsClosedGroups,
    marks.pictureBytes,
    marks.pulldown,
    marks.decoderBuffer,
  ].some((mark) => mark !== undefined);
  if (timecode === null && activeFormat === null && !repeatsPictureParameters && !hasMarks) return null;
  switch (encoder.codec) {
    case 'H_265':
      return createH265Editor(streamData, frameRate, extraData);
    case 'MPEG2':
      return mpeg2Editor(streamData);
    default:
      return h264Editor(streamData, extraData);
  }
}

/** User data stands between the extensions of a picture and its first slice (H.262 6.2.2.2). */
function mpeg2Editor(data: StreamData): StreamEditor {
  return {
    edit(packet, sourceFormat) {
      const format = formatOf(data, sourceFormat);
      const coded = packet.data ?? Buffer.alloc(0);
      const shown =
        data.pulldown === undefined ? coded : withRepeatedFields(coded, data.pulldown, Number(packet.pts));
      const bytes = Buffer.from(data.tellsClosedGroups === true ? withClosedGroup(shown) : shown);
      const slice = bytes.indexOf(mpeg2FirstSlice);
      const parts =
        format === null || slice < 0
          ? [bytes]
          : [bytes.subarray(0, slice), activeFormatUserData(format), bytes.subarray(slice)];
      // Zeros in front of a start code are no part of the picture (H.262 5.2.3).
      const missing = (data.pictureBytes ?? 0) - parts.reduce((sum, part) => sum + part.length, 0);
      return copyWith(packet, Buffer.concat([...parts, Buffer.alloc(Math.max(0, missing))]));
    },
  };
}

const mpeg2FirstSlice = Buffer.from([0, 0, 1, 1]);

function h264Editor(data: StreamData, extraData: () => Buffer | null): StreamEditor {
  const clock = data.timecode === null ? null : createClock(data.timecode);
  let sets: ParameterSets | null = null;
  return {
    edit(packet, sourceFormat) {
      const units = unitsOf(packet.data);
      sets = learnSets(units, sets ?? learnSets(unitsOf(extraData()), null));
      const tick = Number(packet.pts);
      const { pulldown } = data;
      const timing: PictureTiming = {
        clock: clock?.(tick) ?? null,
        structure: pulldown === undefined ? null : pictureStructure(pulldown, tick),
      };
      const edited = units.map((unit) => withTiming(unit, sets?.syntax ?? null, timing));
      const format = formatOf(data, sourceFormat);
      if (format !== null) {
        const slice = edited.findIndex((unit) => isSlice(unit));
        edited.splice(slice, 0, messageUnit(h264Header, activeFormatMessage(format)));
      }
      if (data.repeatsPictureParameters && !units.some((unit) => typeOf(unit) === h264.picture)) {
        // Parameter sets come behind the delimiter and before messages (H.264 7.4.1.2.3).
        const first = edited.findIndex((unit) => typeOf(unit) !== h264.delimiter);
        edited.splice(first, 0, ...(sets?.pictures ?? []));
      }
      return copyWith(packet, joinUnits(edited));
    },
  };
}

/** The parameter sets in force. */
interface ParameterSets {
  readonly syntax: TimingSyntax | null;
  readonly pictures: readonly Uint8Array[];
}

const parameterSetBytes = 4096;

function learnSets(units: readonly Uint8Array[], known: ParameterSets | null): ParameterSets {
  const sequence = units.find((unit) => typeOf(unit) === h264.sequence);
  const pictures = units.filter((unit) => typeOf(unit) === h264.picture).map((unit) => Buffer.from(unit));
  return {
    syntax:
      sequence === undefined
        ? (known?.syntax ?? null)
        : readTimingSyntax(rawBytes(sequence.subarray(1), parameterSetBytes)),
    pictures: pictures.length > 0 ? pictures : (known?.pictures ?? []),
  };
}

function withTiming(unit: Uint8Array, syntax: TimingSyntax | null, timing: PictureTiming): Uint8Array {
  if (timing.structure !== null && typeOf(unit) === h264.sequence) return h264WithTicks(unit);
  if (syntax === null || typeOf(unit) !== h264.message) return unit;
  if (timing.clock === null && timing.structure === null) return unit;
  const rewritten = rewritePictureTiming(rawBytes(unit.subarray(1), unit.length), syntax, timing);
  return rewritten === null ? unit : Buffer.concat([h264Header, escaped(rewritten)]);
}

function unitsOf(stream: Buffer | null): Uint8Array[] {
  return [...nalUnits(stream ?? Buffer.alloc(0))];
}

function typeOf(unit: Uint8Array, codec: NalCodec = 'H_264'): number {
  return nalType(unit, codec);
}

function isSlice(unit: Uint8Array): boolean {
  return typeOf(unit) >= h264.firstSlice && typeOf(unit) <= h264.lastSlice;
}

function messageUnit(header: Buffer, message: Buffer): Buffer {
  return Buffer.concat([header, escaped(Buffer.concat([message, Buffer.from([0x80])]))]);
}
