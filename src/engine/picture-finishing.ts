/** The last touch on pictures before they are encoded: burnt-in timecode, and what came with them for their stream. */
import { AV_FRAME_DATA_AFD } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { VideoRendition } from '../plan/plan.ts';
import { drawBurnIn } from './burn-in.ts';
import { createTimecodes } from './sei-messages.ts';

/** Touches pictures in display order; their timestamps are output ticks. */
export interface PictureFinishing {
  finish(frame: Frame): void;
  /** The active format description that came with the picture of a tick; null: none. Each is told once. */
  takeActiveFormat(tick: bigint): number | null;
}

/** Makes the finishing; null when the rendition wants none. */
export function createPictureFinishing({ burnIn, streamData }: VideoRendition): PictureFinishing | null {
  if (burnIn === null && streamData === null) return null;
  const drawn = burnIn === null ? null : createTimecodes(burnIn.start);
  const followsFormat = streamData?.activeFormat === 'source';
  const formats = new Map<bigint, number>();
  return {
    finish(frame) {
      const tick = Number(frame.pts);
      if (burnIn !== null && drawn !== null) drawBurnIn(frame, burnIn, burnIn.prefix + drawn(tick));
      if (!followsFormat) return;
      const format = frame.getSideData(AV_FRAME_DATA_AFD)?.[0];
      if (format !== undefined) formats.set(frame.pts, format & 0x0f);
    },
    takeActiveFormat(tick) {
      const format = formats.get(tick) ?? null;
      formats.delete(tick);
      return format;
    },
  };
}
