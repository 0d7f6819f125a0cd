/** Writes into H.265 access units what the encoder does not: messages, marks of fields, the decoder's buffer, filler. */
import type { Packet } from 'node-av/lib';
import { nalType, nalUnits } from '../package/annex-b.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import type { VideoRendition } from '../plan/plan.ts';
import { fillerUnit, followBuffer } from './followed-buffer.ts';
import { isSequence, opensPeriod, removalDelayBits, withBuffer, withFirstDelay } from './h265-buffer.ts';
import { withFields } from './h265-fields.ts';
import { withProfile } from './h265-profile.ts';
import { escaped, joinUnits } from './nal-units.ts';
import { copyWith } from './packet-bytes.ts';
import { h265WithTicks, pictureStructure } from './pulldown.ts';
import { createClock, createMessages, filmTimingMessage, timeCodeMessage } from './sei-messages.ts';
import type { StreamEditor } from './stream-editor.ts';

/** Slices are all types below (Table 7-1). */
const firstOther = 32;
/** End of sequence, end of stream. */
const endTypes: readonly number[] = [36, 37];
const messageHeader = Buffer.from([39 << 1, 1]);

/** An editor of packets in coding order. `extraData` gives the encoder's parameter sets. */
export function createH265Editor(
  data: StreamData,
  frameRate: VideoRendition['frameRate'],
  extraData: () => Buffer | null,
): StreamEditor {
  const clock = data.timecode === null ? null : createClock(data.timecode);
  const buffer = createBufferWriter(data, frameRate, extraData);
  const others = createMessages(data);
  const messagesOf = (tick: number, sourceFormat: number | null): Buffer[] => [
    ...(data.pulldown === undefined ? [] : [filmTimingMessage(pictureStructure(data.pulldown, tick))]),
    ...(clock === null ? [] : [timeCodeMessage(clock(tick))]),
    ...others(tick, sourceFormat),
  ];
  return {
    edit(packet, sourceFormat) {
      const messages = messagesOf(Number(packet.pts), sourceFormat);
      const hasMarks = data.pulldown !== undefined || data.marksFields === true;
      // Buffer, profile and tier are told of at key frames; the other pictures of a variable rate are only counted.
      if (messages.length === 0 && !hasMarks && !packet.isKeyframe && !buffer.isFilled)
        return counted(packet, buffer);
      const units = [...nalUnits(packet.data ?? Buffer.alloc(0))].map((unit) =>
        marked(buffer.tell(unit), data),
      );
      const slice = units.findIndex((unit) => nalType(unit, 'H_265') < firstOther);
      const [first] = units.slice(slice);
      units.splice(slice, 0, ...messages.map(messageUnit));
      const missing = buffer.take(joinUnits(units).length);
      if (missing > 0 && first !== undefined) {
        // Behind the end of a sequence nothing more of it may come.
        const end = units.findIndex((unit) => endTypes.includes(nalType(unit, 'H_265')));
        units.splice(end < 0 ? units.length : end, 0, fillerUnit(missing, first));
      }
      return copyWith(packet, joinUnits(units));
    },
  };
}

function counted(packet: Packet, buffer: BufferWriter): Packet {
  buffer.take(packet.size);
  const same = packet.clone();
  if (same === null) throw new RangeError('no memory for a packet');
  return same;
}

function marked(unit: Uint8Array, data: StreamData): Uint8Array {
  const told = withProfile(unit, data);
  if (data.pulldown !== undefined) return h265WithTicks(told);
  return data.marksFields === true ? withFields(told) : told;
}

function messageUnit(message: Buffer): Buffer {
  return Buffer.concat([messageHeader, escaped(Buffer.concat([message, Buffer.from([0x80])]))]);
}

/** Tells of the buffer where the encoder does, and follows it. */
interface BufferWriter {
  readonly isFilled: boolean;
  tell(unit: Uint8Array): Uint8Array;
  /** Bytes to fill behind a picture of that size. */
  take(pictureBytes: number): number;
}

function createBufferWriter(
  { decoderBuffer }: StreamData,
  frameRate: VideoRendition['frameRate'],
  extraData: () => Buffer | null,
): BufferWriter {
  if (decoderBuffer === undefined) return { isFilled: false, tell: (unit) => unit, take: () => 0 };
  const followed = followBuffer(decoderBuffer, frameRate);
  let delayBits: number | null | undefined;
  const findDelayBits = (): number | null => {
    const sequence = [...nalUnits(extraData() ?? Buffer.alloc(0))].find(isSequence);
    return sequence === undefined ? null : removalDelayBits(sequence);
  };
  return {
    isFilled: decoderBuffer.isConstant,
    tell(unit) {
      if (isSequence(unit)) {
        delayBits = removalDelayBits(unit);
        return withBuffer(unit, decoderBuffer);
      }
      if (!opensPeriod(unit)) return unit;
      delayBits ??= findDelayBits();
      return delayBits === null ? unit : withFirstDelay(unit, delayBits, followed.firstDelay());
    },
    take: (pictureBytes) => followed.take(pictureBytes),
  };
}
