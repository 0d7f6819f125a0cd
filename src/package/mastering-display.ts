/** Mastering display and light levels as the library's containers take them. */
import { AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_MASTERING_DISPLAY_METADATA } from 'node-av/constants';
import type { Stream } from 'node-av/lib';
import type { VideoRendition } from '../plan/plan.ts';

/** Gives a stream both, in the library's structures (libavutil/mastering_display_metadata.h). */
export function describeHdr({ codecpar }: Stream, hdr: NonNullable<VideoRendition['hdr']>): void {
  const { primaries, minLuminance, maxLuminance, maxContentLight, maxFrameAverageLight } = hdr;
  const display = Buffer.alloc(88);
  const numbers = [
    ...primaries.flat().map((value) => [value, 50_000]),
    [minLuminance, 10_000],
    [maxLuminance, 10_000],
  ];
  for (const [at, value] of [...numbers.flat(), 1, 1].entries()) display.writeInt32LE(value, at * 4);
  const light = Buffer.alloc(8);
  light.writeUInt32LE(maxContentLight, 0);
  light.writeUInt32LE(maxFrameAverageLight, 4);
  codecpar.addCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, display);
  if (maxContentLight > 0) codecpar.addCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, light);
}
