/** Frames that an edit list leaves of a track (ISO/IEC 14496-12 8.6.6). */
import type { IsoTrack } from './iso-tracks.ts';

/**
 * Frames of constant duration whose presentation begins inside of a piece that is shown; never more than the index
 * has. Tracks without an edit list, and those whose frames last unequally, show all.
 */
export function countShownFrames({
  shownPieces,
  durations,
  firstPresentedTicks,
  sampleCount,
}: Pick<IsoTrack, 'shownPieces' | 'durations' | 'firstPresentedTicks' | 'sampleCount'>): number {
  const period = durations[0]?.ticks ?? 0;
  // The duration of the last frame tells nothing: muxers write any.
  const isEven = durations.every(
    ({ count, ticks }, row) => ticks === period || (row === durations.length - 1 && count === 1),
  );
  if (shownPieces.length === 0 || period === 0 || !isEven) return sampleCount;
  const framesBefore = (ticks: number): number =>
    Math.min(sampleCount, Math.max(0, Math.ceil((ticks - firstPresentedTicks) / period)));
  const shown = shownPieces.reduce((sum, { start, end }) => sum + framesBefore(end) - framesBefore(start), 0);
  return Math.min(sampleCount, Math.max(1, shown));
}
