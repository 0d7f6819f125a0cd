/**
 * Writes into coded access units what encoders do not: timecodes, active format descriptions, repeated picture
 * parameter sets. Packets are shared, so a changed one is a copy.
 */
import type { Packet } from 'node-av/lib';
import type { StreamData } from '../plan/picture-plan.ts';
import type { VideoRendition } from '../plan/plan.ts';
import { createH264Editor } from './h264-editor.ts';
import { createH265Editor } from './h265-editor.ts';
import { createMpeg2Buffer } from './mpeg2-buffer.ts';
import { withClosedGroup } from './mpeg2-groups.ts';
import { copyWith } from './packet-bytes.ts';
import { withRepeatedFields } from './pulldown.ts';
import { activeFormatUserData, formatOf } from './sei-messages.ts';

/** Edits the packets of one rendition, in coding order. */
export interface StreamEditor {
  /** A changed copy, which the caller frees. `sourceFormat` is the description that came with the picture. */
  edit(packet: Packet, sourceFormat: number | null): Packet;
}

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
  if (
    timecode === null &&
    marks.unregisteredTimecode === null &&
    activeFormat === null &&
    !repeatsPictureParameters &&
    !hasMarks
  )
    return null;
  switch (encoder.codec) {
    case 'H_265':
      return createH265Editor(streamData, frameRate, extraData);
    case 'MPEG2':
      return mpeg2Editor(streamData, frameRate);
    default:
      return createH264Editor(streamData, frameRate, extraData);
  }
}

/** User data stands between the extensions of a picture and its first slice (H.262 6.2.2.2). */
function mpeg2Editor(data: StreamData, frameRate: VideoRendition['frameRate']): StreamEditor {
  const { decoderBuffer } = data;
  const buffer = decoderBuffer === undefined ? null : createMpeg2Buffer(decoderBuffer, frameRate);
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
      const whole = Buffer.concat([...parts, Buffer.alloc(Math.max(0, missing))]);
      return copyWith(packet, buffer === null ? whole : buffer.write(whole));
    },
  };
}

const mpeg2FirstSlice = Buffer.from([0, 0, 1, 1]);
