/** Fits sound to the times that its container gives it, as the plan decided (`audioDurationCorrection`). */
import type { PlannedAudioSource } from '../plan/plan.ts';

/** How one track's sound is fitted. */
export interface SoundFitting {
  /** The time at which a frame enters the filters, in samples. */
  enter(pts: bigint): bigint;
  /** Filters in front of those that align sound. */
  readonly before: string;
}

/** Share by which single frames may be stretched or squeezed beside what all have in common. */
const mostStretch = 0.25;

/** Makes the fitting of a track at `rate` samples a second. */
export function createSoundFitting(correction: PlannedAudioSource['correction'], rate: number): SoundFitting {
  if (correction === undefined) return { enter: (pts) => pts, before: '' };
  const { kind, tempo } = correction;
  const scaled = (pts: bigint): bigint => BigInt(Math.round(Number(pts) * tempo));
  if (kind === 'frame') {
    // Frames enter nearly end to end, each stretched to where the next begins; then all are played slower or faster.
    const stretch = Math.round(rate * mostStretch);
    return {
      enter: scaled,
      before: `aresample=${rate}:async=${stretch}:min_hard_comp=0.1,asetrate=${Math.round(rate * tempo)},`,
    };
  }
  let first: bigint | null = null;
  return {
    // Frames enter as they were recorded, end to end; the tempo then takes them to the times of the table.
    enter(pts) {
      first ??= pts;
      return first + scaled(pts - first);
    },
    before: `aresample=${rate}:async=1:min_hard_comp=0.04,atempo=${tempo.toFixed(9)},`,
  };
}
