/** Lengths in seconds that streaming groups have where a document leaves them out (spec packaging.md 2). */

/** Of segments, by group. */
export const defaultSegmentSeconds = { hls: 10, cmaf: 10, dash: 30 } as const;

/** Of fragments, in every group that has them. */
export const defaultFragmentSeconds = 2;
