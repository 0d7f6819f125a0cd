/**
 * How late pictures are shown that refer to later ones (spec packaging.md 6.4). HLS has one clock for all playlists: with
 * MATCH_INITIAL_PTS, which leaves the delay in the presentation times, it must be the same in all outputs of a group.
 */
import { equalRational, type Rational, rational } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { VideoRendition } from './plan.ts';

/** Refuses outputs whose pictures would begin at different times; `pointer` is the setting that keeps the delay. */
export function checkReorderDelays(
  renditions: readonly VideoRendition[],
  pointer: string,
  findings: FindingLog,
): void {
  const [first, ...others] = renditions.map(reorderSeconds);
  if (first === undefined || others.length === 0) return;
  if (first !== null && others.every((other) => other !== null && equalRational(first, other))) return;
  findings.incompatible(
    pointer,
    'in HLS playlists the pictures of the outputs would begin at different times: ' +
      'give them one frame rate and the same B-frame settings, or ZERO_BASED',
  );
}

/** The delay in output time; null: only the packets tell, of a copied stream or of an encoder that chooses. */
function reorderSeconds({ encoder, frameRate }: VideoRendition): Rational | null {
  const { codec, maxBFrames, options } = encoder;
  if (encoder.encoder === 'copy') return null;
  if (codec !== 'H_264' && codec !== 'H_265') return rational(0);
  if (maxBFrames === null) return null;
  // x264 and x265 make no pyramid of a single B-frame.
  const isPyramid = maxBFrames > 1 && /\bb-pyramid=(normal|1)\b/.test(Object.values(options).join(' '));
  const frames = maxBFrames === 0 ? 0 : isPyramid ? 2 : 1;
  return rational(frames * frameRate.den, frameRate.num);
}
