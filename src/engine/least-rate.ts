/**
 * The rate below which the second pass of x264 and x265 refuses to begin: headers and motion take what they take. Asked
 * for less, pictures are coded as small as they can be, which is what one pass does of itself.
 */
import { readFileSync } from 'node:fs';
import type { VideoRendition } from '../plan/plan.ts';

/** Their own estimate is in kbit/s, rounded down. */
const margin = { share: 1.02, bps: 1000 };

/** The rendition with at least the rate that its statistics ask for. */
export function withLeastRate(rendition: VideoRendition, statisticsPath: string): VideoRendition {
  const { encoder, frameRate } = rendition;
  const askedBps = encoder.askedBps ?? encoder.bitrateBps;
  if (askedBps === 0) return rendition;
  const { pictures, bits } = countFixedBits(readFileSync(statisticsPath, 'latin1'));
  if (pictures === 0) return rendition;
  const leastBps = Math.ceil(((bits * frameRate.num) / frameRate.den / pictures) * margin.share) + margin.bps;
  if (askedBps >= leastBps) return rendition;
  return { ...rendition, encoder: { ...encoder, askedBps: leastBps } };
}

/** `misc` of each line is what no quantizer changes; both encoders write it so. */
export function countFixedBits(statistics: string): { readonly pictures: number; readonly bits: number } {
  let [pictures, bits] = [0, 0];
  for (const [, count] of statistics.matchAll(/^in:.* misc:(\d+)/gm)) {
    pictures += 1;
    bits += Number(count);
  }
  return { pictures, bits };
}
