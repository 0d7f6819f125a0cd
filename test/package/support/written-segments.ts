/** Segments as writers report them, without writing any. */
import type { WrittenSegment } from '../../../src/package/segment-files.ts';
import type { HlsOutput } from '../../../src/plan/group-plan.ts';

/** Segments one behind the other; sizes and ends as given. */
export function segments(
  output: HlsOutput,
  ends: readonly number[],
  sizes: readonly number[],
): WrittenSegment[] {
  return ends.map((end, index) => ({
    location: output.segmentLocation.replace('%05d', String(index + 1).padStart(5, '0')),
    offsetBytes: 0,
    sizeBytes: sizes[index] ?? 0,
    startUs: Math.round((ends[index - 1] ?? 0) * 1e6),
    endUs: Math.round(end * 1e6),
    keyFrames: [],
  }));
}
