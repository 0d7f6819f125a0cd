/**
 * Marks at which a transport stream may be cut (spec containers.md 7 `segmentationMarkers`): which frames get one, and
 * what it looks like (OpenCable OC-SP-EBP-I01, encoder boundary points).
 */
import { rationalToNumber } from '../../exact-time.ts';
import type { TransportSegmentation } from '../../plan/file-plan.ts';

/** A mark of one frame. */
export interface BoundaryMark {
  readonly isSegment: boolean;
  readonly privateData: Buffer | null;
}

/** Gives the frames of one track their marks, in order of presentation time. */
export interface BoundaryMarker {
  /** The mark of a frame at output time `seconds`; null: none. `isKey`: decoding can begin here. */
  mark(seconds: number, isKey: boolean): BoundaryMark | null;
}

/** Frames begin a hair early where rates do not divide evenly. */
const toleranceSeconds = 0.0005;

/** Makes the marker of a track; null when the plan marks nothing on it. `isSpliced`: a splice point lies between two times. */
export function createBoundaryMarker(
  plan: TransportSegmentation | null,
  kind: 'video' | 'audio',
  hasVideo: boolean,
  isSpliced: (after: number, until: number) => boolean = () => false,
): BoundaryMarker | null {
  if (plan === null || (kind === 'audio' && hasVideo && !plan.onAudio)) return null;
  const isFree = kind === 'audio' && plan.audioSeconds !== null;
  const segmentSeconds = rationalToNumber((isFree ? plan.audioSeconds : null) ?? plan.seconds);
  const fragmentSeconds = plan.fragmentSeconds === null ? null : rationalToNumber(plan.fragmentSeconds);
  let nextSegment = 0;
  let nextFragment = 0;
  let lastSeconds = Number.NEGATIVE_INFINITY;
  let seen = Number.NEGATIVE_INFINITY;
  let isSplicePending = false;
  /** Where the cadence of the segments counts from. */
  let origin = 0;
  return {
    mark(seconds, isKey) {
      // Frames are shown in another order than they come in: a splice counts once, at the key frame behind it.
      if (seconds > seen) {
        isSplicePending ||= seen >= 0 && isSpliced(seen, seconds);
        seen = seconds;
      }
      const isSplice = isKey && isSplicePending;
      const isSegment = isKey && (isSplice || seconds >= nextSegment - toleranceSeconds);
      if (isSplice) isSplicePending = false;
      if (isSplice && plan.resetsCadence === true) origin = seconds;
      const isFragment =
        isSegment || (fragmentSeconds !== null && seconds >= nextFragment - toleranceSeconds);
      if (!isFragment) return null;
      // What follows the mark's own boundary is the next one.
      if (isSegment) nextSegment = origin + nextBoundary(seconds - origin, segmentSeconds);
      if (fragmentSeconds !== null) nextFragment = origin + nextBoundary(seconds - origin, fragmentSeconds);
      if ((seconds - lastSeconds) * 1000 < plan.minIntervalMs) return null;
      lastSeconds = seconds;
      const privateData =
        plan.markers === 'EBP' ? boundaryPoint(isSegment, isKey, plan.startTimeMs + seconds * 1000) : null;
      return { isSegment, privateData };
    },
  };
}

function nextBoundary(seconds: number, step: number): number {
  return (Math.floor((seconds + toleranceSeconds) / step) + 1) * step;
}

/** Seconds from 1900 to 1970: what NTP counts more. */
const ntpOffsetSeconds = 2_208_988_800;

/** Tag, length, `EBP0`, flags (fragment, segment, access point, time), access point type 1, and the time as NTP. */
function boundaryPoint(isSegment: boolean, isKey: boolean, timeMs: number): Buffer {
  const flags = 0x80 | (isSegment ? 0x40 : 0) | (isKey ? 0x20 : 0) | 0x08;
  const time = Buffer.alloc(8);
  const seconds = timeMs / 1000 + ntpOffsetSeconds;
  time.writeUInt32BE(Math.floor(seconds), 0);
  time.writeUInt32BE(Math.min(0xffff_ffff, Math.floor((seconds % 1) * 2 ** 32)), 4);
  const content = Buffer.concat([
    Buffer.from('EBP0', 'latin1'),
    Buffer.of(flags),
    ...(isKey ? [Buffer.of((1 << 5) | 0x1f)] : []),
    time,
  ]);
  return Buffer.concat([Buffer.of(0xdf, content.length), content]);
}
