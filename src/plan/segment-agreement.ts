/** All renditions of a group cut at the same times (spec packaging.md 3.6): with GOP_MULTIPLE their groups must agree. */
import { equalRational, type Rational } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';

/** The segment length of a group, from what the key frames of its outputs allow; `wanted` when none has video. */
export function agreedSegment(
  lengths: readonly Rational[],
  wanted: Rational,
  pointer: string,
  findings: FindingLog,
): Rational {
  const first = lengths[0];
  if (first === undefined) return wanted;
  if (lengths.some((length) => !equalRational(length, first))) {
    const written = [...new Set(lengths.map((length) => (length.num / length.den).toFixed(3)))].join(', ');
    findings.incompatible(
      pointer,
      `with GOP_MULTIPLE the outputs would cut at different times (${written} s): give them one GOP length`,
    );
  }
  return first;
}
