/** Writes into H.264 access units what the encoder does not: messages, parameter sets, the decoder's buffer, filler. */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import type { VideoRendition } from '../plan/plan.ts';
import { followBuffer, h264FillerUnit, shortestUnitBytes } from './followed-buffer.ts';
import { h264OpensPeriod, h264WithBuffer, h264WithFirstDelay } from './h264-buffer.ts';
import { readTimingSyntax, type TimingSyntax } from './h264-sequence.ts';
import { escaped, joinedLength, joinUnits } from './nal-units.ts';
import { copyWith } from './packet-bytes.ts';
import {
  createFieldDelays,
  h264WithTicks,
  halfFieldSeconds,
  lateness,
  pictureStructure,
} from './pulldown.ts';
import { createClock, createMessages, type PictureTiming, rewritePictureTiming } from './sei-messages.ts';
import type { StreamEditor } from './stream-editor.ts';

/** Unit types (Table 7-1), and the header of messages. */
const types = { message: 6, sequence: 7, picture: 8, delimiter: 9, firstSlice: 1, lastSlice: 5 };
const endTypes: readonly number[] = [10, 11];
const messageHeader = Buffer.from([types.message]);

/** An editor of packets in coding order. `extraData` gives the encoder's parameter sets. */
export function createH264Editor(
  data: StreamData,
  frameRate: VideoRendition['frameRate'],
  extraData: () => Buffer | null,
): StreamEditor {
  const clock = data.timecode === null ? null : createClock(data.timecode);
  const messagesOf = createMessages(data);
  const buffer = createBufferWriter(data, frameRate, extraData);
  const fieldDelays = createFieldDelays();
  let sets: ParameterSets | null = null;
  return {
    edit(packet, sourceFormat) {
      const units = unitsOf(packet.data);
      sets = learnSets(units, sets ?? learnSets(unitsOf(extraData()), null));
      const tick = Number(packet.pts);
      const removed = Number(packet.dts);
      const { pulldown } = data;
      const timing: PictureTiming = {
        clock: clock?.(tick) ?? null,
        fields:
          pulldown === undefined
            ? null
            : {
                structure: pictureStructure(pulldown, tick),
                delays: fieldDelays.next(removed, units.some(h264OpensPeriod)),
              },
      };
      const late = pulldown === undefined ? 0 : lateness(removed);
      const edited = units.map((unit) => withTiming(buffer.tell(unit, late), sets?.syntax ?? null, timing));
      const slice = edited.findIndex((unit) => isSlice(unit));
      edited.splice(slice, 0, ...messagesOf(tick, sourceFormat).map(messageUnit));
      if (data.repeatsPictureParameters && !units.some((unit) => typeOf(unit) === types.picture)) {
        // Parameter sets come behind the delimiter and before messages (H.264 7.4.1.2.3).
        const first = edited.findIndex((unit) => typeOf(unit) !== types.delimiter);
        edited.splice(first, 0, ...(sets?.pictures ?? []));
      }
      const missing = buffer.take(joinedLength(edited), packet.isKeyframe);
      if (missing > 0) {
        // Behind the end of a sequence nothing more of it may come.
        const end = edited.findIndex((unit) => endTypes.includes(typeOf(unit)));
        edited.splice(end < 0 ? edited.length : end, 0, h264FillerUnit(missing));
      }
      return copyWith(packet, joinUnits(edited));
    },
  };
}

/** Tells of the buffer where the encoder does, and follows it. */
interface BufferWriter {
  /** `late`: seconds by which the picture is taken out later than at its rate. */
  tell(unit: Uint8Array, late: number): Uint8Array;
  /** Bytes to fill behind a picture of that size. */
  take(pictureBytes: number, isKey: boolean): number;
}

function createBufferWriter(
  { decoderBuffer, countsParameterSets, pulldown }: StreamData,
  frameRate: VideoRendition['frameRate'],
  extraData: () => Buffer | null,
): BufferWriter {
  if (decoderBuffer === undefined) return { tell: (unit) => unit, take: () => 0 };
  const latest = pulldown === undefined ? 0 : halfFieldSeconds;
  const followed = followBuffer(decoderBuffer, frameRate, shortestUnitBytes.H_264, latest);
  return {
    tell: (unit, late) =>
      h264WithFirstDelay(h264WithBuffer(unit, decoderBuffer), () => followed.firstDelay(late)),
    take(pictureBytes, isKey) {
      const setBytes = isKey && countsParameterSets === true ? (extraData()?.length ?? 0) : 0;
      return followed.take(pictureBytes + setBytes);
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
  const sequence = units.find((unit) => typeOf(unit) === types.sequence);
  const pictures = units.filter((unit) => typeOf(unit) === types.picture).map((unit) => Buffer.from(unit));
  return {
    syntax:
      sequence === undefined
        ? (known?.syntax ?? null)
        : readTimingSyntax(rawBytes(sequence.subarray(1), parameterSetBytes)),
    pictures: pictures.length > 0 ? pictures : (known?.pictures ?? []),
  };
}

function withTiming(unit: Uint8Array, syntax: TimingSyntax | null, timing: PictureTiming): Uint8Array {
  if (timing.fields !== null && typeOf(unit) === types.sequence) return h264WithTicks(unit);
  if (syntax === null || typeOf(unit) !== types.message) return unit;
  if (timing.clock === null && timing.fields === null) return unit;
  const rewritten = rewritePictureTiming(rawBytes(unit.subarray(1), unit.length), syntax, timing);
  return rewritten === null ? unit : Buffer.concat([messageHeader, escaped(rewritten)]);
}

function unitsOf(stream: Buffer | null): Uint8Array[] {
  return [...nalUnits(stream ?? Buffer.alloc(0))];
}

function typeOf(unit: Uint8Array): number {
  return nalType(unit, 'H_264');
}

function isSlice(unit: Uint8Array): boolean {
  return typeOf(unit) >= types.firstSlice && typeOf(unit) <= types.lastSlice;
}

function messageUnit(message: Buffer): Buffer {
  return Buffer.concat([messageHeader, escaped(Buffer.concat([message, Buffer.from([0x80])]))]);
}
