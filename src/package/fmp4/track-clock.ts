/** Time scales of fMP4 tracks (spec packaging.md 6.2). */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import type { Rational } from '../../exact-time.ts';
import type { FragmentedOutput } from '../../plan/group-plan.ts';

/** Scales that players and the service's own files use; both are multiples of most frame rates. */
const usualVideoScales = [90_000, 120_000] as const;
/** Rates that none of them divides into whole ticks get a multiple of their own at least as fine as this. */
const finestScale = 10_000;

/** What Smooth Streaming counts in, all tracks alike (spec packaging.md 11). */
export const smoothTimescale = 10_000_000;

/** Ticks a second: whole ones for each frame of video, one for each sample of audio; with Smooth one for all. */
export function timescaleOf(track: EncodedTrack, brand: FragmentedOutput['brand']): number {
  if (brand === 'piff') return smoothTimescale;
  if (track.kind === 'audio') return track.rendition.sampleRateHz;
  return videoTimescale(track.rendition.frameRate);
}

/** The smallest scale in which a frame has a whole number of ticks. */
export function videoTimescale({ num, den }: Rational): number {
  const usual = usualVideoScales.find((scale) => (scale * den) % num === 0);
  return usual ?? num * Math.ceil(finestScale / num);
}
