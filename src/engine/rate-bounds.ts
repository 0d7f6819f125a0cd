/** Whether the pictures of a pass keep the buffer that a job asks for (leaky bucket, Rec. ITU-T H.264 annex C). */
import type { Packet } from 'node-av/lib';
import { rationalToNumber } from '../exact-time.ts';
import type { VideoRendition } from '../plan/plan.ts';

/** Adds a packet to the frame it is shown at: pictures that are never shown count with the next. */
export function countPicture(pictureBytes: number[] | undefined, packet: Packet): void {
  if (pictureBytes === undefined) return;
  const frame = Math.max(0, Number(packet.pts));
  pictureBytes[frame] = (pictureBytes[frame] ?? 0) + packet.size;
}

/** Decoders begin with this share of the buffer, as everywhere without a setting of its own (spec video.md 4). */
export const initialFill = 0.9;

/**
 * Lowest fill of a buffer that fills at the peak, as a share of it; below 0 some picture would not have been there in
 * time. Sizes are taken times `scale`.
 */
export function lowestFill(
  { encoder, frameRate }: VideoRendition,
  pictureBytes: readonly number[],
  scale: number,
): number {
  const { maxBitrateBps, bufferSizeBits } = encoder;
  const inflow = maxBitrateBps / rationalToNumber(frameRate);
  let fill = bufferSizeBits * initialFill;
  let lowest = fill;
  for (const bytes of pictureBytes) {
    fill -= (bytes ?? 0) * 8 * scale;
    lowest = Math.min(lowest, fill);
    fill = Math.min(bufferSizeBits, fill + inflow);
  }
  return lowest / bufferSizeBits;
}
